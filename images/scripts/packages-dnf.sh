#!/bin/sh
# Installs the container runtime and Kubernetes' tools from the given rpm repositories, and keeps them at their version.
# Needs: KUBERNETES_VERSION, KUBERNETES_REPOSITORY, CONTAINERD_REPOSITORY, CONTAINERD_KEY
set -eu
: "${KUBERNETES_VERSION:?}" "${KUBERNETES_REPOSITORY:?}" "${CONTAINERD_REPOSITORY:?}" "${CONTAINERD_KEY:?}"

# Adds repository $1 at URL $2 with the key at URL $3. What it has is left alone by an ordinary update.
add() {
  cat >"/etc/yum.repos.d/$1.repo" <<EOF
[$1]
name=$1
baseurl=$2
enabled=1
gpgcheck=1
gpgkey=$3
exclude=containerd.io kubelet kubeadm kubectl cri-tools kubernetes-cni
EOF
}

add kubernetes "$KUBERNETES_REPOSITORY" "${KUBERNETES_REPOSITORY%/}/repodata/repomd.xml.key"
add containerd "$CONTAINERD_REPOSITORY" "$CONTAINERD_KEY"

dnf -q -y update
dnf -q -y install open-vm-tools cloud-init cloud-utils-growpart curl iproute-tc tar
dnf -q -y install --disableexcludes=all \
  containerd.io "kubelet-$KUBERNETES_VERSION" "kubeadm-$KUBERNETES_VERSION" "kubectl-$KUBERNETES_VERSION"
systemctl disable dnf-makecache.timer
dnf clean all
