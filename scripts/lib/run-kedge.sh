# shellcheck shell=bash
# Runs the command line itself: with the Node of the clone, else in a container of the stack.

: "${root:?}"
# shellcheck source=named-folders.sh
source "$root/scripts/lib/named-folders.sh"

# Replaces the shell that calls it.
run_kedge() {
  # As Compose counts it: from the folder of the stack, wherever the command is given.
  export KEDGE_CONFIG=${KEDGE_CONFIG:-./deploy}
  [[ $KEDGE_CONFIG == /* ]] || KEDGE_CONFIG=$root/$KEDGE_CONFIG
  if [[ -x $root/node_modules/.bin/node ]]; then
    export KEDGE_KEYS=${KEDGE_KEYS:-$root/.kedge}
    export KEDGE_BUS_URL=${KEDGE_BUS_URL:-nats://127.0.0.1:${KEDGE_NATS_PORT:-4222}}
    exec "$root/node_modules/.bin/node" "$root/libs/cli/main.ts" "$@"
  fi
  run_in_container "$@"
}

run_in_container() {
  local word words=() terminal=() project=() mounts=() command named
  # The keys and the bus of a stack are those of its project.
  for word; do
    if [[ $word == --dev ]]; then
      project=(--project-name kedge-dev)
      export KEDGE_NODE=dev
    else
      words+=("$word")
    fi
  done
  [[ ${KEDGE_NODE:-local} != dev ]] || project=(--project-name kedge-dev)
  [[ -t 0 && -t 1 ]] || terminal=(--no-TTY)
  # What is named on the command line lies where it does outside, and is read whoever owns it.
  named_folders ${words[@]+"${words[@]}"}
  local folder known=:/:
  for folder in "$PWD" "$(realpath --no-symlinks --canonicalize-missing -- "$KEDGE_CONFIG")" ${named[@]+"${named[@]}"}; do
    [[ $known != *":$folder:"* && -d $folder ]] || continue
    known+=$folder:
    mounts+=(--volume "$folder:$folder:ro")
  done
  # Dispenser left the number that its process has outside.
  [[ $command != import ]] || mounts+=(--volume /proc:/host/proc:ro --env KEDGE_PROCESSES=/host/proc)
  [[ -z ${KEDGE_DEV_STEP:-} ]] ||
    mounts+=(--volume "$KEDGE_DEV_SETTINGS:$KEDGE_DEV_SETTINGS" --env KEDGE_DEV_STEP --env KEDGE_DEV_SETTINGS)
  exec docker compose --project-directory "$root" --file "$root/docker-compose.yml" ${project[@]+"${project[@]}"} \
    run --rm --no-deps --quiet-pull ${terminal[@]+"${terminal[@]}"} --workdir "$PWD" --cap-add DAC_READ_SEARCH ${mounts[@]+"${mounts[@]}"} \
    --env "NO_COLOR=${NO_COLOR:-}" --env "KEDGE_CONFIG=$KEDGE_CONFIG" --env "KEDGE_CONFIG_FILE=${KEDGE_CONFIG_FILE:-}" --env "KEDGE_NETWORK=${KEDGE_NETWORK:-}" --env "KEDGE_HTTP_PORT=${KEDGE_HTTP_PORT:-80}" \
    --env "KEDGE_HTTPS_PORT=${KEDGE_HTTPS_PORT:-}" \
    cli ${words[@]+"${words[@]}"}
}
