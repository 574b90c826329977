# shellcheck shell=bash
# "kedge dev": a stack of its own beside the usual one. The command itself decides what runs in it (libs/cli/commands/dev.ts) and is asked
# twice, before Compose and after it, because it may run in a container, where there is no Compose.

: "${root:?}"
# shellcheck source=step.sh
source "$root/scripts/lib/step.sh"
# shellcheck source=run-kedge.sh
source "$root/scripts/lib/run-kedge.sh"

dev_project=kedge-dev
dev_folder=$root/.kedge/dev

# For any command line in which the word stands; the command says whether it is meant.
run_dev() {
  make_command >&2
  # Files can be checked all the same.
  if ! (umask 077 && mkdir -p "$dev_folder" && [[ -w $dev_folder ]]) 2>/dev/null; then
    say "$dev_folder cannot be written, so no stack can be started from here" >&2
    run_kedge "$@"
  fi
  dev_settings=$(mktemp "$dev_folder/settings.XXXXXX")
  trap 'rm -f "$dev_settings"' EXIT
  # In the container somebody else writes it; the folder keeps everybody out.
  chmod 666 "$dev_settings"
  (KEDGE_DEV_STEP=prepare KEDGE_DEV_SETTINGS=$dev_settings run_kedge "$@")
  [[ -s $dev_settings ]] || return 0

  docker info >/dev/null 2>&1 || fail 'no container engine answers' 'start it ("npm start" installs one), or join the group docker'
  refuse_same_node
  read_dev_settings
  case $KEDGE_DEV in
    up) start_dev >&2 ;;
    down) end_dev >&2 ;;
  esac
  (KEDGE_DEV_STEP=finish KEDGE_DEV_SETTINGS=$dev_settings run_kedge "$@")
}

# What a node of that name runs is taken for its own by every stack that has it: it would remove what another one started.
refuse_same_node() {
  local others=''
  [[ ${KEDGE_NODE:-local} != dev ]] || others='this one (KEDGE_NODE=dev)'
  [[ -n $others ]] || others=$(
    docker ps --all --filter label=com.docker.compose.service=reconciler --format '{{.Label "com.docker.compose.project"}} {{.ID}}' |
      while read -r project id; do
        [[ $project == "$dev_project" ]] || ! docker inspect --format '{{json .Config.Env}}' "$id" | grep -q '"KEDGE_NODE=dev"' || echo "$project"
      done
  )
  # It never started here, and somebody made these.
  [[ -n $others || -n $(docker volume ls --quiet --filter "label=com.docker.compose.project=$dev_project") ]] ||
    others=$(docker ps --all --filter label=kedge.node=dev --format '{{.Names}}')
  [[ -z $others ]] || fail "another stack has the name of the node of \"kedge dev\": ${others//$'\n'/, }" 'give that one another KEDGE_NODE, or use another machine'
}

# Before the first start of any stack there is no image to run the command in.
make_command() {
  [[ -x $root/node_modules/.bin/node ]] || docker image inspect "kedge/cli:${KEDGE_TAG:-local}" >/dev/null 2>&1 ||
    step 'component images' "read the log; \"docker compose build\" repeats this step" dev_compose build
}

read_dev_settings() {
  local name value
  while IFS='=' read -r name value; do
    if [[ $name =~ ^KEDGE_(DEV|ONLY|CONFIG|CONFIG_FILE)$ ]]; then export "$name=$value"; fi
  done <"$dev_settings"
}

start_dev() {
  choose_dev_ports
  export KEDGE_NODE=dev KEDGE_NETWORK=kedge-dev KEDGE_PROJECT_DIR=$dev_folder KEDGE_KEYS=$dev_folder/.kedge KEDGE_HOOKS='' COMPOSE_PROFILES=''
  try_step 'dev stack' bring_up_dev && return 0
  fail 'dev stack' "\"docker compose -p $dev_project ps -a\" shows all parts, \"docker compose -p $dev_project logs PART\" all that one says"
}

# Compose would give up at once on a part that an earlier start left unwell.
bring_up_dev() {
  local unwell
  readarray -t unwell < <(docker ps --quiet --filter "label=com.docker.compose.project=$dev_project" --filter health=unhealthy)
  ((${#unwell[@]} == 0)) || docker restart "${unwell[@]}"
  dev_compose up --detach --wait --wait-timeout 120
}

# Kedge first, or it would start again what is stopped.
end_dev() {
  step 'dev stack down' 'read the log and say it again' dev_compose down --remove-orphans
  step 'dev services down' 'read the log and say it again' remove_dev_services
}

dev_compose() {
  docker compose --project-directory "$root" --file "$root/docker-compose.yml" --project-name "$dev_project" "$@"
}

remove_dev_services() {
  local containers networks
  readarray -t containers < <(docker ps --all --quiet --filter label=kedge.node=dev)
  ((${#containers[@]} == 0)) || { docker stop "${containers[@]}" && docker rm --force --volumes "${containers[@]}"; }
  readarray -t networks < <(
    docker network ls --quiet --filter label=managed-by=kedge --filter label=kedge.node=dev
    docker network ls --quiet --filter label=managed-by=kedge --filter name='^kedge-dev$'
  )
  ((${#networks[@]} == 0)) || docker network rm "${networks[@]}"
}

# Those that it has, when it runs; else the first free ones. Never the proxy's usual port by itself: a proxy shares its port with whoever asks.
choose_dev_ports() {
  local proxy settings part at
  proxy=$(docker ps --quiet --filter "label=com.docker.compose.project=$dev_project" --filter label=com.docker.compose.service=proxy | head -n 1)
  settings=$([[ -z $proxy ]] || docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$proxy")
  KEDGE_HTTP_PORT=$(dev_port KEDGE_DEV_HTTP_PORT "$(value_in "$settings" KEDGE_HTTP_PORT)" 8080)
  KEDGE_NATS_PORT=$(dev_port KEDGE_DEV_NATS_PORT "$(value_in "$settings" KEDGE_BUS_URL | sed 's/.*://')" 4223)
  at=$(value_in "$settings" KEDGE_HEALTH_PORT)
  # The proxy's is the fourth of five.
  if [[ -n $at ]]; then at=$((at - 3)); else at=$(free_ports 9111 5); fi
  for part in WATCHER RECONCILER SCHEDULER PROXY SECRETS; do
    export "KEDGE_${part}_HEALTH_PORT=$at"
    ((at += 1))
  done
  export KEDGE_HTTP_PORT KEDGE_NATS_PORT
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
