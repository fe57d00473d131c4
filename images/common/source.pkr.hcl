locals {
  build_user    = "builder"
  template_name = "${local.system}-kubernetes-${var.kubernetes_version}"
}

source "vsphere-iso" "node" {
  vcenter_server      = var.vcenter_server
  username            = var.vcenter_user
  password            = var.vcenter_password
  insecure_connection = var.insecure_connection
  datacenter          = var.datacenter
  cluster             = var.cluster
  resource_pool       = var.resource_pool
  datastore           = var.datastore
  folder              = var.folder

  vm_name              = local.template_name
  notes                = "Slipway node image. System: ${local.system}. Kubernetes: ${var.kubernetes_version}. Built: ${timestamp()}."
  convert_to_template  = true
  vm_version           = var.vm_version
  guest_os_type        = var.guest_os_type != "" ? var.guest_os_type : local.guest_os_type
  firmware             = "efi"
  CPUs                 = 2
  RAM                  = 4096
  disk_controller_type = ["pvscsi"]
  storage {
    disk_size             = var.disk_size
    disk_thin_provisioned = true
  }
  network_adapters {
    network      = var.network
    network_card = "vmxnet3"
  }

  iso_url      = var.iso_url
  iso_checksum = var.iso_checksum
  cd_label     = local.cd_label
  cd_content   = local.cd_content
  http_content = local.http_content
  remove_cdrom = true
  boot_wait    = "5s"
  boot_command = local.boot_command

  ip_wait_timeout      = "45m"
  ssh_username         = local.build_user
  ssh_private_key_file = var.ssh_private_key_file
  ssh_timeout          = "45m"
  # An installer may have an SSH server too, and refuse the user that it has not made yet.
  ssh_handshake_attempts = 1000
  shutdown_command       = "sudo sh -c 'userdel -rf ${local.build_user}; rm -f /etc/sudoers.d/${local.build_user} /etc/sudoers.d/90-cloud-init-users; shutdown -P now'"
}
