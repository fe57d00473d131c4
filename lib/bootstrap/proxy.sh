# shellcheck shell=sh
# Functions of the node program about the proxy, where the cluster has one. The program reads them in.
#
# A URL may hold a password: it is in files that only root reads, and in the environment of containerd and the kubelet.

# shellcheck disable=SC1091
. "$CONFIG/proxy.env"
: "${HTTP_PROXY_URL:=}" "${HTTPS_PROXY_URL:=}" "${PROXY_EXCEPTIONS:=}"

# What is never reached through the proxy. $1 the node's network, once it is known.
exceptions() {
  printf 'localhost,127.0.0.0/8,%s,%s,.svc,.cluster.local' "$SERVICE_CIDR" "$POD_CIDR"
  for each in "${ENDPOINT%:*}" "${1:-}" "$PROXY_EXCEPTIONS"; do
    [ -z "$each" ] || printf ',%s' "$each"
  done
}

# How curl reaches the URL $1, as its configuration.
proxy_config() {
  case $1 in https:*) proxy=$HTTPS_PROXY_URL ;; *) proxy=$HTTP_PROXY_URL ;; esac
  [ -z "$proxy" ] || printf 'proxy = "%s"\nnoproxy = "%s"\n' "$proxy" "$(exceptions)"
}

# Has curl use it for the API.
proxy_for_curl() {
  proxy_config "$API_URL" | write "$CONFIG/proxy.curl"
  # shellcheck disable=SC2034
  CURL_CONFIG=$CONFIG/proxy.curl
}

# Has containerd, the kubelet and the package manager use it. Needs IP.
use_proxy() {
  network=$(ip -o -4 addr show | sed -n "s|.* inet \($IP/[0-9]*\) .*|\1|p" | sed 1q)
  none=$(exceptions "${network:-$IP}")
  before=$(cat "$CONFIG/proxy.environment" 2>/dev/null || true)
  {
    [ -z "$HTTP_PROXY_URL" ] || printf 'HTTP_PROXY="%s"\n' "$HTTP_PROXY_URL"
    [ -z "$HTTPS_PROXY_URL" ] || printf 'HTTPS_PROXY="%s"\n' "$HTTPS_PROXY_URL"
    printf 'NO_PROXY="%s"\n' "$none"
  } | write "$CONFIG/proxy.environment"
  for unit in containerd kubelet; do
    mkdir -p "$ROOT/etc/systemd/system/$unit.service.d"
    write "$ROOT/etc/systemd/system/$unit.service.d/slipway-proxy.conf" <<END
[Service]
EnvironmentFile=$CONFIG/proxy.environment
END
  done
  if [ "$before" != "$(cat "$CONFIG/proxy.environment")" ]; then
    systemctl daemon-reload
    # One that the image has started does not know it yet.
    systemctl try-restart containerd kubelet || log 'the image has no containerd or no kubelet yet'
  fi
  if [ -d "$ROOT/etc/apt/apt.conf.d" ]; then proxy_for_apt | write "$ROOT/etc/apt/apt.conf.d/95slipway-proxy"; fi
  if [ -f "$ROOT/etc/dnf/dnf.conf" ]; then proxy_for_dnf; fi
}

proxy_for_apt() {
  [ -z "$HTTP_PROXY_URL" ] || printf 'Acquire::http::Proxy "%s";\n' "$HTTP_PROXY_URL"
  [ -z "$HTTPS_PROXY_URL" ] || printf 'Acquire::https::Proxy "%s";\n' "$HTTPS_PROXY_URL"
  # apt knows no ranges and no domains.
  for host in $(printf '%s' "$PROXY_EXCEPTIONS" | tr ',' '\n' | grep -v -e '^\.' -e /); do
    printf 'Acquire::http::Proxy::%s "DIRECT";\nAcquire::https::Proxy::%s "DIRECT";\n' "$host" "$host"
  done
}

# dnf has one proxy for all, and exceptions for each repository alone (proxy=_none_).
proxy_for_dnf() {
  others=$(grep -v '^proxy *=' "$ROOT/etc/dnf/dnf.conf" || true)
  chmod 600 "$ROOT/etc/dnf/dnf.conf"
  printf '%s\nproxy=%s\n' "$others" "${HTTPS_PROXY_URL:-$HTTP_PROXY_URL}" >"$ROOT/etc/dnf/dnf.conf"
}
