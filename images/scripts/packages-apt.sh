#!/bin/sh
# Installs the container runtime and Kubernetes' tools from the given deb repositories, and keeps them at their version.
# Needs: KUBERNETES_VERSION, KUBERNETES_REPOSITORY; CONTAINERD_REPOSITORY and CONTAINERD_KEY for a container runtime.
# May be given: KUBERNETES_KEY, KUBERNETES_FINGERPRINT, CONTAINERD_FINGERPRINT; ON_NODE where a node does this at its first boot, and
# CURL_CONFIG, how curl reaches the repositories there.
set -eu
export DEBIAN_FRONTEND=noninteractive
: "${KUBERNETES_VERSION:?}" "${KUBERNETES_REPOSITORY:?}" "${CONTAINERD_REPOSITORY:=}" "${CONTAINERD_KEY:=}"
: "${KUBERNETES_KEY:=${KUBERNETES_REPOSITORY%/}/Release.key}" "${KUBERNETES_FINGERPRINT:=}" "${CONTAINERD_FINGERPRINT:=}"
: "${ON_NODE:=}" "${CURL_CONFIG:=}"

# Where the file system begins: empty on a node.
root=${SLIPWAY_ROOT:-}
# shellcheck disable=SC1091
codename=$(. "$root/etc/os-release" && echo "${VERSION_CODENAME:-}")
keys=$root/etc/apt/keyrings

# The system's own timers may be at it.
apt() { apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"; }

# Adds repository $1 with the key at URL $2, of the fingerprint $3 if that is given, and the line of sources.list from its address on, $4.
add() {
  curl -fsSL --retry 5 ${CURL_CONFIG:+-K "$CURL_CONFIG"} -o "$keys/$1.key" "$2"
  if [ -n "$3" ] && ! gpg --batch --show-keys --with-colons "$keys/$1.key" | grep '^fpr:' | grep -q ":$3:"; then
    echo "the key at $2 does not have the fingerprint $3" >&2
    exit 1
  fi
  gpg --batch --yes --dearmor -o "$keys/$1.gpg" "$keys/$1.key"
  rm "$keys/$1.key"
  echo "deb [signed-by=$keys/$1.gpg] $4" >"$root/etc/apt/sources.list.d/$1.list"
}

apt update
needed='ca-certificates curl gpg open-vm-tools cloud-init cloud-guest-utils'
if [ -n "$ON_NODE" ]; then
  # It booted with the others, and may reach no mirror of its distribution.
  needed=
  for tool in curl gpg; do command -v "$tool" >/dev/null || needed="$needed $tool"; done
fi
# shellcheck disable=SC2086
[ -z "$needed" ] || apt install $needed
mkdir -p "$keys"
add kubernetes "$KUBERNETES_KEY" "$KUBERNETES_FINGERPRINT" "${KUBERNETES_REPOSITORY%/}/ /"
[ -z "$CONTAINERD_REPOSITORY" ] ||
  add containerd "$CONTAINERD_KEY" "$CONTAINERD_FINGERPRINT" "${CONTAINERD_REPOSITORY%/} $codename stable"

apt update
apt --allow-change-held-packages --allow-downgrades install ${CONTAINERD_REPOSITORY:+containerd.io} \
  "kubelet=$KUBERNETES_VERSION-*" "kubeadm=$KUBERNETES_VERSION-*" "kubectl=$KUBERNETES_VERSION-*"
# Nodes are replaced, never changed: no timer updates them.
apt-mark hold ${CONTAINERD_REPOSITORY:+containerd.io} kubelet kubeadm kubectl
systemctl disable apt-daily.timer apt-daily-upgrade.timer
[ -n "$ON_NODE" ] || apt autoremove
apt-get clean
