#!/bin/sh
# Holds the cluster's virtual IP on a control-plane node: VRRP by keepalived, unicast among the control-plane nodes.
#
# virtual-ip.sh hold ADDRESS     the leader takes it before its API server is up, as the only candidate
# virtual-ip.sh watch ADDRESS    the node is a member: from now on the health of its API server decides, and its peers are followed
# virtual-ip.sh refresh ADDRESS  what the timer runs: reads the peers from the node's own API server
# virtual-ip.sh check ADDRESS    what keepalived runs: whether this node may hold it
# virtual-ip.sh release ADDRESS  gives it up
#
# ADDRESS is the node's own. Needs: sh, ip, curl, systemctl, keepalived; kubectl for the peers.
set -eu
umask 077

# Where the file system begins: empty on a node. keepalived and systemd pass no environment on.
ROOT=${0%/var/lib/slipway/*}
# shellcheck disable=SC1091
. "$ROOT/etc/slipway/node.env"
: "${VIRTUAL_IP:?}" "${VIRTUAL_ROUTER_ID:?}"
COMMAND=$1
IP=$2
SELF=$ROOT/var/lib/slipway/virtual-ip.sh
CONFIG=$ROOT/etc/keepalived/keepalived.conf
UNITS=$ROOT/etc/systemd/system
ADMIN=$ROOT/etc/kubernetes/admin.conf
# There while the leader's API server is not up yet. It does not outlive a reboot.
HOLDING=$ROOT/run/slipway/holding-virtual-ip

# Where the node's address is.
interface() { ip -o -4 addr show | sed -n "s|^[0-9]*: *\([^ ]*\) *inet $IP/.*|\1|p" | sed 1q; }

held() { ip -o -4 addr show | grep -q " inet $VIRTUAL_IP/"; }

# Writes keepalived's configuration for the peers on standard input, one address a line. Succeeds where it changed.
#
# One that has no peer yet sends to the virtual IP itself, which it has: nothing leaves the machine, and no peer at all would
# mean multicast, from which keepalived does not change without letting the address go.
#
# All nodes begin as BACKUP and none preempts: the address moves where its holder fails, and not back. The priority is made of
# the node's own address, so that two that have to choose at once choose the same. There is no authentication: VRRP's own
# sends its password in clear.
configure() {
  device=$(interface)
  [ -n "$device" ] || { echo "no interface has the address $IP" && exit 1; }
  peers=$(sed -n 's/^\([0-9.]\{7,\}\)$/    \1/p')
  mkdir -p "${CONFIG%/*}"
  cat >"$CONFIG.new" <<END
global_defs {
  script_user root
  enable_script_security
}
vrrp_script apiserver {
  script "/bin/sh $SELF check $IP"
  interval 1
  timeout 3
  fall 2
  rise 2
}
vrrp_instance kubernetes {
  state BACKUP
  nopreempt
  interface $device
  virtual_router_id $VIRTUAL_ROUTER_ID
  priority $((${IP##*.} % 254 + 1))
  advert_int 1
  unicast_src_ip $IP
  unicast_peer {
${peers:-    $VIRTUAL_IP}
  }
  virtual_ipaddress {
    $VIRTUAL_IP/32 dev $device
  }
  track_script {
    apiserver
  }
}
END
  [ "$(cat "$CONFIG.new")" != "$(cat "$CONFIG" 2>/dev/null)" ] || return 1
  mv "$CONFIG.new" "$CONFIG"
}

# Control-plane nodes by their addresses, one a line, as the node's own API server knows them. A cloud provider may have found
# the virtual IP to be an address of the node that has it.
members() {
  kubectl --kubeconfig "$ADMIN" --server "https://$IP:6443" --request-timeout 5s get nodes \
    -l node-role.kubernetes.io/control-plane \
    -o 'jsonpath={range .items[*]}{.status.addresses[?(@.type=="InternalIP")].address}{"\n"}{end}' |
    tr ' ' '\n' | grep -vx -e '' -e "$VIRTUAL_IP"
}

case $COMMAND in
  hold)
    # Held for good already.
    [ ! -e "$UNITS/slipway-virtual-ip.timer" ] || exit 0
    if ! held && command -v ping >/dev/null && ping -c 1 -W 1 "$VIRTUAL_IP" >/dev/null 2>&1; then
      echo "another machine has the virtual IP $VIRTUAL_IP: give the cluster an address that is free"
      exit 1
    fi
    : >"$HOLDING"
    configure </dev/null || true
    systemctl restart keepalived
    tries=20
    until held; do
      tries=$((tries - 1))
      [ "$tries" -gt 0 ] || { echo "keepalived did not take the virtual IP $VIRTUAL_IP: see its journal on the node" && exit 1; }
      sleep 1
    done
    ;;
  watch)
    mkdir -p "$UNITS"
    cat >"$UNITS/slipway-virtual-ip.service" <<END
[Unit]
Description=Follow the peers of the cluster's virtual IP
[Service]
Type=oneshot
ExecStart=/bin/sh $SELF refresh $IP
END
    # Those that are members already hear of a new one before it has a voice: 30 s, in which each of them looks twice at least.
    cat >"$UNITS/slipway-virtual-ip.timer" <<END
[Unit]
Description=Follow the peers of the cluster's virtual IP
[Timer]
OnActiveSec=30
OnUnitInactiveSec=10
AccuracySec=1
[Install]
WantedBy=timers.target
END
    systemctl daemon-reload
    systemctl enable --now slipway-virtual-ip.timer
    # The leader, which has it.
    [ ! -e "$HOLDING" ] || systemctl enable keepalived
    rm -f "$HOLDING"
    ;;
  refresh)
    # Without an answer, or with nobody in it, the peers stay as they are.
    members=$(members) || exit 0
    if ! printf '%s\n' "$members" | grep -qx "$IP"; then
      # This node was removed from the cluster.
      systemctl disable --now keepalived
    elif printf '%s\n' "$members" | grep -vx "$IP" | sort | configure; then
      systemctl enable keepalived
      systemctl reload-or-restart keepalived
    else
      systemctl -q is-active keepalived || systemctl enable --now keepalived
    fi
    ;;
  check)
    [ -e "$HOLDING" ] || curl -ksf --noproxy '*' --max-time 2 -o /dev/null "https://$IP:6443/readyz"
    ;;
  release)
    rm -f "$HOLDING"
    systemctl disable --now slipway-virtual-ip.timer keepalived || true
    rm -f "$UNITS/slipway-virtual-ip.timer" "$UNITS/slipway-virtual-ip.service"
    ;;
esac
