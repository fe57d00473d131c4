build {
  sources = ["source.vsphere-iso.node"]

  provisioner "file" {
    source      = "${path.root}/../files/99-slipway.cfg"
    destination = "/tmp/99-slipway.cfg"
  }

  provisioner "shell" {
    execute_command = "sudo env {{ .Vars }} sh {{ .Path }}"
    environment_vars = [
      "KUBERNETES_VERSION=${var.kubernetes_version}",
      "KUBERNETES_REPOSITORY=${var.kubernetes_repository}",
      "CONTAINERD_REPOSITORY=${var.containerd_repository}",
      "CONTAINERD_KEY=${var.containerd_key}",
    ]
    scripts = [
      "${path.root}/../scripts/kernel.sh",
      "${path.root}/../scripts/packages-${local.package_manager}.sh",
      "${path.root}/../scripts/containerd.sh",
      "${path.root}/../scripts/cloud-init.sh",
      "${path.root}/../scripts/check.sh",
      "${path.root}/../scripts/seal.sh",
    ]
  }
}
