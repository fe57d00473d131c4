# shellcheck shell=sh
# Functions of the node program for a control-plane node whose etcd is elsewhere: at ETCD_ENDPOINTS (URLs with commas between),
# below ETCD_PREFIX. Members that Slipway made are known by names, which stay when their nodes are replaced: ETCD_HOSTS says
# where they are now (address=name, with commas between).

ETCD_CLIENT=$PKI/apiserver-etcd-client

# Keeps what opens etcd to this cluster.
keep_etcd_client() {
  field etcdClientCert | write "$ETCD_CLIENT.crt"
  field etcdClientKey | write "$ETCD_CLIENT.key"
}

# Leads the members' names to them.
name_etcd_members() {
  [ -n "$ETCD_HOSTS" ] || return 0
  mark='# slipway: etcd'
  others=$(grep -vF "$mark" "$ROOT/etc/hosts" 2>/dev/null || true)
  # Not moved into place: it keeps its mode.
  {
    printf '%s\n' "$others"
    printf '%s\n' "$ETCD_HOSTS" | tr ',' '\n' | sed "s/=/ /; s/\$/ $mark/"
  } >"$ROOT/etc/hosts"
}

# A part of kubeadm's ClusterConfiguration.
external_etcd() {
  cat <<EOF
etcd:
  external:
    endpoints: ["$(printf '%s' "$ETCD_ENDPOINTS" | sed 's/,/", "/g')"]
    caFile: "$PKI/etcd/ca.crt"
    certFile: "$ETCD_CLIENT.crt"
    keyFile: "$ETCD_CLIENT.key"
EOF
}

# More arguments of the API server.
external_etcd_arguments() {
  echo "    - { name: etcd-prefix, value: \"$ETCD_PREFIX\" }"
  # The key by which API servers agree on it is not below the prefix: a cluster that shares etcd may not write it.
  [ -z "$ETCD_COMPACTS" ] || echo '    - { name: etcd-compaction-interval, value: "0s" }'
}
