#!/bin/sh
# Says what an image lacks to become a node. It may be run in any image, as root. KUBERNETES_VERSION: the version wanted, if any.
# shellcheck disable=SC2329 # The checks are called by name.
set -eu
failed=0

# One check: $1 what it is, then the command.
check() {
  what=$1
  shift
  if "$@" >/dev/null 2>&1; then
    echo "ok      $what"
  else
    echo "MISSING $what"
    failed=1
  fi
}

has() { command -v "$1"; }
contains() { grep -rqs "$1" "$2"; }
no_swap() { [ "$(wc -l </proc/swaps)" -le 1 ] && ! grep -q '[[:space:]]swap[[:space:]]' /etc/fstab; }
is_version() { kubeadm version -o short | grep -qx "v$KUBERNETES_VERSION" && kubelet --version | grep -q " v$KUBERNETES_VERSION$"; }
is_new_containerd() { containerd --version | grep -Eq ' v?([2-9]|[1-9][0-9]+)\.'; }
forwards() { [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ]; }

for tool in curl sed tr od base64 hostname systemctl containerd runc kubelet kubeadm kubectl cloud-init growpart; do
  check "$tool" has "$tool"
done
check 'open-vm-tools (vmware-rpctool)' has vmware-rpctool
check 'containerd 2.0 or newer' is_new_containerd
check 'containerd leaves control groups to systemd' contains 'SystemdCgroup = true' /etc/containerd
check 'containerd is enabled' systemctl is-enabled containerd
check 'cloud-init asks the VMware datasource' contains '^datasource_list:.*VMware' /etc/cloud
check 'kernel module br_netfilter is loaded at boot' contains '^br_netfilter' /etc/modules-load.d
check 'packets are forwarded' forwards
check 'no swap' no_swap
[ -z "${KUBERNETES_VERSION:-}" ] || check "Kubernetes $KUBERNETES_VERSION" is_version
exit "$failed"
