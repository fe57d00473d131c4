# The hardware of the template. A cluster's pools say what their nodes have.

variable "vm_version" {
  type        = number
  description = "Hardware version: 19 runs on vSphere 7.0 U2 and newer"
  default     = 19

  validation {
    condition     = var.vm_version >= 15
    error_message = "At least 15: Slipway refuses older templates."
  }
}

variable "guest_os_type" {
  type        = string
  description = "vSphere's name of the system; empty: the one that vSphere 8 has for it"
  default     = ""
}

variable "disk_size" {
  type        = number
  description = "MiB of the disk; it is thin, and grows with a pool's disk size"
  default     = 20480
}

variable "ssh_public_key" {
  type        = string
  description = "Public key with which Packer signs in during the build; the user that has it is removed at its end"
}

variable "ssh_private_key_file" {
  type        = string
  description = "Path of its private key"
}
