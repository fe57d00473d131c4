# shellcheck shell=sh
# Functions of the node program about the cluster's endpoint. The program reads them in.
#
# kubeadm init, and what it leaves behind, reaches the API server at the endpoint, which leads nowhere before the leader is up:
# a virtual IP the leader takes first; a load balancer or DNS name leads the leader to itself until it is ready.

HOSTS=$ROOT/etc/hosts
# There from when the node was ready.
READY=$ROOT/var/lib/slipway/ready
VIRTUAL_IP_PROGRAM=$ROOT/var/lib/slipway/virtual-ip.sh
# At the end of the line in /etc/hosts that is ours.
MARK='# slipway: until the control plane is up'
# Seconds in which a load balancer should have found its first target.
: "${ENDPOINT_SECONDS:=120}"

# Installs keepalived where the image has none.
prepare_endpoint() {
  [ -n "$VIRTUAL_IP" ] || return 0
  command -v keepalived >/dev/null || {
    log 'installing keepalived'
    if command -v apt-get >/dev/null; then
      export DEBIAN_FRONTEND=noninteractive
      apt-get -q -o DPkg::Lock::Timeout=300 update || true
      apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install keepalived
    else
      dnf -q -y install keepalived
    fi
  } || fail 'the image lacks keepalived, and it could not be installed: see /var/log/slipway.log on the node'
}

# Has connections of this node to the endpoint go to its own API server: $1 is -I to begin, -D to end. A name that
# /etc/hosts leads here needs it only for another port, an address always.
redirect() {
  host=${ENDPOINT%:*}
  case $host in *[!0-9.]*) to=$IP ;; *) to=$host ;; esac
  [ "$to:${ENDPOINT##*:}" != "$IP:6443" ] || return 0
  iptables -w -t nat "$1" OUTPUT -p tcp -d "$to" --dport "${ENDPOINT##*:}" -j DNAT --to-destination "$IP:6443"
}

# Takes our line out of /etc/hosts.
forget_host() {
  [ -f "$HOSTS" ] || return 0
  others=$(grep -vF "$MARK" "$HOSTS" || true)
  # Not moved into place: it keeps its mode.
  printf '%s\n' "$others" >"$HOSTS"
}

# The leader, before its API server is up.
hold_endpoint() {
  [ -n "$ENDPOINT" ] || return 0
  phase endpoint "leading $ENDPOINT to this node until the control plane is up"
  if [ -n "$VIRTUAL_IP" ]; then
    said=$(sh "$VIRTUAL_IP_PROGRAM" hold "$IP") || fail "${said:-keepalived could not be started: see its journal on the node}"
    return 0
  fi
  forget_host
  case ${ENDPOINT%:*} in
    *[!0-9.]*) printf '%s %s %s\n' "$IP" "${ENDPOINT%:*}" "$MARK" >>"$HOSTS" ;;
  esac
  redirect -D 2>/dev/null || true
  redirect -I || log "no redirection by iptables: $ENDPOINT must lead here by itself as soon as the API server is up"
}

# The leader, once its API server is up: from now on the endpoint is what others find it to be.
settle_endpoint() {
  [ -n "$ENDPOINT" ] || return 0
  if [ -n "$VIRTUAL_IP" ]; then
    follow_endpoint
    return 0
  fi
  release_endpoint
  phase endpoint "waiting until $ENDPOINT leads to the control plane"
  waited=0
  until curl -ksf --noproxy '*' --max-time 5 -o /dev/null "https://$ENDPOINT/readyz"; do
    if [ "$waited" -ge "$ENDPOINT_SECONDS" ]; then
      # Some load balancers never lead a target to itself: others may reach it all the same.
      report running "the leader does not reach its API server at $ENDPOINT: check that it is a healthy target of the load balancer, at port 6443" false
      return 0
    fi
    sleep 2
    waited=$((waited + 2))
  done
}

# A member of the control plane, from now on.
follow_endpoint() {
  [ -z "$VIRTUAL_IP" ] || sh "$VIRTUAL_IP_PROGRAM" watch "$IP" || fail "keepalived could not be set up for $VIRTUAL_IP: see /var/log/slipway.log on the node"
}

# Undoes what hold_endpoint did. A node that was ready once keeps the part that it has.
release_endpoint() {
  [ "$NODE_ROLE" != worker ] && [ ! -e "$READY" ] || return 0
  if [ -n "$VIRTUAL_IP" ]; then
    sh "$VIRTUAL_IP_PROGRAM" release "$IP" || true
  elif [ -n "$ENDPOINT" ]; then
    forget_host
    redirect -D 2>/dev/null || true
  fi
}
