#!/usr/bin/env bash
# npm stop: takes Kedge down; what it deployed goes on running.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=lib/settings.sh
source scripts/lib/settings.sh
# shellcheck source=lib/step.sh
source scripts/lib/step.sh

docker info >/dev/null 2>&1 || fail 'no engine answers, so nothing of Kedge runs' 'nothing; "npm start" starts everything'
step 'stop' 'read the log and stop again' docker compose --profile '*' down

ours=label=kedge.node=${KEDGE_NODE:-local}
workloads=$(docker ps --filter "$ours" --format '{{.Names}}' | paste -sd ' ')
cat <<TEXT
Left as it is:
  workloads   ${workloads:-none} (Kedge takes them over again at the next start)
              remove: docker rm -f \$(docker ps -aq --filter $ours); docker network rm ${KEDGE_NETWORK:-kedge}
  volumes     keys, bus, proxy, secrets and demo registry
              remove: docker compose --profile '*' down --volumes; rm -rf .kedge
  images      components, demo and base images
              remove: docker image rm \$(docker image ls -q 'kedge/*')
  engine      scripts/engine/README.md says how to stop and remove one that npm start installed
TEXT
