#!/usr/bin/env bash
# Gives a bare machine a Docker engine with Compose and buildx; does nothing where one answers. See README.md.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/log.sh
source "$here/lib/log.sh"
# shellcheck source=lib/lock.sh
source "$here/lib/lock.sh"
# shellcheck source=lib/debian-suite.sh
source "$here/lib/debian-suite.sh"
# shellcheck source=lib/packages.sh
source "$here/lib/packages.sh"
# shellcheck source=lib/daemon.sh
source "$here/lib/daemon.sh"

local_engine=unix:///var/run/docker.sock

main() {
  ! engine_is_complete || return 0
  refuse_other_machines
  take_lock
  ! engine_is_complete || return 0

  install_engine
  daemon_answers || start_daemon
  engine_is_complete ||
    fail "Compose or buildx does not answer" "run 'docker compose version' and 'docker buildx version' to see why"
  say "ready: $(docker compose version), buildx $(docker buildx version | cut -d' ' -f2)"
}

engine_is_complete() {
  daemon_answers && docker compose version >/dev/null 2>&1 && docker buildx version >/dev/null 2>&1
}

refuse_other_machines() {
  local advice='install Docker Engine with its Compose and buildx plugins (https://docs.docker.com/engine/install/), start it, and start again'
  local system
  # shellcheck source=/dev/null
  system=$(. /etc/os-release 2>/dev/null && echo "$ID") || system=$(uname -s)

  [[ ${DOCKER_HOST:-$local_engine} == "$local_engine" ]] || fail "the Docker engine at DOCKER_HOST=$DOCKER_HOST does not answer" 'start it, or unset DOCKER_HOST to use this machine'
  [[ $system == debian || $system == ubuntu ]] || fail "Docker is not ready, and this machine ($system) is not Debian or Ubuntu" "$advice"
  ((EUID == 0)) || fail 'Docker is not ready, and only root can install or start it' "run this as root, or $advice"
}

main "$@"
