#!/usr/bin/env bash
# npm start: everything from a bare machine to a running Kedge. KEDGE_CONFIG names your own configuration; without it the demo runs.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=lib/step.sh
source scripts/lib/step.sh
# shellcheck source=lib/prepare.sh
source scripts/lib/prepare.sh

url=http://localhost:${KEDGE_HTTP_PORT:-80}/
url=${url/:80\//\/}
registry=localhost:${KEDGE_REGISTRY_PORT:-5000}

main() {
  prepare
  if [[ -n ${KEDGE_CONFIG:-} ]]; then
    bring_up
    ./kedge status
  else
    export KEDGE_CONFIG=./demo/config
    prepare_demo
    bring_up --profile demo
    step 'first answer' "./kedge status says what it waits for" node_modules/.bin/node scripts/demo/until-answers.ts "$url" 60 hello
    ./kedge status
    say_what_next
  fi
}

bring_up() {
  step 'stack' "\"docker compose $* ps -a\" shows which part is not healthy, \"docker compose logs PART\" why" \
    docker compose "$@" up --detach --wait --wait-timeout 120
}

prepare_demo() {
  local port_file=demo/config/port.dispenser.vars
  if [[ $registry == localhost:5000 ]]; then rm -f "$port_file"; else echo "registry = \"$registry\"" >"$port_file"; fi
  step 'demo registry' "is port ${registry#*:} taken? KEDGE_REGISTRY_PORT sets another one" docker compose --profile demo up --detach registry
  # A second start leaves alone what was pushed since.
  node_modules/.bin/node scripts/demo/until-answers.ts "http://$registry/v2/" 20
  node_modules/.bin/node scripts/demo/until-answers.ts "http://$registry/v2/hello/tags/list" 0 latest 2>/dev/null ||
    step 'demo image v1' "\"scripts/demo/push.sh v1\" repeats this step" scripts/demo/push.sh v1
}

say_what_next() {
  cat <<TEXT

Open $url and leave it open. Then try:
  scripts/demo/push.sh v2     a new version serves seconds later, without one failed request
  scripts/demo/push.sh bad    a broken one never gets a request; ./kedge status says why
  ./kedge events              watch every decision (Ctrl-C ends it)
TEXT
}

main "$@"
