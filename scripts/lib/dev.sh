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
  local others='' reconcilers project id
  if [[ ${KEDGE_NODE:-local} == dev ]]; then
    others='this one (KEDGE_NODE=dev)'
  else
    reconcilers=$(docker ps --all --filter label=com.docker.compose.service=reconciler --format '{{.Label "com.docker.compose.project"}} {{.ID}}') ||
      engine_silent
    while read -r project id; do
      [[ -z $id || $project == "$dev_project" ]] || ! has_node_dev "$id" || others+=${others:+, }$project
    done <<<"$reconcilers"
    [[ -n $others ]] || find_left_behind
  fi
  [[ -z $others ]] || fail "another stack has the name of the node of \"kedge dev\": ${others//$'\n'/, }" 'give that one another KEDGE_NODE, or use another machine'
}

# has_node_dev CONTAINER
has_node_dev() {
  local environment
  environment=$(docker inspect --format '{{json .Config.Env}}' "$1") || engine_silent
  [[ $environment == *'"KEDGE_NODE=dev"'* ]]
}

# Sets `others` to what somebody made under that name, where it never started here.
find_left_behind() {
  local volumes
  volumes=$(docker volume ls --quiet --filter "label=com.docker.compose.project=$dev_project") || engine_silent
  [[ -n $volumes ]] || others=$(docker ps --all --filter label=kedge.node=dev --format '{{.Names}}') || engine_silent
}

# No answer is not an empty one: what it would have named could be removed, or its port taken.
engine_silent() { fail 'the engine did not answer' 'say it again; "docker ps" shows whether it does'; }

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
  unwell=$(docker ps --quiet --filter "label=com.docker.compose.project=$dev_project" --filter health=unhealthy) || return
  on_each "$unwell" docker restart || return
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

# A step goes on after what fails, unless it is told: an engine that did not answer has not said that nothing is left.
remove_dev_services() {
  local containers labelled default
  containers=$(docker ps --all --quiet --filter label=kedge.node=dev) || return
  on_each "$containers" docker stop || return
  on_each "$containers" docker rm --force --volumes || return
  labelled=$(docker network ls --quiet --filter label=managed-by=kedge --filter label=kedge.node=dev) || return
  default=$(docker network ls --quiet --filter label=managed-by=kedge --filter name='^kedge-dev$') || return
  on_each "$labelled"$'\n'"$default" docker network rm
}

# on_each LINES COMMAND...: once for all of them, and not at all for none.
on_each() {
  local each
  readarray -t each < <(sort -u <<<"$1" | sed '/^$/d')
  ((${#each[@]} == 0)) || "${@:2}" "${each[@]}"
}

# Those that it has, when it runs; else the first free ones. Never the proxy's usual port by itself: a proxy shares its port with whoever asks.
choose_dev_ports() {
  local proxy settings part at
  proxy=$(docker ps --quiet --filter "label=com.docker.compose.project=$dev_project" --filter label=com.docker.compose.service=proxy) || engine_silent
  settings=$([[ -z $proxy ]] || docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "${proxy%%$'\n'*}") || engine_silent
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
