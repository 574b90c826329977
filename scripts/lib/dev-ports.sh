# shellcheck shell=bash
# Which ports the stack of "kedge dev" gets.

: "${dev_project:?}"
health_parts=(WATCHER RECONCILER SCHEDULER PROXY SECRETS)

# Those that are set; else those that it has, when it runs; else the first free ones. Each goes to one part, and by itself none is chosen
# that the usual stack is set to have: that one need not run now, and two proxies would share a port.
choose_dev_ports() {
  local proxy settings part parts=(HTTP NATS) at name
  local -A ports=() holders=() usual=() had=() own
  [[ ${KEDGE_DEV_STRATEGY:-} == http-only ]] || parts+=(HTTPS)
  proxy=$(docker ps --quiet --filter "label=com.docker.compose.project=$dev_project" --filter label=com.docker.compose.service=proxy) || engine_silent
  settings=$([[ -z $proxy ]] || docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "${proxy%%$'\n'*}") || engine_silent
  own=(
    [HTTP]=$(value_in "$settings" KEDGE_HTTP_PORT)
    [HTTPS]=$(value_in "$settings" KEDGE_HTTPS_PORT)
    [NATS]=$(value_in "$settings" KEDGE_BUS_URL | sed 's/.*://')
    # The proxy's is the fourth of five.
    [HEALTH]=$(value_in "$settings" KEDGE_HEALTH_PORT)
  )
  for name in "${!KEDGE_@}"; do [[ $name != *_PORT || -z ${!name} ]] || usual[${!name}]=$name; done

  for part in HTTP HTTPS NATS; do [[ -z ${own[$part]} ]] || had[${own[$part]}]=$part; done
  at=$((${own[HEALTH]:-0} - 3))
  for part in "${health_parts[@]}"; do [[ -z ${own[HEALTH]} ]] || had[$((at++))]=$part; done

  for part in "${parts[@]}"; do take_set_port "$part"; done
  for part in "${parts[@]}"; do take_own_port "$part" "${own[$part]}"; done
  choose_health_ports "${own[HEALTH]}"
  for part in "${parts[@]}"; do take_free_port "$part"; done
  export KEDGE_HTTP_PORT=${ports[HTTP]} KEDGE_NATS_PORT=${ports[NATS]} KEDGE_HTTPS_PORT=${ports[HTTPS]:-}
  export KEDGE_CERTIFICATES=none
  [[ -z $KEDGE_HTTPS_PORT ]] || KEDGE_CERTIFICATES=self-signed
}

# take_set_port PART: what somebody set, if anything.
take_set_port() {
  local setting=KEDGE_DEV_$1_PORT port other
  port=${!setting:-}
  [[ -n $port ]] || return 0
  is_port "$port" || fail "$setting is \"$port\", which is no port" "set it to a number from 1 to 65535, or leave it out: then the first free one is taken"
  other=${holders[$port]:-}
  [[ -z $other ]] || fail "$setting and $other both name port $port" 'give each its own, or leave one out: then the first free one is taken'
  is_free "$port" || can_leave "${had[$port]:-}" "$1" || refuse_taken_port "$1" "$port"
  hold_port "$1" "$port" "$setting"
}

# can_leave PART-THAT-HAS-IT PART: whether that one ends before this one begins. The proxy is one container, whatever it listens for.
can_leave() { [[ $1 == "$2" || "$1 $2" =~ ^(HTTP|HTTPS|PROXY)\ (HTTP|HTTPS)$ ]]; }

# refuse_taken_port PART PORT
refuse_taken_port() {
  local setting=KEDGE_DEV_$1_PORT holder=${had[$2]:-}
  [[ -n $holder ]] || fail "port $2 is taken by another program" "stop that one, or set another $setting"
  case $holder in HTTP | HTTPS | NATS) ;; *) holder="the health check of its ${holder,,}" ;; esac
  fail "port $2 is taken by the dev stack that runs, for $holder" "say \"kedge dev --down\" before, or set another $setting"
}

# take_own_port PART ITS-OWN: what the stack has already, where nothing is set and nobody else was given it.
take_own_port() {
  [[ -n ${ports[$1]:-} || -z $2 || -n ${holders[$2]:-} ]] || hold_port "$1" "$2" "$1"
}

# take_free_port PART: where it has none yet.
take_free_port() {
  local -A firsts=([HTTP]=8080 [HTTPS]=8443 [NATS]=4223)
  [[ -z ${ports[$1]:-} ]] || return 0
  find_free_ports "${firsts[$1]}" 1
  hold_port "$1" "$at" "$1"
}

# choose_health_ports PROXY'S: five in a row, one for each component.
choose_health_ports() {
  local part port
  at=$((${1:-0} - 3))
  for ((port = at; port < at + 5; port += 1)); do [[ -n $1 && -z ${holders[$port]:-} ]] || at=0; done
  ((at > 0)) || find_free_ports 9111 5
  for part in "${health_parts[@]}"; do
    export "KEDGE_${part}_HEALTH_PORT=$at"
    hold_port "$part" "$at" "$part"
    ((at += 1))
  done
}

# find_free_ports FIRST COUNT: sets `at` to the first of so many free ports in a row.
find_free_ports() {
  local found=0
  for ((at = $1; found < $2; at += 1)); do
    ((at <= 65535)) || fail "no port is free from $1 on" 'stop a program that listens, or set KEDGE_DEV_HTTP_PORT, KEDGE_DEV_HTTPS_PORT, KEDGE_DEV_NATS_PORT'
    if [[ -z ${holders[$at]:-}${usual[$at]:-} ]] && is_free "$at"; then ((found += 1)); else found=0; fi
  done
  ((at -= $2))
}

# hold_port PART PORT WHO
hold_port() { ports[$1]=$2 holders[$2]=$3; }

is_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 <= 65535)); }

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# value_in LINES NAME
value_in() { sed -n "s/^$2=//p" <<<"$1"; }
