#!/usr/bin/env bash
# npm stop: takes Kedge down; what it deployed goes on running.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=lib/settings.sh
source scripts/lib/settings.sh
# shellcheck source=lib/step.sh
source scripts/lib/step.sh
# shellcheck source=lib/leftovers.sh
source scripts/lib/leftovers.sh

docker info >/dev/null 2>&1 || fail 'no engine answers, so nothing of Kedge runs' 'nothing; "npm start" starts everything'
step 'stop' 'read the log and stop again' docker compose --profile '*' down

say_leftovers
