#!/bin/sh
# Turns a booting VM into a node of its Kubernetes cluster. slipway-node.service runs it at each boot until the node is ready; it may
# run again at any time.
# With the argument `addons` it applies the add-ons that are not applied yet.
#
# It speaks the node protocol with the API: registers as leader or learns who leads, fetches certificates, runs kubeadm, reports
# phases, and signals ready. Needs: sh, curl, sed, tr, od, base64, hostname, systemctl, kubeadm; kubectl where it leads.
# Secrets are in files with mode 0600 and never in an argument, in the environment of a child, or in the log.
set -eu
umask 077

# Where the file system begins: empty on a node.
ROOT=${SLIPWAY_ROOT:-}
CONFIG=$ROOT/etc/slipway
KUBERNETES=$ROOT/etc/kubernetes
PKI=$KUBERNETES/pki
# Of its own where it is run for one thing, since the first run may not have ended.
WORK=$ROOT/run/slipway${1:+/$1}
mkdir -p "$WORK" "$PKI/etcd" "$ROOT/var/log"
exec >>"$ROOT/var/log/slipway.log" 2>&1

# shellcheck disable=SC1091
. "$CONFIG/node.env"
: "${API_URL:?}" "${ORGANIZATION:?}" "${CLUSTER_ID:?}" "${CLUSTER_NAME:?}" "${NODE_NAME:?}" "${NODE_POOL:?}" "${NODE_ROLE:?}"
: "${KUBERNETES_VERSION:?}" "${SERVICE_CIDR:?}" "${POD_CIDR:?}" "${ENDPOINT:=}" "${NODE_LABELS:=}"
# The address that the node was told to have, if any.
: "${RESERVED_ADDRESS:=}"
# What a virtual IP needs, and whether a control-plane node also runs workloads.
: "${CLOUD_PROVIDER:=}" "${VIRTUAL_IP:=}" "${VIRTUAL_ROUTER_ID:=}" "${RUNS_WORKLOADS:=}" "${KEY_ALGORITHM:=}"
# Where etcd is elsewhere, for control-plane nodes.
: "${ETCD_ENDPOINTS:=}" "${ETCD_PREFIX:=}" "${ETCD_HOSTS:=}" "${ETCD_COMPACTS:=}"
# Seconds between two questions: it begins with one and doubles up to this.
: "${POLL_MAX:=10}" "${ATTEMPTS:=10}" "${WAIT_SECONDS:=3600}"

CLUSTER_API=$API_URL/api/v1/orgs/$ORGANIZATION/clusters/$CLUSTER_ID
RESPONSE=$WORK/response
STATUS=000
PHASE=start
PROCESS_ID=
IP=
# How curl reaches the API, where that is not direct.
CURL_CONFIG=

log() { printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"; }

# A random number from 0 to $1.
random() { echo $(($(od -An -N2 -tu2 /dev/urandom) % ($1 + 1))); }

# Text as the inside of a JSON string.
escape() { printf '%s' "$1" | tr '\n\t\r' '   ' | tr -d '\000-\037' | sed 's/\\/\\\\/g; s/"/\\"/g'; }

# The string value of key $1 in the last response.
field() { printf '%b' "$(sed -n 's/.*"'"$1"'" *: *"\(\([^"\\]\|\\.\)*\)".*/\1/p' "$RESPONSE")"; }

# One request: $1 method, $2 URL, $3 body. Sets STATUS (000 without an answer) and leaves the answer in RESPONSE.
request() {
  STATUS=$(printf '%s' "${3:-}" | curl -sS --max-time 30 -o "$RESPONSE" -w '%{http_code}' -D "$WORK/headers" \
    ${CURL_CONFIG:+-K "$CURL_CONFIG"} -H @"$CONFIG/authorization" -H 'content-type: application/json' -X "$1" ${3:+--data-binary @-} "$2") || STATUS=000
}

# A request, again with growing pauses while the network, the API (5xx) or its limits (429) ask for patience.
call() {
  attempt=1
  pause=1
  while :; do
    request "$@"
    case $STATUS in
      000 | 5?? | 429) ;;
      *) return 0 ;;
    esac
    [ "$attempt" -lt "$ATTEMPTS" ] || return 1
    sleep $((pause + $(random 1)))
    attempt=$((attempt + 1))
    pause=$((pause * 2 > POLL_MAX ? POLL_MAX : pause * 2))
  done
}

# Reports the phase: $1 status, $2 message, $3 whether it is the last word.
report() {
  request POST "$CLUSTER_API/pke/status" "{\"name\":\"$NODE_NAME\",\"nodePool\":\"$NODE_POOL\",\"ip\":\"$IP\",\"status\":\"$1\",\"phase\":\"$PHASE\",\"message\":\"$(escape "$2")\",\"final\":$3,\"timestamp\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"${PROCESS_ID:+,\"processId\":\"$PROCESS_ID\"}}"
  [ "$STATUS" != 200 ] || PROCESS_ID=$(field processId)
}

phase() {
  PHASE=$1
  log "$PHASE"
  report running "$2" false
}

# Gives up, and says why until it was heard.
fail() {
  log "failed in $PHASE: $1"
  release_endpoint
  attempt=1
  while [ "$attempt" -le 5 ]; do
    report failed "$1" true
    case $STATUS in 2?? | 4??) break ;; esac
    sleep $((attempt * 2))
    attempt=$((attempt + 1))
  done
  exit 1
}

refused() { fail "$1 was refused: HTTP $STATUS: $(field message)"; }

# Writes standard input to file $1 whole or not at all.
write() { cat >"$1.new" && mv "$1.new" "$1"; }

check_tools() {
  missing=
  for tool in curl sed base64 hostname systemctl kubeadm; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
  done
  [ "$NODE_ROLE" != master ] || command -v kubectl >/dev/null || missing="$missing kubectl"
  [ -z "$missing" ] || fail "the image lacks:$missing. Use a template that has them installed, or name package repositories (packages)."
}

# shellcheck source=lib/bootstrap/endpoint.sh
. "$ROOT/var/lib/slipway/endpoint.sh"
# shellcheck source=lib/bootstrap/kubeadm.sh
. "$ROOT/var/lib/slipway/kubeadm.sh"
if [ -n "$CLOUD_PROVIDER" ]; then
  # shellcheck source=lib/bootstrap/cloud-provider.sh
  . "$ROOT/var/lib/slipway/cloud-provider.sh"
fi
if [ "$NODE_ROLE" = master ]; then
  # shellcheck source=lib/bootstrap/addons.sh
  . "$ROOT/var/lib/slipway/addons.sh"
fi

find_address() {
  tries=60
  while [ "$tries" -gt 0 ]; do
    # Where the program runs again, the node may have the virtual IP too.
    addresses=$(hostname -I | tr ' ' '\n' | grep -vx -e '' -e "${VIRTUAL_IP:-none}" || true)
    if [ -n "$RESERVED_ADDRESS" ]; then
      IP=$(printf '%s' "$addresses" | grep -xF "$RESERVED_ADDRESS" || true)
    else
      IP=$(printf '%s' "$addresses" | sed 1q)
    fi
    [ -z "$IP" ] || return 0
    tries=$((tries - 1))
    sleep 1
  done
  # So that it can be told.
  IP=$(printf '%s' "$addresses" | sed 1q)
  [ -z "$RESERVED_ADDRESS" ] || fail "the VM does not have the address $RESERVED_ADDRESS that it was told, but ${addresses:-none}: see /var/log/cloud-init.log on it"
  fail "the VM got no address in a minute: is there DHCP on its network?"
}

# Tries to lead. Succeeds where this node leads, also where the answer that said so was lost.
leads() {
  call POST "$CLUSTER_API/pke/leader" "{\"hostname\":\"$NODE_NAME\",\"ip\":\"$IP\"}" || return 1
  case $STATUS in
    201) return 0 ;;
    409)
      [ -z "$(field error)" ] || refused 'to register as leader'
      [ "$(field hostname)" = "$NODE_NAME" ] && [ "$(field ip)" = "$IP" ]
      ;;
    *) refused 'to register as leader' ;;
  esac
}

fetch_certificates() {
  phase certificates 'fetching the certificate authorities'
  [ ! -s "$PKI/sa.key" ] && [ ! -s "$CONFIG/etcd-root-password" ] || return 0
  call GET "$API_URL/api/v1/orgs/$ORGANIZATION/secrets?type=pkecert&values=true&tags=clusterID:$CLUSTER_ID" ||
    fail "the API did not give the certificates (HTTP $STATUS)"
  [ "$STATUS" = 200 ] || refused 'to fetch the certificates'
  if [ "$NODE_ROLE" = etcd ]; then
    keep_etcd_authority
    return 0
  fi
  field kubernetesCaCert | write "$PKI/ca.crt"
  field kubernetesCaKey | write "$PKI/ca.key"
  field kubernetesCaSigningCert | write "$PKI/cm-signing-ca.crt"
  field etcdCaCert | write "$PKI/etcd/ca.crt"
  if [ -n "$ETCD_ENDPOINTS" ]; then keep_etcd_client; else field etcdCaKey | write "$PKI/etcd/ca.key"; fi
  field frontProxyCaCert | write "$PKI/front-proxy-ca.crt"
  field frontProxyCaKey | write "$PKI/front-proxy-ca.key"
  field saPub | write "$PKI/sa.pub"
  write "$KUBERNETES/encryption.yaml" <<EOF
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers:
      - secretbox:
          keys: [{ name: key1, secret: "$(field enc)" }]
      - identity: {}
EOF
  [ ! -e "$CONFIG/oidc-ca.crt" ] || write "$PKI/oidc-ca.crt" <"$CONFIG/oidc-ca.crt"
  # Last, since it says that all are there.
  field saKey | write "$PKI/sa.key"
  rm -f "$RESPONSE"
}

