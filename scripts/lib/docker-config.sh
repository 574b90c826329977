# shellcheck shell=bash

# Where Docker's folder is missing the engine would make it, for root alone, and "docker login" could not write there.
make_docker_config() {
  local folder=${KEDGE_DOCKER_CONFIG:-${HOME:-/root}/.docker}
  [[ -d $folder ]] || (umask 077 && mkdir -p "$folder") || fail "the folder $folder cannot be made" 'make it, or set KEDGE_DOCKER_CONFIG'
}
