# shellcheck shell=bash
# One voice for all scripts of this folder: short lines on stderr, everything long in a log file.

engine_home=${KEDGE_ENGINE_HOME:-/var/lib/kedge-engine}
log_dir=$engine_home/log

say() { printf '==> %s: %s\n' "${topic:-engine}" "$*" >&2; }

# fail WHAT WHAT-TO-DO: ends the script.
fail() {
  say "$1"
  say "what to do: $2"
  exit 1
}

# quietly NAME COMMAND...: the output goes to the log NAME; its end is shown only when the command fails.
quietly() {
  local log=$log_dir/$1.log
  shift
  mkdir -p "$log_dir"
  printf '\n--- %s\n' "$*" >>"$log"
  "$@" >>"$log" 2>&1 || {
    show_end "$log"
    return 1
  }
}

show_end() {
  tail -n 15 "$1" | cut -c 1-240 | sed 's/^/    /' >&2
  say "the whole log: $1"
}
