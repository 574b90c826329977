# shellcheck shell=bash
# add_programs_of_NAME DIR VERSION: lays what an image is about into DIR, which its Dockerfile copies as "files".

# The first suite that has nats-server 2.15.
programs_suite=sid

add_programs_of_node() {
  local files=$1 version=$2 platform
  case $(uname -m) in
    x86_64) platform=x64 ;;
    aarch64) platform=arm64 ;;
    *) fail "there is no Node package for $(uname -m)" 'docker pull or docker load the node image, and start again' ;;
  esac
  unpack_from_npm "node-linux-$platform@$version" "$files/package"
  unpack_from_npm npm@11 "$files/lib/node_modules/npm"
  mkdir -p "$files/bin" "$files/etc"
  mv "$files/package/bin/node" "$files/bin"
  rm -rf "$files/package"
  # npm inside the image asks the registry that this machine asks.
  printf 'registry=%s\nupdate-notifier=false\n' "$(npm config get registry 2>/dev/null)" >"$files/etc/npmrc"
}

# unpack_from_npm PACKAGE DIR
unpack_from_npm() {
  mkdir -p "$2"
  (cd "$2" && quietly npm npm pack --silent "$1" && tar -xzf ./*.tgz --strip-components=1 && rm ./*.tgz) ||
    fail "$1 could not be downloaded from the npm registry" "make 'npm pack $1' work on this machine and start again"
}

add_programs_of_nats() {
  local files=$1 version=$2 root=$1/../root
  fetch_from_suite "$programs_suite" "$root" nats-server busybox-static
  mv "$root/usr/sbin/nats-server" "$root/usr/bin/busybox" "$files"
  rm -rf "$root"
  [[ $("$files/nats-server" --version) == *"v$version."* ]] ||
    fail "the mirror has $("$files/nats-server" --version), wanted is $version" 'docker pull or docker load the nats image, and start again'
}

add_programs_of_registry() {
  local files=$1 root=$1/../root
  fetch_from_suite "$programs_suite" "$root" docker-registry
  mv "$root/usr/bin/docker-registry" "$files/registry"
  rm -rf "$root"
}
