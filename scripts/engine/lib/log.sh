# shellcheck shell=bash
# One voice for all scripts of this folder: short lines on stderr, everything long in a log file.

# Only root installs an engine; others, whose engine is there already, keep nothing but logs and a lock.
private_home=/var/lib/kedge-engine
((EUID == 0)) || private_home=${XDG_CACHE_HOME:-$HOME/.cache}/kedge-engine
engine_home=${KEDGE_ENGINE_HOME:-$private_home}
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

# The end of a log, from its last "--- COMMAND" on.
show_end() {
  awk '/^--- / { text = "" } { text = text $0 "\n" } END { printf "%s", text }' "$1" | tail -n 15 | cut -c 1-240 | sed 's/^/    /' >&2
  say "the whole log: $1"
}

# within SECONDS COMMAND...: unbounded where the machine has no timeout, for example macOS.
within() {
  if command -v timeout >/dev/null; then timeout "$@"; else "${@:2}"; fi
}
