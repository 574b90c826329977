# shellcheck shell=bash
# Takes packages from another suite of the mirror that this machine already uses, without touching its own apt.

: "${engine_home:?}"
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# apt reads its own sources, so both ways of writing them (*.sources and sources.list) are understood.
# It knows which of them is Debian's archive once 'apt-get update' ran.
machine_mirror() {
  local uris
  # shellcheck disable=SC2016 # apt's variable, not the shell's
  uris=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Label: Debian' 'Component: main')
  [[ -n $uris ]] ||
    fail 'the apt sources of this machine name no Debian mirror that answers' "correct them until 'apt-get update' succeeds, and start again"
  echo "${uris%%$'\n'*}"
}

# fetch_from_suite SUITE DIR PACKAGE...: unpacks the packages, without what they depend on, below DIR.
fetch_from_suite() {
  local suite=$1 target=$2 apt_dir mirror signed_by='' deb
  shift 2
  mirror=$(machine_mirror)
  [[ ! -e $debian_keyring ]] || signed_by="[signed-by=$debian_keyring] "

  apt_dir=$engine_home/apt
  rm -rf "$apt_dir"
  mkdir -p "$apt_dir"/{lists/partial,cache/archives/partial,debs} "$target"
  echo "deb $signed_by$mirror $suite main" >"$apt_dir/sources.list"
  cat >"$apt_dir/apt.conf" <<CONF
Dir::Etc::SourceList "$apt_dir/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State::Lists "$apt_dir/lists";
Dir::Cache "$apt_dir/cache";
Acquire::Languages "none";
APT::Sandbox::User "root";
CONF

  # 'apt-get download' writes into the current directory.
  (
    cd "$apt_dir/debs"
    export APT_CONFIG=$apt_dir/apt.conf
    quietly apt apt-get update && quietly apt apt-get download "$@"
  ) || fail "Debian $suite could not be downloaded from $mirror" 'make the mirror of this machine reachable and start again'
  for deb in "$apt_dir"/debs/*.deb; do dpkg -x "$deb" "$target"; done
  rm -rf "$apt_dir"
}
