# What Ubuntu's installer wants: autoinstall, found by cloud-init on a CD with the label cidata.
# https://canonical-subiquity.readthedocs-hosted.com/en/latest/reference/autoinstall-reference.html

locals {
  system          = "ubuntu-24.04"
  guest_os_type   = "ubuntu64Guest"
  package_manager = "apt"
  http_content    = {}
  cd_label        = "cidata"
  cd_content = {
    "meta-data" = ""
    "user-data" = templatefile("${path.root}/user-data.pkrtpl", {
      build_user     = local.build_user
      ssh_public_key = var.ssh_public_key
      package_mirror = var.package_mirror
    })
  }
  boot_command = [
    "c<wait3s>",
    "linux /casper/vmlinuz autoinstall ds=nocloud ---<enter><wait3s>",
    "initrd /casper/initrd<enter><wait3s>",
    "boot<enter>",
  ]
}
