# What Rocky's installer wants: a kickstart file, found on a CD with the label OEMDRV.
# https://pykickstart.readthedocs.io/en/latest/kickstart-docs.html

locals {
  system          = "rocky-9"
  guest_os_type   = "rockylinux_64Guest"
  package_manager = "dnf"
  http_content    = {}
  cd_label        = "OEMDRV"
  cd_content = {
    "ks.cfg" = templatefile("${path.root}/ks.pkrtpl", {
      build_user     = local.build_user
      ssh_public_key = var.ssh_public_key
      package_mirror = var.package_mirror
    })
  }
  boot_command = [
    "<up>e<wait3s>",
    "<down><down><end> inst.text inst.ks=hd:LABEL=OEMDRV:/ks.cfg<wait>",
    "<leftCtrlOn>x<leftCtrlOff>",
  ]
}
