# shellcheck shell=bash
# How these scripts talk: one line per step with its time; a step that fails shows the end of its log and what to do.

: "${root:?}"
step_logs=$root/dist/log

say() { printf '==> %s\n' "$*"; }

# fail WHAT WHAT-TO-DO: ends the script.
fail() {
  say "failed: $1" >&2
  say "what to do: $2" >&2
  exit 1
}

# step NAME WHAT-TO-DO COMMAND...: silent while all goes well.
step() {
  local name=$1 advice=$2
  shift 2
  try_step "$name" "$@" || fail "$name" "$advice"
}

# try_step NAME COMMAND...: the same, but its failure ends nothing.
try_step() {
  local name=$1 log started=$SECONDS
  shift
  log=$step_logs/${name// /-}.log
  mkdir -p "$step_logs"
  printf '==> %s ... ' "$name"
  if "$@" >"$log" 2>&1; then
    echo "$((SECONDS - started)) s"
    return 0
  fi
  echo "failed after $((SECONDS - started)) s"
  {
    tail -n 40 "$log" | cut -c 1-240 | sed 's/^/    /'
    say "the whole log: $log"
  } >&2
  return 1
}
