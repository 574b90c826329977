#!/usr/bin/env bash
# Makes the base images present: already here, pulled, or built as stand-ins. See README.md.
set -euo pipefail

images=(node:26-trixie-slim nats:2.15-alpine registry:2)
pull_timeout_s=300
registry_answers=true

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
topic='base images'
# shellcheck source=lib/log.sh
source "$here/lib/log.sh"
# shellcheck source=lib/lock.sh
source "$here/lib/lock.sh"
# shellcheck source=lib/debian-suite.sh
source "$here/lib/debian-suite.sh"
# shellcheck source=lib/packages.sh
source "$here/lib/packages.sh"
# shellcheck source=lib/stand-ins.sh
source "$here/lib/stand-ins.sh"
# shellcheck source=lib/stand-in-programs.sh
source "$here/lib/stand-in-programs.sh"

main() {
  local image missing
  "$here/up.sh"
  missing=$(missing_images)
  [[ -n $missing ]] || return 0
  take_lock
  for image in $(missing_images); do
    pull "$image" || build_stand_in "$image"
  done
  say "ready: ${images[*]}"
}

# A stand-in that was built from other files counts as missing.
missing_images() {
  local image label fingerprint
  fingerprint=$(stand_in_fingerprint)
  for image in "${images[@]}"; do
    label=$(stand_in_label_of "$image")
    [[ $label == "$fingerprint" || $label == '' ]] || echo "$image"
  done
}

# Where the first pull finds no registry the others are not tried; the engine itself gives up on a silent one after 15 s.
pull() {
  local answer
  $registry_answers || return 1
  say "$1: docker pull"
  if answer=$(within "$pull_timeout_s" docker pull --quiet "$1" 2>&1); then return 0; fi
  say "$1: not pulled: ${answer##*$'\n'}"
  [[ $answer == *'manifest unknown'* ]] || registry_answers=false
  return 1
}

main "$@"
