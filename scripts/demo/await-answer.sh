# shellcheck shell=bash
# Waits for the first answer of the demo.

: "${root:?}"

# await_answer URL: ends the script when none comes, at once where none can come before somebody says so.
await_answer() {
  local answer='' hindrance=()
  try_step 'first answer' until_answer_or_hindrance "$1" && return 0
  [[ ${#hindrance[@]} -eq 0 ]] || fail "${hindrance[@]}"
  "$root/kedge" status || true
  fail 'first answer' 'the status above says what the service waits for; start again when it is mended'
}

# Its caller gets the hindrance: what it is, and what to do.
until_answer_or_hindrance() {
  local url=$1 seconds=0 end=$((SECONDS + 60))
  while ((SECONDS < end)); do
    answer=$("$root/node_modules/.bin/node" "$root/scripts/demo/until-answers.ts" "$url" "$seconds" hello 2>&1) && return 0
    mapfile -t hindrance < <(find_hindrance)
    [[ ${#hindrance[@]} -eq 0 ]] || return 1
    seconds=2
  done
  echo "$answer"
  return 1
}

# Nothing where nobody can tell.
find_hindrance() {
  local status
  status=$("$root/kedge" status --json) || return 0
  # What was in the way before this script began may have been taken away since.
  "$root/node_modules/.bin/node" "$root/scripts/demo/hindrance.ts" "$(($(date +%s) - SECONDS))" <<<"$status" || return 0
}
