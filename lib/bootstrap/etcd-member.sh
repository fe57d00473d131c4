# shellcheck shell=sh
# Functions of the node program for a member of an etcd cluster: a machine on which the kubelet runs etcd and nothing else.
#
# The first member makes the cluster and turns its users and roles on; each other one is added as a learner, which has no vote,
# and promoted once it has caught up: so etcd can not lose its quorum by a member that never starts. etcd lets in one learner at
# a time: the next ones wait. etcd's JSON gateway knows nobody by certificate, so that root signs in with a password; once users
# are on, it even refuses certificates that have a common name, so that one without is used.
# https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/setup-ha-etcd-with-kubeadm/

# A certificate for the gateway, root's password, and the header with the token that it buys.
ETCD_CLIENT=$CONFIG/etcd-client
ETCD_PASSWORD=$CONFIG/etcd-root-password
ETCD_TOKEN=$WORK/etcd-token
# The member that this one joins by.
ETCD_PEER=$CONFIG/etcd-peer
# There once kubeadm has written the manifest of etcd.
ETCD_STARTED=$ROOT/var/lib/slipway/etcd-started

# Has the kubelet run static pods without an API server.
standalone_kubelet() {
  services=$ROOT/etc/systemd/system/kubelet.service.d
  mkdir -p "$services" "$KUBERNETES/manifests"
  write "$KUBERNETES/kubelet-standalone.yaml" <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 127.0.0.1
authentication: { anonymous: { enabled: false }, webhook: { enabled: false } }
authorization: { mode: AlwaysAllow }
cgroupDriver: systemd
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
staticPodPath: /etc/kubernetes/manifests
EOF
  write "$services/20-slipway-etcd.conf" <<EOF
[Service]
ExecStart=
ExecStart=$(command -v kubelet || echo /usr/bin/kubelet) --config=/etc/kubernetes/kubelet-standalone.yaml
Restart=always
EOF
  systemctl daemon-reload
}

# Keeps what the API answered: etcd's authority, and root's password.
keep_etcd_authority() {
  field etcdCaCert | write "$PKI/etcd/ca.crt"
  field etcdCaKey | write "$PKI/etcd/ca.key"
  field etcdClientCert | write "$ETCD_CLIENT.crt"
  field etcdClientKey | write "$ETCD_CLIENT.key"
  # Last, since it says that all are there.
  field etcdRootPassword | write "$ETCD_PASSWORD"
  rm -f "$RESPONSE"
}

# What kubeadm makes a member of: $1 the members as name=URL,…; $2 new or existing.
configure_member() {
  write "$KUBERNETES/kubeadm.yaml" <<EOF
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration: { name: "$NODE_NAME" }
localAPIEndpoint: { advertiseAddress: "$IP", bindPort: 6443 }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: "$CLUSTER_NAME"
kubernetesVersion: "v$KUBERNETES_VERSION"
certificatesDir: "$PKI"
etcd:
  local:
    extraArgs:
      - { name: initial-cluster, value: "$1" }
      - { name: initial-cluster-state, value: "$2" }
      - { name: initial-cluster-token, value: "slipway-$CLUSTER_ID" }
      - { name: auto-compaction-mode, value: periodic }
      - { name: auto-compaction-retention, value: 5m }
EOF
}

make_certificates() {
  [ ! -e "$ETCD_STARTED" ] || return 0
  # A try that was killed may have left half of one.
  rm -f "$PKI"/etcd/server.* "$PKI"/etcd/peer.*
  configure_member "$NODE_NAME=https://$IP:2380" new
  for certificate in server peer; do
    kubeadm init phase certs "etcd-$certificate" --config "$KUBERNETES/kubeadm.yaml" ||
      fail "kubeadm did not make the certificate etcd-$certificate: see /var/log/slipway.log on the node"
  done
}

start_member() {
  configure_member "$1" "$2"
  kubeadm init phase etcd local --config "$KUBERNETES/kubeadm.yaml" ||
    fail 'kubeadm did not write the manifest of etcd: see /var/log/slipway.log on the node'
  sync
  : >"$ETCD_STARTED"
}

# One request to a member: $1 its address, $2 the path, $3 the body; with the token, if there is one. Sets STATUS and RESPONSE.
etcd_request() {
  [ -e "$ETCD_TOKEN" ] || : >"$ETCD_TOKEN"
  STATUS=$(printf '%s' "$3" | curl -sS --noproxy '*' --max-time 15 -o "$RESPONSE" -w '%{http_code}' \
    --cacert "$PKI/etcd/ca.crt" --cert "$ETCD_CLIENT.crt" --key "$ETCD_CLIENT.key" \
    -H @"$ETCD_TOKEN" -H 'content-type: application/json' --data-binary @- "https://$1:2379/v3/$2") || STATUS=000
  [ "$STATUS" = 200 ]
}

