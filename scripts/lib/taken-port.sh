# shellcheck shell=bash

# refuse_taken_port PORT: ends the script when a program other than our own proxies listens there. The proxy would go on trying, and only
# the health check's patience would end the wait.
refuse_taken_port() {
  local port=$1 proxies
  # One line each: there may be several of them.
  mapfile -t proxies < <(docker compose ps --quiet --status running proxy)
  [[ ${#proxies[@]} -eq 0 ]] || ! serves_port "$port" "${proxies[@]}" || return 0
  ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "port $port is taken by another program" 'stop it, or set KEDGE_HTTP_PORT'
}

# serves_port PORT CONTAINER...: whether one of them is well and listens there.
serves_port() {
  local port=$1 states
  shift
  states=$(docker inspect --format '{{.State.Health.Status}} {{json .Config.Env}}' "$@") || return 1
  grep -q "^healthy .*\"KEDGE_HTTP_PORT=$port\"" <<<"$states"
}
