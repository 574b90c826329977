# shellcheck shell=bash
# What the stack of "kedge dev" leaves when it does not run, and the command that removes each part. Nothing is named that is not there.

: "${root:?}"

say_dev_leftovers() {
  local said
  said=$(say_dev_volumes)
  [[ -z $said ]] || printf '%s\n' 'Left as it is:' "$said"
}

# Its keys belong to the bus in these volumes: one without the other serves nobody. Networks are there only where somebody else is on them.
say_dev_volumes() {
  local dev=label=com.docker.compose.project=kedge-dev networks
  if [[ -n $(docker volume ls --quiet --filter "$dev") ]]; then
    leftover 'dev stack' 'volumes and keys of "kedge dev", which does not run; the next "kedge dev" takes them up again'
    removed_by "docker volume rm \$(docker volume ls -q --filter $dev); rm -rf .kedge/dev"
  fi
  networks=$({
    docker network ls --filter label=kedge.node=dev --format '{{.Name}}'
    docker network ls --filter "$dev" --format '{{.Name}}'
  } | sort -u | paste -sd ' ')
  [[ -n $networks ]] || return 0
  leftover 'dev networks' "$networks"
  removed_by "docker network rm $networks"
}

leftover() { printf '  %-10s  %s\n' "$@"; }
removed_by() { printf '  %-10s  remove: %s\n' '' "$1"; }