# Signs in as root at the member with the address $1.
sign_in() {
  : >"$ETCD_TOKEN"
  etcd_request "$1" auth/authenticate "{\"name\":\"root\",\"password\":\"$(cat "$ETCD_PASSWORD")\"}" || return 1
  printf 'Authorization: %s\n' "$(field token)" | write "$ETCD_TOKEN"
}

# Does $2… until it succeeds; gives up, naming $1, when the time is over.
until_done() {
  what=$1
  shift
  waited=0
  until "$@"; do
    [ "$waited" -lt "$WAIT_SECONDS" ] || fail "$what in $WAIT_SECONDS s (HTTP $STATUS: $(field message))"
    sleep 2
    waited=$((waited + 2))
  done
}

# As etcd_request, where what is asked for may have been done before.
etcd_ensure() { etcd_request "$@" || grep -q 'already exists' "$RESPONSE"; }

# Turns users and roles on, with the one user and role that etcd demands for it: root.
secure() {
  # Who can sign in has done all that.
  ! sign_in "$IP" || return 0
  etcd_ensure "$IP" auth/user/add "{\"name\":\"root\",\"password\":\"$(cat "$ETCD_PASSWORD")\"}" &&
    etcd_ensure "$IP" auth/role/add '{"name":"root"}' &&
    etcd_request "$IP" auth/user/grant '{"user":"root","role":"root"}' &&
    etcd_request "$IP" auth/enable '{}' &&
    sign_in "$IP"
}

initialize_etcd() {
  phase init "making an etcd cluster, as Kubernetes $KUBERNETES_VERSION has it"
  make_certificates
  [ -e "$ETCD_STARTED" ] || start_member "$NODE_NAME=https://$IP:2380" new
  phase auth 'turning the users and roles of etcd on'
  until_done 'etcd did not start, or did not let its users and roles be turned on,' secure
  rm -f "$RESPONSE" "$ETCD_TOKEN"
}

# The members in RESPONSE, one a line.
member_lines() { tr -d '\n' <"$RESPONSE" | sed 's/.*"members" *: *\[//' | tr '}' '\n' | grep '"peerURLs"'; }
# The string that key $1 has in a member's line, or the first one of its list.
of_member() { sed -n 's/.*"'"$1"'" *: *\[\{0,1\}"\([^"]*\)".*/\1/p'; }

# The members in RESPONSE as name=URL,…: those that did not start yet have no name.
members_by_name() {
  member_lines | while read -r line; do
    url=$(printf '%s\n' "$line" | of_member peerURLs)
    name=$(printf '%s\n' "$line" | of_member name)
    [ "$url" != "https://$IP:2380" ] || name=$NODE_NAME
    printf '%s=%s,' "${name:-$(printf '%s\n' "$line" | of_member ID)}" "$url"
  done
}

# Adds this member to those of the peer, unless it is one.
add_member() {
  sign_in "$PEER" || return 1
  etcd_request "$PEER" cluster/member/list '{}' || return 1
  if ! grep -qF "\"https://$IP:2380\"" "$RESPONSE"; then
    etcd_request "$PEER" cluster/member/add "{\"peerURLs\":[\"https://$IP:2380\"],\"isLearner\":true}" || return 1
    etcd_request "$PEER" cluster/member/list '{}' || return 1
  fi
}

# Gives this member its vote; succeeds where it has one.
promote_member() {
  sign_in "$PEER" || return 1
  etcd_request "$PEER" cluster/member/list '{}' || return 1
  own=$(member_lines | grep -F "\"https://$IP:2380\"") || return 1
  case $own in
    *'"isLearner"'*true*)
      etcd_request "$PEER" cluster/member/promote "{\"ID\":\"$(printf '%s\n' "$own" | of_member ID)\"}"
      return 1
      ;;
  esac
}

join_etcd() {
  phase join 'joining etcd'
  make_certificates
  if [ ! -s "$ETCD_PEER" ]; then
    fetch_token
    field masterAddress | sed 's/:[0-9]*$//' | write "$ETCD_PEER"
  fi
  PEER=$(cat "$ETCD_PEER")
  if [ ! -e "$ETCD_STARTED" ]; then
    until_done 'etcd did not let this member in' add_member
    members=$(members_by_name)
    start_member "${members%,}" existing
  fi
  phase promote 'catching up with the other members'
  until_done 'etcd did not give this member its vote' promote_member
  rm -f "$RESPONSE" "$ETCD_TOKEN"
}
