# Where the template is made.

variable "vcenter_server" {
  type        = string
  description = "Host name of the vCenter"
}

variable "vcenter_user" {
  type        = string
  description = "Who signs in; docs/images.md has the privileges"
}

variable "vcenter_password" {
  type        = string
  description = "Better given as PKR_VAR_vcenter_password than in a file"
  sensitive   = true
}

variable "insecure_connection" {
  type        = bool
  description = "Whether the vCenter's certificate goes unchecked"
  default     = false
}

variable "datacenter" {
  type        = string
  description = "Name of the datacenter"
}

variable "cluster" {
  type        = string
  description = "Name of the compute cluster (or host) on which the template is built"
}

variable "resource_pool" {
  type        = string
  description = "Path of a resource pool in it; empty: the cluster's own"
  default     = ""
}

variable "datastore" {
  type        = string
  description = "Name of the datastore on which the template lies"
}

variable "folder" {
  type        = string
  description = "Path of the VM folder in which the template lies"
  default     = ""
}

variable "network" {
  type        = string
  description = "Name of a network with DHCP, from which the mirrors are reached"
}
