# shellcheck shell=sh
# Functions of the node program around kubeadm. The program reads them in.
#
# kubeadm can not go on with what a try has left half done: it refuses to, or takes it for whole. So a try that ended well leaves a
# mark, and what one without it has left is taken back by kubeadm itself before the next.

# There once kubeadm has ended well.
DONE=$ROOT/var/lib/slipway/kubeadm-done
# Seconds between two tries, and how many there are: the control plane holds a node for alive up to a minute after its death, and
# kubeadm does not join another of its name meanwhile.
: "${AGAIN_SECONDS:=10}" "${TRIES:=12}"
# Whether a try before this one did not end.
AGAIN=

# Waits until no other run of the program is left, nor a kubeadm that one has left behind.
run_alone() {
  command -v flock >/dev/null || return 0
  exec 9>"$WORK/lock"
  flock -w 900 9 || {
    log 'another run of this program does not end'
    exit 1
  }
}

# Whether kubeadm has begun, and was not heard to have ended well.
is_half_done() {
  [ ! -e "$DONE" ] || return 1
  for file in admin.conf kubelet.conf bootstrap-kubelet.conf manifests/etcd.yaml manifests/kube-apiserver.yaml pki/apiserver.crt; do
    [ ! -e "$KUBERNETES/$file" ] || return 0
  done
  return 1
}

# Takes back what a try that did not end has left, in the cluster too where that can be reached. The authorities go as well, and
# are fetched again.
take_back() {
  phase reset 'kubeadm did not end: taking back what it has done'
  kubeadm reset --force --cert-dir "$PKI" || log 'kubeadm reset failed'
  rm -rf "$PKI"
  rm -f "$KUBERNETES/admin.conf" "$KUBERNETES/kubelet.conf" "$KUBERNETES/bootstrap-kubelet.conf" "$KUBERNETES"/manifests/*.yaml
  mkdir -p "$PKI/etcd"
  AGAIN=yes
}

# Before anything is written that kubeadm reset would remove.
take_back_half_done() { ! is_half_done || take_back; }

# Runs kubeadm $1 (init or join), with the option $2 if there is one, to a good end. One that was killed is tried again, and a join
# that may be too early for the node's name.
kubeadm_to_the_end() {
  tries=$TRIES
  while :; do
    code=0
    kubeadm "$1" --config "$KUBERNETES/kubeadm.yaml" ${2:+"$2"} || code=$?
    [ "$code" -ne 0 ] || break
    tries=$((tries - 1))
    if [ "$tries" -le 0 ] || { [ "$code" -le 128 ] && [ "$1$AGAIN" != joinyes ]; }; then
      fail "kubeadm $1 failed: see /var/log/slipway.log on the node"
    fi
    log "kubeadm $1 ended with $code"
    take_back
    [ "$NODE_ROLE" = worker ] || fetch_certificates
    sleep "$AGAIN_SECONDS"
    phase "$1" "kubeadm $1, once more"
  done
  : >"$DONE"
  # What kubeadm wrote goes to the disk before anybody hears of it.
  sync
}