registration() {
  cat <<EOF
nodeRegistration:
  name: "$NODE_NAME"
  kubeletExtraArgs:
    - { name: node-ip, value: "$IP" }
    - { name: node-labels, value: "$NODE_LABELS" }
EOF
  [ -z "$CLOUD_PROVIDER" ] || cloud_provider_arguments
  # A member of etcd that is down is no reason not to begin.
  [ -z "$ETCD_ENDPOINTS" ] || echo '  ignorePreflightErrors: [ExternalEtcdVersion]'
  [ -z "$RUNS_WORKLOADS" ] || echo '  taints: []'
}

# kubeadm keeps control-plane nodes out of load balancers, MetalLB among them: one that runs workloads is to be in.
allow_workloads() {
  [ -n "$RUNS_WORKLOADS" ] || return 0
  tries=30
  until kubectl --kubeconfig "$KUBERNETES/admin.conf" label node "$NODE_NAME" node.kubernetes.io/exclude-from-external-load-balancers-; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail 'the API server did not accept the labels of a control-plane node that runs workloads'
    sleep 2
  done
}

# What our side may do in the cluster: each of its jobs, and nothing else.
allow_control_plane() {
  phase rbac 'allowing the control plane its few jobs'
  tries=30
  until kubectl --kubeconfig "$KUBERNETES/admin.conf" apply -f "$CONFIG/rbac.yaml"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail 'the API server did not accept the RBAC rules'
    sleep 2
  done
}

initialize() {
  hold_endpoint
  phase init "kubeadm init, Kubernetes $KUBERNETES_VERSION"
  if [ ! -e "$DONE" ]; then
    # kubeadm makes a bootstrap token whether it is wanted or not: nobody gets it, so it need not live. The controllers sign only
    # with a file that holds one certificate, and ca.crt has the root as well.
    write "$KUBERNETES/kubeadm.yaml" <<EOF
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: "$IP", bindPort: 6443 }
bootstrapTokens: [{ ttl: 1s }]
$(registration)
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: "$CLUSTER_NAME"
kubernetesVersion: "v$KUBERNETES_VERSION"
controlPlaneEndpoint: "${ENDPOINT:-$IP:6443}"
certificatesDir: "$PKI"
${KEY_ALGORITHM:+encryptionAlgorithm: $KEY_ALGORITHM}
networking: { serviceSubnet: "$SERVICE_CIDR", podSubnet: "$POD_CIDR" }
$([ -z "$ETCD_ENDPOINTS" ] || external_etcd)
apiServer:
  certSANs: ["$IP", "$NODE_NAME"${ENDPOINT:+, "${ENDPOINT%:*}"}]
  extraArgs:
    - { name: encryption-provider-config, value: /etc/kubernetes/encryption.yaml }
    # Not ca.crt, which has the root as well: all that its other authorities sign would be let in.
    - { name: client-ca-file, value: "$PKI/cm-signing-ca.crt" }
$(cat "$CONFIG/oidc.yaml" 2>/dev/null || true)
$([ -z "$ETCD_ENDPOINTS" ] || external_etcd_arguments)
  extraVolumes:
    - { name: encryption, hostPath: /etc/kubernetes/encryption.yaml, mountPath: /etc/kubernetes/encryption.yaml, readOnly: true, pathType: File }
controllerManager:
  extraArgs:
    - { name: cluster-signing-cert-file, value: "$PKI/cm-signing-ca.crt" }
EOF
    kubeadm_to_the_end init --skip-token-print
  fi
  allow_control_plane
  allow_workloads
  settle_endpoint
  apply_addons
}

