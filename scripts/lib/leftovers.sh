# shellcheck shell=bash
# What a stopped Kedge leaves, and the command that removes each part. Nothing is named that is not there.

: "${root:?}"
# shellcheck source=project.sh
source "$root/scripts/lib/project.sh"
# shellcheck source=dev-leftovers.sh
source "$root/scripts/lib/dev-leftovers.sh"

say_leftovers() {
  local node=${KEDGE_NODE:-local} workloads networks volumes
  local ours=label=kedge.node=$node
  # Also those that ended: a job between two runs is one.
  workloads=$(docker ps --all --filter "$ours" --format '{{.Names}}' | paste -sd ' ')
  networks=$(our_networks "$ours" | paste -sd ' ')
  volumes=$(docker volume ls --quiet --filter "label=com.docker.compose.project=$(project_name)" | wc -l)
  echo 'Left as it is:'
  say_dev_stack
  if [[ -n $workloads ]]; then
    # No label tells one installation from another: whoever removes them has to know whose they are.
    leftover workloads "$workloads (Kedge takes them over again at the next start; these are all of node $node, also those of another installation on this engine that calls its node so)"
    removed_by "docker rm -f \$(docker ps -aq --filter $ours)"
  else
    leftover workloads none
  fi
  if [[ -n $networks ]]; then
    leftover networks "$networks"
    removed_by "docker network rm $networks"
  fi
  if ((volumes > 0)); then
    leftover volumes "$volumes of the stack: keys, bus, proxy, secrets, demo registry; and those that workloads declare"
    removed_by "docker compose --profile '*' down --volumes; $(keys_removal)"
  fi
  leftover images 'components, NATS, demo registry; and, as ordinary images, what was built from or pushed (node, hello)'
  removed_by "docker image rm \$(docker compose --profile '*' config --images | sort -u)"
  leftover engine 'scripts/engine/README.md says how to stop and remove one that npm start installed'
}

# That of "kedge dev" has a project of its own, which nothing takes down but its own command.
say_dev_stack() {
  local dev=label=com.docker.compose.project=kedge-dev parts
  parts=$(docker ps --quiet --filter "$dev" --filter "label=com.docker.compose.project.working_dir=$(cd "$root" && pwd -P)")
  if [[ -n $parts ]]; then
    leftover 'dev stack' 'it runs beside this one and serves on; "./kedge dev --down" takes it down'
  elif [[ -e $root/.kedge/dev/.kedge ]]; then
    say_dev_volumes
  fi
}

# Those of "kedge dev" lie below, and its bus is asked with them as long as its volumes are there.
keys_removal() {
  if [[ -e $root/.kedge/dev/.kedge ]]; then
    echo 'find .kedge -mindepth 1 -maxdepth 1 ! -name dev -exec rm -rf {} + # .kedge/dev holds the keys of the dev stack'
  else
    echo 'rm -rf .kedge'
  fi
}

# Those that Kedge made for this node, also where nothing of it is on them any more, and its default one: other nodes' are not ours to name.
our_networks() {
  local made used own
  made=$(docker network ls --filter label=managed-by=kedge --format '{{.Name}}')
  own=$(docker network ls --filter label=managed-by=kedge --filter "$1" --format '{{.Name}}')
  used=$(docker ps --all --filter "$1" --format '{{.Networks}}' | tr ',' '\n')
  comm -12 <(sort -u <<<"$made") <(printf '%s\n' "$own" "$used" "${KEDGE_NETWORK:-kedge}" dispenser | sort -u)
}

