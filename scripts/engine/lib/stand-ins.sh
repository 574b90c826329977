# shellcheck shell=bash
# Builds images that take the place of those that cannot be pulled: same name, same entry point, same paths.
# What each is made of: its folder in stand-ins/, and its function in stand-in-programs.sh.

: "${here:?}" "${engine_home:?}"
stand_in_work=$engine_home/stand-ins
stand_in_base=kedge-stand-in/debian:trixie
stand_in_label=kedge.stand-in
ca_bundle=/etc/ssl/certs/ca-certificates.crt

# Changes with everything that the stand-ins are made of, except newer versions of the packages.
stand_in_fingerprint() {
  {
    cat "$here"/stand-ins/*/* "$here"/lib/stand-in*.sh
    # Where there is no such bundle, images are only pulled.
    cat "$ca_bundle" 2>/dev/null || true
  } | cksum | tr ' ' -
}

# Prints the fingerprint of a stand-in, nothing for a real image, and "absent" where there is neither.
stand_in_label_of() {
  docker image inspect --format "{{with .Config.Labels}}{{index . \"$stand_in_label\"}}{{end}}" "$1" 2>/dev/null || echo absent
}

# build_stand_in IMAGE, for example nats:2.15-alpine
build_stand_in() {
  local image=$1 name=${1%%:*} version=${1#*:} context started replaced
  build_base
  started=$SECONDS
  context=$stand_in_work/$name
  replaced=$(image_id_of "$image")
  say "$image: building a stand-in"
  rm -rf "$context"
  mkdir -p "$context/files"
  cp "$here/stand-ins/$name"/* "$context"
  "add_programs_of_$name" "$context/files" "${version%%-*}"
  # The builder 'default' knows the engine's own images, so that the base is found here.
  quietly stand-ins docker buildx build --builder default --tag "$image" --label "$stand_in_label=$(stand_in_fingerprint)" "$context" ||
    fail "$image: the stand-in could not be built" 'read the log and start again'
  rm -rf "$context"
  remove_replaced "$replaced" "$image"
  say "$image: stand-in built in $((SECONDS - started)) s"
}

build_base() {
  local fingerprint mirror replaced started=$SECONDS root=$stand_in_work/root.tar
  fingerprint=$(stand_in_fingerprint)
  [[ $(stand_in_label_of "$stand_in_base") != "$fingerprint" ]] || return 0
  refuse_without_debian
  say 'building the Debian base of the stand-ins'
  refresh_package_lists
  command -v mmdebstrap >/dev/null || apt_install mmdebstrap
  mirror=$(machine_mirror)
  replaced=$(image_id_of "$stand_in_base")

  mkdir -p "$stand_in_work"
  # libatomic1 is what Node needs beside libc.
  quietly stand-ins mmdebstrap --mode=root --variant=minbase --include=ca-certificates,libatomic1 \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="upload $ca_bundle $ca_bundle" "${stand_in_base#*:}" "$root" "$mirror" ||
    fail 'the Debian base of the stand-ins could not be built' 'read the log, make the mirror of this machine reachable and start again'
  quietly stand-ins docker import --change "LABEL $stand_in_label=$fingerprint" --change 'CMD ["bash"]' \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$root" "$stand_in_base" ||
    fail 'the Debian base of the stand-ins could not be imported' 'read the log and start again'
  rm -f "$root"
  remove_replaced "$replaced" "$stand_in_base"
  say "Debian base built in $((SECONDS - started)) s"
}

image_id_of() { docker image inspect --format '{{.Id}}' "$1" 2>/dev/null || true; }

# remove_replaced OLD_ID IMAGE. One that a container still uses stays.
remove_replaced() {
  [[ -z $1 || $1 == "$(image_id_of "$2")" ]] || docker image rm "$1" >/dev/null 2>&1 || true
}

refuse_without_debian() {
  # shellcheck source=/dev/null
  [[ $(. /etc/os-release 2>/dev/null && echo "$ID") == debian && $EUID == 0 ]] ||
    fail 'stand-ins can be built only by root on Debian' 'make a registry reachable for docker pull, or docker load the images, and start again'
}
