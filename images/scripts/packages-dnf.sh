#!/bin/sh
# Installs the container runtime and Kubernetes' tools from the given rpm repositories, and keeps them at their version.
# Needs: KUBERNETES_VERSION, KUBERNETES_REPOSITORY; CONTAINERD_REPOSITORY and CONTAINERD_KEY for a container runtime.
# May be given: KUBERNETES_KEY, KUBERNETES_FINGERPRINT, CONTAINERD_FINGERPRINT; ON_NODE where a node does this at its first boot, and
# CURL_CONFIG, how curl reaches the repositories there.
set -eu
: "${KUBERNETES_VERSION:?}" "${KUBERNETES_REPOSITORY:?}" "${CONTAINERD_REPOSITORY:=}" "${CONTAINERD_KEY:=}"
: "${KUBERNETES_KEY:=${KUBERNETES_REPOSITORY%/}/repodata/repomd.xml.key}" "${KUBERNETES_FINGERPRINT:=}" "${CONTAINERD_FINGERPRINT:=}"
: "${ON_NODE:=}" "${CURL_CONFIG:=}"

# Where the file system begins: empty on a node.
root=${SLIPWAY_ROOT:-}
keys=$root/etc/pki/rpm-gpg

# Adds repository $1 at URL $2 with the key at URL $3, of the fingerprint $4 if that is given. What it has is left alone by an ordinary
# update.
add() {
  curl -fsSL --retry 5 ${CURL_CONFIG:+-K "$CURL_CONFIG"} -o "$keys/$1.key" "$3"
  if [ -n "$4" ] && ! gpg --batch --show-keys --with-colons "$keys/$1.key" | grep '^fpr:' | grep -q ":$4:"; then
    echo "the key at $3 does not have the fingerprint $4" >&2
    exit 1
  fi
  cat >"$root/etc/yum.repos.d/$1.repo" <<END
[$1]
name=$1
baseurl=$2
enabled=1
gpgcheck=1
gpgkey=file://$keys/$1.key
exclude=containerd.io kubelet kubeadm kubectl cri-tools kubernetes-cni
END
}

mkdir -p "$keys"
add kubernetes "$KUBERNETES_REPOSITORY" "$KUBERNETES_KEY" "$KUBERNETES_FINGERPRINT"
[ -z "$CONTAINERD_REPOSITORY" ] || add containerd "$CONTAINERD_REPOSITORY" "$CONTAINERD_KEY" "$CONTAINERD_FINGERPRINT"

if [ -z "$ON_NODE" ]; then
  dnf -q -y update
  dnf -q -y install open-vm-tools cloud-init cloud-utils-growpart curl
fi
dnf -q -y install iproute-tc tar
dnf -q -y install --disableexcludes=all ${CONTAINERD_REPOSITORY:+containerd.io} \
  "kubelet-$KUBERNETES_VERSION" "kubeadm-$KUBERNETES_VERSION" "kubectl-$KUBERNETES_VERSION"
systemctl disable dnf-makecache.timer
dnf clean all
