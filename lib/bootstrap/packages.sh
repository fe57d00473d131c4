# shellcheck shell=sh
# Functions of the node program about what the image lacks, where the cluster or the deployment names package repositories. The
# program reads them in. The scripts that install are those that make our images.

# shellcheck disable=SC1091
. "$CONFIG/packages.env"
: "${KUBERNETES_APT:=}" "${KUBERNETES_DNF:=}" "${KUBERNETES_KEY:=}" "${KUBERNETES_FINGERPRINT:=}"
: "${CONTAINERD_APT:=}" "${CONTAINERD_DNF:=}" "${CONTAINERD_KEY:=}" "${CONTAINERD_FINGERPRINT:=}"

# What kubeadm needs and the image does not have, as a list.
find_lacking() {
  lacking=
  for tool in containerd kubelet kubeadm kubectl; do
    command -v "$tool" >/dev/null || lacking="$lacking $tool"
  done
  case $lacking in *kube*) return 0 ;; esac
  has=$(kubeadm version -o short 2>/dev/null || true)
  [ "$has" = "v$KUBERNETES_VERSION" ] || lacking="$lacking kubeadm $KUBERNETES_VERSION (it has ${has:-another})"
}

# Runs one of the scripts. $1 its name.
run_script() {
  log "$1"
  env KUBERNETES_VERSION="$KUBERNETES_VERSION" \
    KUBERNETES_REPOSITORY="$kubernetes" KUBERNETES_KEY="$KUBERNETES_KEY" KUBERNETES_FINGERPRINT="$KUBERNETES_FINGERPRINT" \
    CONTAINERD_REPOSITORY="$containerd" CONTAINERD_KEY="$CONTAINERD_KEY" CONTAINERD_FINGERPRINT="$CONTAINERD_FINGERPRINT" \
    ON_NODE=yes CURL_CONFIG="$CURL_CONFIG" sh "$ROOT/var/lib/slipway/install/$1" || fail "the image lacks:$lacking. It could not be installed ($1): see /var/log/slipway.log on the node"
}

# Installs it from the repositories, by the system's own package manager.
install_what_lacks() {
  find_lacking
  [ -n "$lacking" ] || return 0
  if [ -n "$KUBERNETES_APT" ] && command -v apt-get >/dev/null; then
    manager=apt kubernetes=$KUBERNETES_APT containerd=$CONTAINERD_APT
  elif [ -n "$KUBERNETES_DNF" ] && command -v dnf >/dev/null; then
    manager=dnf kubernetes=$KUBERNETES_DNF containerd=$CONTAINERD_DNF
  else
    fail "the image lacks:$lacking. It has neither apt-get with packages.kubernetes.apt, nor dnf with packages.kubernetes.dnf."
  fi
  case $lacking in
    *containerd*) [ -n "$containerd" ] || fail "the image lacks:$lacking, and no repository of containerd is named (packages.containerd.$manager)" ;;
    *) containerd= ;;
  esac
  phase install "installing what the image lacks:$lacking"
  run_script kernel.sh
  run_script "packages-$manager.sh"
  [ -z "$containerd" ] || run_script containerd.sh
  # Where a shell looks for programs it remembers.
  hash -r
}
