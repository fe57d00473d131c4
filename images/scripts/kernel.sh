#!/bin/sh
# What kubeadm's preflight and the kubelet want of the kernel: bridged traffic is filtered, packets are forwarded, nothing swaps.
set -eu
# Where the file system begins: empty on a node.
root=${SLIPWAY_ROOT:-}

mkdir -p "$root/etc/modules-load.d" "$root/etc/sysctl.d"
cat >"$root/etc/modules-load.d/kubernetes.conf" <<EOF
overlay
br_netfilter
EOF

cat >"$root/etc/sysctl.d/90-kubernetes.conf" <<EOF
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
net.ipv4.ip_forward = 1
EOF

modprobe overlay
modprobe br_netfilter
sysctl --quiet --system

swapoff -a
[ ! -e "$root/etc/fstab" ] || sed -i '/[[:space:]]swap[[:space:]]/d' "$root/etc/fstab"
rm -f "$root/swap.img"
