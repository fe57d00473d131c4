#!/bin/sh
# containerd as the kubelet of a systemd machine wants it: control groups by systemd, and its CRI plugin not switched off.
set -eu
# Where the file system begins: empty on a node.
root=${SLIPWAY_ROOT:-}

mkdir -p "$root/etc/containerd"
containerd config default | sed 's/SystemdCgroup = false/SystemdCgroup = true/' >"$root/etc/containerd/config.toml"
grep -q 'SystemdCgroup = true' "$root/etc/containerd/config.toml" || {
  echo 'the default configuration of this containerd has no SystemdCgroup: is it older than 2.0?' >&2
  exit 1
}

cat >"$root/etc/crictl.yaml" <<EOF
runtime-endpoint: unix:///run/containerd/containerd.sock
EOF

# The node program starts the kubelet, once there is something to run.
systemctl enable containerd
systemctl restart containerd
systemctl disable kubelet
