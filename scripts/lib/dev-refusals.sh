# shellcheck shell=bash
# What must not be on the machine when "kedge dev" starts something or takes it down: said before anything is changed.

: "${root:?}" "${dev_project:?}"

# One machine has one such stack: its project, node, network and containers have the same names whatever the folder.
refuse_other_folder() {
  local folders folder
  folders=$(docker ps --all --filter "label=com.docker.compose.project=$dev_project" --format '{{.Label "com.docker.compose.project.working_dir"}}') ||
    engine_silent
  while read -r folder; do
    [[ -n $folder && $folder != "$root" && $folder != "$(cd "$root" && pwd -P)" ]] || continue
    # Nobody can say it in a folder that is gone.
    [[ -d $folder ]] || continue
    fail "the stack of \"kedge dev\" on this machine belongs to $folder, and there is one on each machine" "\"$folder/kedge dev --down\" ends it"
  done < <(sort -u <<<"$folders")
}

# A container has its service's name, and there is one of each name: said before anything starts, because only a person can make room.
refuse_taken_names() {
  local names taken='' name node
  names=$(docker ps --all --format '{{.Names}} {{.Label "kedge.node"}}') || engine_silent
  while read -r name node; do
    [[ -n $name && $node != dev && " ${KEDGE_DEV_SERVICES:-} " == *" $name "* ]] || continue
    taken+=${taken:+, }"$name ($([[ -z $node ]] && echo 'a container that Kedge did not make' || echo "run by the stack of node $node"))"
  done <<<"$names"
  [[ -z $taken ]] || fail "nothing was started, because these names are taken on this machine: $taken" \
    'name only services that are not among them; or make room ("kedge down" takes down all that the usual stack runs, "docker rm -f NAME" what is not of Kedge); or give the service another name in its service.toml'
}

# What a node of that name runs is taken for its own by every stack that has it: it would remove what another one started.
refuse_same_node() {
  local others='' reconcilers project id
  if [[ ${KEDGE_NODE:-local} == dev ]]; then
    others='this one (KEDGE_NODE=dev)'
  else
    reconcilers=$(docker ps --all --filter label=com.docker.compose.service=reconciler --format '{{.Label "com.docker.compose.project"}} {{.ID}}') ||
      engine_silent
    while read -r project id; do
      [[ -z $id || $project == "$dev_project" ]] || ! has_node_dev "$id" || others+=${others:+, }$project
    done <<<"$reconcilers"
    [[ -n $others ]] || find_left_behind
  fi
  [[ -z $others ]] || fail "another stack has the name of the node of \"kedge dev\": ${others//$'\n'/, }" 'give that one another KEDGE_NODE, or use another machine'
}

# has_node_dev CONTAINER
has_node_dev() {
  local environment
  environment=$(docker inspect --format '{{json .Config.Env}}' "$1") || engine_silent
  [[ $environment == *'"KEDGE_NODE=dev"'* ]]
}

# Sets `others` to what somebody made under that name, where it never started here.
find_left_behind() {
  local volumes
  volumes=$(docker volume ls --quiet --filter "label=com.docker.compose.project=$dev_project") || engine_silent
  [[ -n $volumes ]] || others=$(docker ps --all --filter label=kedge.node=dev --format '{{.Names}}') || engine_silent
}
