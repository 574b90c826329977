# shellcheck shell=bash
# Builds images that take the place of those that cannot be pulled: same name, same entry point, same paths.
# Each has a folder in stand-ins/ and a function here that lays the programs into its build context.

stand_ins=$here/stand-ins
stand_in_base=kedge-stand-in/debian:trixie
stand_in_label=kedge.stand-in
stand_in_work=$engine_home/stand-ins
ca_bundle=/etc/ssl/certs/ca-certificates.crt

# Changes with everything that the stand-ins are made of, except newer versions of the packages.
stand_in_fingerprint() {
  cat "$stand_ins"/*/* "$here/lib/stand-ins.sh" "$ca_bundle" | sha256sum | cut -c1-16
}

# build_stand_in IMAGE, for example nats:2.15-alpine
build_stand_in() {
  local image=$1 name=${1%%:*} started=$SECONDS
  local context=$stand_in_work/$name
  build_base
  say "$image: building a stand-in"
  rm -rf "$context"
  mkdir -p "$context/files"
  cp "$stand_ins/$name"/* "$context"
  "add_programs_of_$name" "$context/files" || fail "$image: its programs could not be downloaded" 'make the mirrors of this machine reachable and start again'
  # The builder 'default' knows the engine's own images, so that the base is found here.
  quietly stand-ins docker buildx build --builder default --tag "$image" --label "$stand_in_label=$(stand_in_fingerprint)" "$context" ||
    fail "$image: the stand-in could not be built" 'read the log and start again'
  rm -rf "$context"
  say "$image: stand-in built in $((SECONDS - started)) s"
}

build_base() {
  local fingerprint mirror started=$SECONDS root=$stand_in_work/root.tar
  fingerprint=$(stand_in_fingerprint)
  [[ $(stand_in_label_of "$stand_in_base") != "$fingerprint" ]] || return 0
  can_build_stand_ins
  say 'building the Debian base of the stand-ins'
  quietly apt apt-get update || true
  command -v mmdebstrap >/dev/null || apt_install mmdebstrap
  mirror=$(machine_mirror)
  mkdir -p "$stand_in_work"
  quietly stand-ins mmdebstrap --mode=root --variant=minbase --include=ca-certificates,libatomic1 \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="upload $ca_bundle $ca_bundle" trixie "$root" "$mirror" ||
    fail 'the Debian base of the stand-ins could not be built' 'read the log, make the mirror of this machine reachable and start again'
  quietly stand-ins docker import --change "LABEL $stand_in_label=$fingerprint" --change 'CMD ["bash"]' \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$root" "$stand_in_base" ||
    fail 'the Debian base of the stand-ins could not be imported' 'read the log and start again'
  rm -f "$root"
  say "Debian base built in $((SECONDS - started)) s"
}

can_build_stand_ins() {
  # shellcheck source=/dev/null
  [[ $(. /etc/os-release 2>/dev/null && echo "$ID") == debian && $EUID == 0 ]] ||
    fail 'stand-ins can be built only by root on Debian' 'make a registry reachable for docker pull (registry-mirrors in daemon.json, or docker load), and start again'
}

# Prints the fingerprint of a stand-in, nothing for a real image, and "absent" where there is neither.
stand_in_label_of() {
  docker image inspect --format "{{with .Config.Labels}}{{index . \"$stand_in_label\"}}{{end}}" "$1" 2>/dev/null || echo absent
}

add_programs_of_node() {
  local files=$1 platform
  case $(uname -m) in
    x86_64) platform=x64 ;;
    aarch64) platform=arm64 ;;
    *) fail "there is no Node package for $(uname -m)" 'pull or load node:26-trixie-slim yourself' ;;
  esac
  unpack_from_npm "node-linux-$platform@26" "$files/node" || return 1
  unpack_from_npm npm@11 "$files/lib/node_modules/npm" || return 1
  mkdir -p "$files/bin" "$files/etc"
  mv "$files/node/bin/node" "$files/bin"
  rm -rf "$files/node"
  # npm inside the image asks the registry that this machine asks.
  printf 'registry=%s\nupdate-notifier=false\n' "$(npm config get registry)" >"$files/etc/npmrc"
}

# unpack_from_npm PACKAGE DIR
unpack_from_npm() {
  mkdir -p "$2"
  (cd "$2" && quietly npm npm pack --silent "$1" && tar -xzf ./*.tgz --strip-components=1 && rm ./*.tgz)
}

add_programs_of_nats() {
  local files=$1 root=$1/../root
  fetch_from_suite sid "$root" nats-server busybox-static || return 1
  mv "$root/usr/sbin/nats-server" "$root/usr/bin/busybox" "$files"
  rm -rf "$root"
  [[ $("$files/nats-server" --version) == *v2.15.* ]] ||
    fail "the mirror has $("$files/nats-server" --version), the stand-in needs 2.15" 'pull or load nats:2.15-alpine yourself'
}

add_programs_of_registry() {
  local files=$1 root=$1/../root
  fetch_from_suite sid "$root" docker-registry || return 1
  mv "$root/usr/bin/docker-registry" "$files/registry"
  rm -rf "$root"
}
