# What is in the template. Addresses have no default: images/README.md says which ones to set.

variable "kubernetes_version" {
  type        = string
  description = "Version of kubelet, kubeadm and kubectl"
  default     = "1.36.1"

  validation {
    condition     = can(regex("^1\\.[0-9]{1,2}\\.[0-9]{1,3}$", var.kubernetes_version))
    error_message = "A full version such as 1.36.1."
  }
}

variable "kubernetes_repository" {
  type        = string
  description = "URL of the package repository (deb or rpm) of that minor version of Kubernetes"
}

variable "containerd_repository" {
  type        = string
  description = "URL of a package repository that has containerd.io, 2.0 or newer"
}

variable "containerd_key" {
  type        = string
  description = "URL of the key that signs it"
}

variable "package_mirror" {
  type        = string
  description = "URL of a mirror of the distribution"
}

variable "iso_url" {
  type        = string
  description = "URL or path of the distribution's installation ISO"
}

variable "iso_checksum" {
  type        = string
  description = "Its checksum, such as sha256:…, or file: and the URL of a list of checksums"
}
