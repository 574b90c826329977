# shellcheck shell=bash
# What both "npm start" and "npm test" need first: packages, an engine, base images, the components' images.

: "${root:?}"
# shellcheck source=project.sh
source "$root/scripts/lib/project.sh"
modules=$root/node_modules
installed=$modules/.kedge-installed

prepare() {
  install_packages
  # Says itself what it does, and nothing where all is there.
  "$root/scripts/engine/base-images.sh"
  step 'component images' 'read the log; "docker compose build" repeats this step' build_images
}

build_images() {
  docker compose build && prune_replaced_images
}

# Only what a build of this project replaced: another project's images carry the label of the components, too.
prune_replaced_images() {
  local project
  project=$(project_name)
  docker image prune --force --filter label=kedge.image=component --filter "label=com.docker.compose.project=${project:?}"
}

# Packages are installed anew only when the lock file, or what it stands for, changed.
install_packages() {
  local wanted
  wanted=$(cat "$root/package-lock.json" "$root"/{package.json,{libs,services}/*/package.json,test/package.json,examples/hooks/package.json} | cksum)
  [[ $(cat "$installed" 2>/dev/null) != "$wanted" || ! -x $modules/.bin/node ]] || return 0
  command -v npm >/dev/null || fail 'npm is not installed' 'install Node 20 or newer with npm'
  step 'node modules' 'make the npm registry reachable and start again' npm ci --no-audit --no-fund --prefix "$root"
  echo "$wanted" >"$installed"
}
