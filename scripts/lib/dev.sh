# shellcheck shell=bash
# "kedge dev": a stack of its own beside the usual one. The command itself decides what runs in it (libs/cli/commands/dev.ts) and is asked
# twice, before Compose and after it, because it may run in a container, where there is no Compose.

: "${root:?}"
# shellcheck source=step.sh
source "$root/scripts/lib/step.sh"
# shellcheck source=run-kedge.sh
source "$root/scripts/lib/run-kedge.sh"
# shellcheck source=dev-leftovers.sh
source "$root/scripts/lib/dev-leftovers.sh"

dev_project=kedge-dev
dev_folder=$root/.kedge/dev
# shellcheck source=dev-refusals.sh
source "$root/scripts/lib/dev-refusals.sh"
# shellcheck source=dev-ports.sh
source "$root/scripts/lib/dev-ports.sh"
# shellcheck source=dev-turn.sh
source "$root/scripts/lib/dev-turn.sh"

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
  local step=finish
  take_dev_turn
  refuse_other_folder
  refuse_same_node
  read_dev_settings
  case $KEDGE_DEV in
    up)
      refuse_taken_names
      start_dev >&2
      ;;
    down) if has_dev_stack; then end_dev >&2; else step=absent; fi ;;
  esac
  end_dev_turn
  (KEDGE_DEV_STEP=$step KEDGE_DEV_SETTINGS=$dev_settings run_kedge "$@")
  [[ $KEDGE_DEV != down ]] || say_dev_leftovers >&2
}

# Whether anything of it is left that runs, ran, or was made for it.
has_dev_stack() {
  local found
  found=$(docker ps --all --quiet --filter "label=com.docker.compose.project=$dev_project") || engine_silent
  found+=$(docker ps --all --quiet --filter label=kedge.node=dev) || engine_silent
  found+=$(dev_networks) || engine_silent
  [[ -n $found ]]
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
    if [[ $name =~ ^KEDGE_(DEV|DEV_SERVICES|DEV_STRATEGY|ONLY|CONFIG|CONFIG_FILE)$ ]]; then export "$name=$value"; fi
  done <"$dev_settings"
}

start_dev() {
  choose_dev_ports
  export KEDGE_NODE=dev KEDGE_NETWORK=kedge-dev KEDGE_PROJECT_DIR=$dev_folder KEDGE_KEYS=$dev_folder/.kedge KEDGE_HOOKS='' COMPOSE_PROFILES=''
  # Where Compose runs, its own words go into a log.
  exec 8>&2
  trap interrupted_dev INT
  if try_step 'dev stack' bring_up_dev; then
    trap - INT
    return 0
  fi
  trap - INT
  fail 'dev stack' "\"docker compose -p $dev_project ps -a\" shows all parts, \"docker compose -p $dev_project logs PART\" all that one says"
}

# Ctrl-C is no failure, and half a stack may be there.
interrupted_dev() {
  {
    echo
    say 'stopped: what was started of the dev stack so far runs on'
    say '"kedge dev" goes on with it, "kedge dev --down" ends it'
  } >&8
  exit 130
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
  local containers networks
  containers=$(docker ps --all --quiet --filter label=kedge.node=dev) || return
  on_each "$containers" docker stop || return
  on_each "$containers" docker rm --force --volumes || return
  networks=$(dev_networks) || return
  on_each "$networks" docker network rm
}

# The default one has no label that tells whose it is.
dev_networks() {
  docker network ls --quiet --filter label=managed-by=kedge --filter label=kedge.node=dev || return
  docker network ls --quiet --filter label=managed-by=kedge --filter name='^kedge-dev$'
}

# on_each LINES COMMAND...: once for all of them, and not at all for none.
on_each() {
  local each
  readarray -t each < <(sort -u <<<"$1" | sed '/^$/d')
  ((${#each[@]} == 0)) || "${@:2}" "${each[@]}"
}
