#!/usr/bin/env bash
# Builds a version of the demo's service and pushes it to the local registry: push.sh v1|v2|bad
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=../lib/settings.sh
source "$root/scripts/lib/settings.sh"
registry=localhost:${KEDGE_REGISTRY_PORT:-5000}
version=${1:-}

case $version in
  v1 | v2 | bad) ;;
  *)
    echo "usage: scripts/demo/push.sh v1|v2|bad" >&2
    exit 2
    ;;
esac

"$root/node_modules/.bin/node" "$root/scripts/demo/until-answers.ts" "http://$registry/v2/" 20 || {
  echo "no registry answers at $registry: run \"npm start\" first" >&2
  exit 1
}
# No attestation: its time stamp would make every build another image.
docker build --quiet --provenance=false --build-arg "VERSION=$version" --tag "$registry/hello:latest" "$root/demo/app" >/dev/null
docker push --quiet "$registry/hello:latest" >/dev/null
echo "pushed $version as $registry/hello:latest"
