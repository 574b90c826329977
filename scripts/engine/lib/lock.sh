# shellcheck shell=bash
# The second of two invocations waits here, then looks again: everything may be done by then.

: "${engine_home:?}"

take_lock() {
  # Where there is no flock nothing is installed either, and pulling twice does no harm.
  command -v flock >/dev/null || return 0
  mkdir -p "$engine_home"
  exec 9>"$engine_home/lock"
  flock 9
}
