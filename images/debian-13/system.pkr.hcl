# What Debian's installer wants: a preseed file, fetched from Packer's own web server.
# Debian GNU/Linux Installation Guide, appendix B.

locals {
  system          = "debian-13"
  guest_os_type   = "debian12_64Guest" # Only vSphere 9 knows a newer one.
  package_manager = "apt"
  cd_label        = ""
  cd_content      = {}
  mirror          = regex("^(?P<protocol>https?)://(?P<host>[^/]+)(?P<directory>/.*)?$", var.package_mirror)
  http_content = {
    "/preseed.cfg" = templatefile("${path.root}/preseed.pkrtpl", {
      build_user     = local.build_user
      ssh_public_key = var.ssh_public_key
      mirror         = local.mirror
    })
  }
  boot_command = [
    "c<wait3s>",
    "linux /install.amd/vmlinuz auto=true priority=critical preseed/url=http://{{ .HTTPIP }}:{{ .HTTPPort }}/preseed.cfg ---<enter><wait3s>",
    "initrd /install.amd/initrd.gz<enter><wait3s>",
    "boot<enter>",
  ]
}
