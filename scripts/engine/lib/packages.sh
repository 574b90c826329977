# shellcheck shell=bash
# Puts the engine's programs on the machine; a second call finds them there and needs no network.

: "${engine_home:?}" "${log_dir:?}"
# The first suite whose engine has a current Compose and buildx beside it.
engine_suite=${KEDGE_ENGINE_SUITE:-sid}
plugin_dir=/usr/local/lib/docker/cli-plugins

install_engine() {
  # shellcheck source=/dev/null
  case $(. /etc/os-release && echo "$ID") in
    debian) install_on_debian ;;
    ubuntu) install_on_ubuntu ;;
  esac
}

install_on_debian() {
  # runc stays the machine's own: that of the newer suite needs a newer libc.
  local needed=() program
  for program in iptables runc; do command -v "$program" >/dev/null || needed+=("$program"); done
  # Where the kernel confines with AppArmor, the engine cannot start a container without its parser.
  [[ ! -e /sys/kernel/security/apparmor ]] || command -v apparmor_parser >/dev/null || needed+=(apparmor)
  if ((${#needed[@]} > 0)) || ! engine_is_unpacked; then
    refresh_package_lists
  fi
  ((${#needed[@]} == 0)) || apt_install "${needed[@]}"
  engine_is_unpacked || unpack_engine
  link_into_place
}

install_on_ubuntu() {
  ! docker_is_complete || return 0
  refresh_package_lists
  apt_install docker.io docker-compose-v2 docker-buildx iptables
}

docker_is_complete() { command -v dockerd >/dev/null && docker compose version >/dev/null 2>&1 && docker buildx version >/dev/null 2>&1; }

refresh_package_lists() {
  say 'apt-get update'
  # A third-party source that is down must not stop us: what is installed next decides.
  quietly apt apt-get update || true
}

apt_install() {
  say "apt-get install $*"
  DEBIAN_FRONTEND=noninteractive quietly apt apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$@" ||
    fail "apt-get could not install $*" 'make the mirror of this machine reachable, or install Docker yourself, and start again'
}

engine_is_unpacked() { [[ -e $engine_home/bin/.complete ]]; }

unpack_engine() {
  local staging=$engine_home/staging bin=$engine_home/bin started=$SECONDS
  say "downloading the engine, Compose and buildx (Debian $engine_suite) into $engine_home"
  rm -rf "$staging" "$bin"
  fetch_from_suite "$engine_suite" "$staging" docker.io docker-cli containerd docker-compose docker-buildx tini-static

  mkdir -p "$bin"
  find "$staging/usr/bin" "$staging/usr/sbin" "$staging/usr/libexec/docker" -type f -perm -u+x -exec mv -t "$bin" {} +
  ln -sf tini-static "$bin/docker-init"
  rm -rf "$staging"
  "$bin/dockerd" --version >>"$log_dir/apt.log" 2>&1 ||
    fail "the engine of Debian $engine_suite does not run on this machine" "name an older suite in KEDGE_ENGINE_SUITE, for example 'trixie', and start again"
  touch "$bin/.complete"
  say "downloaded in $((SECONDS - started)) s"
}

# What the machine already has is never replaced.
link_into_place() {
  local plugin
  command -v docker >/dev/null || ln -s "$engine_home/bin/docker" /usr/local/bin/docker
  mkdir -p "$plugin_dir"
  for plugin in compose buildx; do
    docker "$plugin" version >/dev/null 2>&1 || ln -sfn "$engine_home/bin/docker-$plugin" "$plugin_dir/docker-$plugin"
  done
}