# Waits until the cluster has an API server; a control-plane node takes over where the leader is gone.
# Fails where this node has to lead.
await_leader() {
  phase wait 'waiting for the leader'
  pause=1
  waited=0
  while :; do
    if call GET "$CLUSTER_API/pke/ready"; then
      [ "$STATUS" = 200 ] || refused 'to ask for the leader'
      ! grep -q '"ready" *: *true' "$RESPONSE" || return 0
    fi
    [ "$NODE_ROLE" = worker ] || ! leads || return 1
    [ "$waited" -lt "$WAIT_SECONDS" ] || fail "no leader was ready in $WAIT_SECONDS s"
    sleep "$pause"
    waited=$((waited + pause))
    pause=$((pause * 2 > POLL_MAX ? POLL_MAX : pause * 2))
  done
}

fetch_token() {
  waited=0
  while :; do
    request GET "$CLUSTER_API/bootstrap"
    case $STATUS in
      200) return 0 ;;
      000 | 429 | 5??) ;;
      *) refused 'to fetch the bootstrap token' ;;
    esac
    [ "$waited" -lt "$WAIT_SECONDS" ] || fail "no bootstrap token in $WAIT_SECONDS s"
    pause=$(sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9]*\).*/\1/p' "$WORK/headers" 2>/dev/null || true)
    sleep "${pause:-2}"
    waited=$((waited + ${pause:-2}))
  done
}

configure_join() {
  fetch_token
  write "$KUBERNETES/kubeadm.yaml" <<EOF
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  bootstrapToken:
    token: "$(field token)"
    apiServerEndpoint: "$(field masterAddress)"
    caCertHashes: ["$(field discoveryTokenCaCertHash)"]
$(registration)
$([ "$NODE_ROLE" = worker ] || printf 'controlPlane:\n  localAPIEndpoint: { advertiseAddress: "%s", bindPort: 6443 }\n' "$IP")
EOF
  rm -f "$RESPONSE"
}

join() {
  phase join 'joining the cluster'
  if [ ! -e "$DONE" ]; then
    # One that was fetched for a try that did not end: it is handed out once.
    grep -qs '^kind: JoinConfiguration' "$KUBERNETES/kubeadm.yaml" || configure_join
    kubeadm_to_the_end join
  fi
  # The token in it is used up.
  rm -f "$KUBERNETES/kubeadm.yaml"
  [ "$NODE_ROLE" != worker ] || return 0
  allow_workloads
  follow_endpoint
  follow_addons
}

signal_ready() {
  PHASE=ready
  master=false
  worker=false
  case $NODE_ROLE in master) master=true ;; worker) worker=true ;; esac
  call POST "$CLUSTER_API/pke/ready" "{\"name\":\"$NODE_NAME\",\"nodePool\":\"$NODE_POOL\",\"ip\":\"$IP\",\"master\":$master,\"worker\":$worker}" ||
    fail "the API did not hear that the node is ready (HTTP $STATUS)"
  [ "$STATUS" = 200 ] || refused 'to be ready'
  : >"$READY"
  log 'ready'
}

run_alone
if [ "$NODE_ROLE" = etcd ]; then
  # shellcheck source=lib/bootstrap/etcd-member.sh
  . "$ROOT/var/lib/slipway/etcd-member.sh"
elif [ -n "$ETCD_ENDPOINTS" ]; then
  # shellcheck source=lib/bootstrap/external-etcd.sh
  . "$ROOT/var/lib/slipway/external-etcd.sh"
fi
if [ -e "$CONFIG/proxy.env" ]; then
  # shellcheck source=lib/bootstrap/proxy.sh
  . "$ROOT/var/lib/slipway/proxy.sh"
  proxy_for_curl
fi
if [ -e "$CONFIG/pke.env" ]; then
  # shellcheck source=lib/bootstrap/pke.sh
  . "$ROOT/var/lib/slipway/pke.sh"
  install_with_pke
fi
find_address
if [ "${1:-}" = addons ]; then
  retry_addons
  exit
fi
phase prepare 'starting containerd and the kubelet'
[ ! -e "$CONFIG/proxy.env" ] || use_proxy
if [ -e "$CONFIG/packages.env" ]; then
  # shellcheck source=lib/bootstrap/packages.sh
  . "$ROOT/var/lib/slipway/packages.sh"
  install_what_lacks
fi
check_tools
[ "$NODE_ROLE" = etcd ] || take_back_half_done
[ "$NODE_ROLE" != etcd ] || standalone_kubelet
systemctl enable --now containerd kubelet || fail 'containerd and the kubelet could not be started'
if [ "$NODE_ROLE" = worker ]; then
  await_leader
  join
elif [ "$NODE_ROLE" = etcd ]; then
  fetch_certificates
  if leads || ! await_leader; then initialize_etcd; else join_etcd; fi
else
  prepare_endpoint
  fetch_certificates
  [ -z "$ETCD_HOSTS" ] || name_etcd_members
  if leads || ! await_leader; then initialize; else join; fi
fi
signal_ready
