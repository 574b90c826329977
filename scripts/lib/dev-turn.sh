# shellcheck shell=bash
# Of two "kedge dev" at the same time the second waits, and then finds what the first one started: otherwise both would look for free ports
# while neither listens yet.

: "${dev_folder:?}"

# Holds until end_dev_turn, or until the script ends. Where there is no flock, Compose alone keeps them apart.
take_dev_turn() {
  command -v flock >/dev/null || return 0
  exec 9<"$dev_folder"
  flock --nonblock 9 && return 0
  say 'waiting: another "kedge dev" of this folder is at work' >&2
  flock 9
}

end_dev_turn() { exec 9>&-; }
