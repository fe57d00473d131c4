#!/bin/sh
# Installs the container runtime and Kubernetes' tools from the given deb repositories, and keeps them at their version.
# Needs: KUBERNETES_VERSION, KUBERNETES_REPOSITORY, CONTAINERD_REPOSITORY, CONTAINERD_KEY
set -eu
export DEBIAN_FRONTEND=noninteractive
: "${KUBERNETES_VERSION:?}" "${KUBERNETES_REPOSITORY:?}" "${CONTAINERD_REPOSITORY:?}" "${CONTAINERD_KEY:?}"

# shellcheck disable=SC1091
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
keys=/etc/apt/keyrings

# Adds repository $1 with the key at URL $2, and the line of sources.list from its address on, $3.
add() {
  curl -fsSL --retry 5 "$2" | gpg --batch --yes --dearmor -o "$keys/$1.gpg"
  echo "deb [signed-by=$keys/$1.gpg] $3" >"/etc/apt/sources.list.d/$1.list"
}

apt-get -q update
apt-get -q -y install ca-certificates curl gpg open-vm-tools cloud-init cloud-guest-utils
mkdir -p "$keys"
add kubernetes "${KUBERNETES_REPOSITORY%/}/Release.key" "${KUBERNETES_REPOSITORY%/}/ /"
add containerd "$CONTAINERD_KEY" "${CONTAINERD_REPOSITORY%/} $codename stable"

apt-get -q update
apt-get -q -y install containerd.io "kubelet=$KUBERNETES_VERSION-*" "kubeadm=$KUBERNETES_VERSION-*" "kubectl=$KUBERNETES_VERSION-*"
# Nodes are replaced, never changed: no timer updates them.
apt-mark hold containerd.io kubelet kubeadm kubectl
systemctl disable apt-daily.timer apt-daily-upgrade.timer
apt-get -q -y autoremove
apt-get clean
