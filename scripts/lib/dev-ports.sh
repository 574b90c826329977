# shellcheck shell=bash
# Which ports the stack of "kedge dev" gets.

: "${dev_project:?}"

# Those that it has, when it runs; else the first free ones. Never the proxy's usual port by itself: a proxy shares its port with whoever asks.
choose_dev_ports() {
  local proxy settings part at
  proxy=$(docker ps --quiet --filter "label=com.docker.compose.project=$dev_project" --filter label=com.docker.compose.service=proxy) || engine_silent
  settings=$([[ -z $proxy ]] || docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "${proxy%%$'\n'*}") || engine_silent
  KEDGE_HTTP_PORT=$(dev_port KEDGE_DEV_HTTP_PORT "$(value_in "$settings" KEDGE_HTTP_PORT)" 8080)
  KEDGE_HTTPS_PORT='' KEDGE_CERTIFICATES=none
  if [[ ${KEDGE_DEV_STRATEGY:-} != http-only ]]; then
    KEDGE_HTTPS_PORT=$(dev_port KEDGE_DEV_HTTPS_PORT "$(value_in "$settings" KEDGE_HTTPS_PORT)" 8443)
    KEDGE_CERTIFICATES=self-signed
  fi
  KEDGE_NATS_PORT=$(dev_port KEDGE_DEV_NATS_PORT "$(value_in "$settings" KEDGE_BUS_URL | sed 's/.*://')" 4223)
  at=$(value_in "$settings" KEDGE_HEALTH_PORT)
  # The proxy's is the fourth of five.
  if [[ -n $at ]]; then at=$((at - 3)); else at=$(free_ports 9111 5); fi
  for part in WATCHER RECONCILER SCHEDULER PROXY SECRETS; do
    export "KEDGE_${part}_HEALTH_PORT=$at"
    ((at += 1))
  done
  export KEDGE_HTTP_PORT KEDGE_HTTPS_PORT KEDGE_NATS_PORT KEDGE_CERTIFICATES
}

# dev_port SETTING ITS-OWN FIRST: what the setting says, else what the stack has already, else the first free port from FIRST on.
dev_port() {
  local wanted=${!1:-}
  if [[ -z $wanted ]]; then
    echo "${2:-$(free_ports "$3" 1)}"
  elif [[ $wanted == "$2" ]] || is_free "$wanted"; then
    echo "$wanted"
  else
    fail "port $wanted is taken by another program" "stop that one, or set another $1"
  fi
}

# free_ports FIRST COUNT: the first of so many free ports in a row.
free_ports() {
  local first=$1 at
  for ((at = first; at < first + $2; at += 1)); do is_free "$at" || { free_ports $((at + 1)) "$2" && return; }; done
  echo "$first"
}

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# value_in LINES NAME
value_in() { sed -n "s/^$2=//p" <<<"$1"; }
