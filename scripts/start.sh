#!/usr/bin/env bash
# npm start: everything from a bare machine to a running Kedge. KEDGE_CONFIG names your own configuration; without it the demo runs.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=lib/settings.sh
source scripts/lib/settings.sh
# shellcheck source=lib/step.sh
source scripts/lib/step.sh
# shellcheck source=lib/prepare.sh
source scripts/lib/prepare.sh
# shellcheck source=lib/docker-config.sh
source scripts/lib/docker-config.sh
# shellcheck source=lib/taken-port.sh
source scripts/lib/taken-port.sh
# shellcheck source=demo/await-answer.sh
source scripts/demo/await-answer.sh

http_port=${KEDGE_HTTP_PORT:-80}
url=http://localhost:$http_port/
url=${url/:80\//\/}
registry=localhost:${KEDGE_REGISTRY_PORT:-5000}

main() {
  [[ -d ${KEDGE_CONFIG:-.} ]] || fail "KEDGE_CONFIG names $KEDGE_CONFIG, which is no folder" 'correct it, or unset it for the demo'
  prepare
  make_docker_config
  refuse_taken_port "$http_port"
  if [[ -n ${KEDGE_CONFIG:-} ]]; then
    bring_up
    ./kedge status
  else
    export KEDGE_CONFIG=./demo/config
    prepare_demo
    bring_up --profile demo
    await_answer "$url"
    ./kedge status
    say_what_next
  fi
}

bring_up() {
  try_step 'stack' docker compose "$@" up --detach --wait --wait-timeout 120 && return 0
  show_unwell "$@" >&2
  fail 'stack' "\"docker compose ps -a\" shows all parts, \"docker compose logs PART\" all that one says"
}

# The last words of every part that is not as it should be.
show_unwell() {
  local part state health exit_code
  while read -r part state health exit_code; do
    [[ $state/$health != running/healthy && $state/$health != running/- && $state/$exit_code != exited/0 ]] || continue
    say "$part is $state ($health)"
    docker compose logs --no-log-prefix --tail 5 "$part" 2>&1 | cut -c 1-300 | sed 's/^/    /'
  done < <(docker compose "$@" ps --all --format '{{.Service}} {{.State}} {{or .Health "-"}} {{.ExitCode}}')
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
