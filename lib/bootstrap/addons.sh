# shellcheck shell=sh
# Functions of the node program about add-ons, on a control-plane node. The program reads them in.
#
# The leader applies them in order before it is ready. One that fails is told of, and the others go on: without it the cluster
# runs, if with a warning. From then on a timer tries again, on every control-plane node, until one of them has recorded in the
# cluster that all are applied: so it does not matter which of them is replaced. All may run any number of times and side by
# side: what is applied already is not changed.
#
# An add-on is a directory NN-NAME below /etc/slipway/addons: see node-addon.ts for its files.

ADDONS=$CONFIG/addons
# Manifests that were fetched, whole and as they should be.
MANIFESTS=$ROOT/var/lib/slipway/addons
UNITS=$ROOT/etc/systemd/system
: "${ADDON_MIRROR:=}"
# Tries of each add-on; seconds after which the rest have one try each, since nobody can join before they are over.
: "${ADDON_TRIES:=3}" "${ADDON_SECONDS:=60}"
# Seconds between two rounds of the timer, and their number: two days. When the node's token is over, the cluster itself is asked.
: "${ADDON_PAUSE:=120}" "${ADDON_ROUNDS:=1440}"
# Why the last one failed.
REASON=

# This node's own API server: the endpoint may not lead to it yet.
control() { kubectl --kubeconfig "$KUBERNETES/admin.conf" --server "https://$IP:6443" --request-timeout 30s "$@"; }

# How curl reaches $1: through the proxy, if there is one.
reach() {
  if [ -e "$CONFIG/proxy.env" ]; then
    proxy_config "$1" | write "$WORK/download.curl"
  else
    : >"$WORK/download.curl"
  fi
}

has_checksum() {
  found=$(sha256sum "$1")
  [ "${found%% *}" = "$2" ]
}

# Fetches one file: $1 its checksum, $2 its path below the mirror, $3 its public source, $4 where to.
fetch_manifest() {
  [ ! -e "$4" ] || ! has_checksum "$4" "$1" || return 0
  url=${ADDON_MIRROR:+$ADDON_MIRROR/$2}
  url=${url:-$3}
  if [ "$url" = - ]; then
    REASON="$2 has no public source: give the cluster a mirror (addons.mirror)"
    return 1
  fi
  reach "$url"
  if ! said=$(curl -sSfL --proto '=http,https' --connect-timeout 5 --max-time 60 -K "$WORK/download.curl" -o "$4.part" "$url" 2>&1); then
    REASON="$url could not be fetched: $said"
    return 1
  fi
  if ! has_checksum "$4.part" "$1"; then
    REASON="$url is not what was pinned: its SHA-256 is ${found%% *}, not $1"
    rm -f "$4.part"
    return 1
  fi
  mv "$4.part" "$4"
}

# Applies a file: $1 it, $2 what it is.
apply_manifest() {
  control apply --server-side --force-conflicts --field-manager slipway -f "$1" >"$WORK/applied" 2>&1 && return 0
  cat "$WORK/applied"
  REASON="the API server did not accept $2: $(sed -n '$p' "$WORK/applied")"
  return 1
}

# One try of the add-on in the directory $1.
try_addon() {
  into=$MANIFESTS/${1##*/}
  mkdir -p "$into"
  while read -r checksum path source; do
    fetch_manifest "$checksum" "$path" "$source" "$into/${path##*/}" || return 1
  done <"$1/files"
  cp "$1/kustomization.yaml" "$into/"
  if ! kubectl kustomize "$into" >"$into/built" 2>"$WORK/applied"; then
    REASON="its manifest could not be changed: $(sed -n '$p' "$WORK/applied")"
    return 1
  fi
  apply_manifest "$into/built" 'its manifest' || return 1
  [ ! -e "$1/resources.yaml" ] || apply_manifest "$1/resources.yaml" 'our resources for it'
}

# Applies the add-on in the directory $1, in $2 tries. Succeeds where it is applied.
apply_addon() {
  name=${1##*/??-}
  phase "addon-$name" "applying $name"
  tries=1
  until try_addon "$1"; do
    log "$name: $REASON"
    if [ "$tries" -ge "$2" ]; then
      report failed "$REASON" false
      return 1
    fi
    sleep "$tries"
    tries=$((tries + 1))
  done
  log "$name is applied"
  report finished "$name is applied" false
}

# What all add-ons of this node are, as one checksum.
addons_revision() {
  revision=$(cat "$ADDONS"/*/* | sha256sum)
  printf '%s' "${revision%% *}"
}

# Says in the cluster that all are applied, so that no other control-plane node does it again.
record_addons() {
  write "$WORK/addons.yaml" <<END
apiVersion: v1
kind: ConfigMap
metadata: { name: slipway-addons, namespace: kube-system }
data: { revision: "$(addons_revision)", node: "$NODE_NAME" }
END
  apply_manifest "$WORK/addons.yaml" 'the record of the add-ons'
}

# Applies all. Succeeds where each is applied.
apply_all_addons() {
  began=$(date +%s)
  all=yes
  for addon in "$ADDONS"/*/; do
    tries=$ADDON_TRIES
    [ $(($(date +%s) - began)) -lt "$ADDON_SECONDS" ] || tries=1
    apply_addon "${addon%/}" "$tries" || all=
  done
  [ -n "$all" ] && record_addons
}

# The leader.
apply_addons() {
  [ -d "$ADDONS" ] || return 0
  apply_all_addons || follow_addons
}

# A control-plane node, from now on: tries again what nobody has applied.
follow_addons() {
  [ -d "$ADDONS" ] || return 0
  mkdir -p "$UNITS"
  write "$UNITS/slipway-addons.service" <<END
[Unit]
Description=Apply the add-ons that are not applied yet
[Service]
Type=oneshot
ExecStart=/bin/sh $ROOT/var/lib/slipway/node-program.sh addons
END
  write "$UNITS/slipway-addons.timer" <<END
[Unit]
Description=Apply the add-ons that are not applied yet
[Timer]
OnActiveSec=$ADDON_PAUSE
OnUnitInactiveSec=$ADDON_PAUSE
[Install]
WantedBy=timers.target
END
  systemctl daemon-reload
  systemctl enable --now slipway-addons.timer || log 'the add-ons are not tried again by themselves'
}

end_addons() {
  rm -f "$UNITS/slipway-addons.service" "$UNITS/slipway-addons.timer" "$MANIFESTS/rounds"
  systemctl disable --now slipway-addons.timer || true
  systemctl daemon-reload
}

# A round of the timer.
retry_addons() {
  [ -d "$ADDONS" ] || return 0
  mkdir -p "$MANIFESTS"
  round=$(($(cat "$MANIFESTS/rounds" 2>/dev/null || echo 0) + 1))
  echo "$round" >"$MANIFESTS/rounds"
  applied=$(control get configmap slipway-addons -n kube-system -o 'jsonpath={.data.revision}' || true)
  if [ "$applied" = "$(addons_revision)" ]; then
    end_addons
  elif apply_all_addons; then
    end_addons
  elif [ "$round" -ge "$ADDON_ROUNDS" ]; then
    log "the add-ons are not tried again: mend the cause, then run sh $ROOT/var/lib/slipway/node-program.sh addons"
    end_addons
  fi
}
