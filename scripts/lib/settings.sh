# shellcheck shell=bash
# Takes settings from the file .env, as Docker Compose does: what the environment says goes before.

: "${root:?}"

read_settings() {
  local name value
  [[ -f $root/.env ]] || return 0
  while IFS='=' read -r name value || [[ -n $name ]]; do
    name=${name#export }
    [[ $name =~ ^KEDGE_[A-Z_]+$ && -z ${!name+set} ]] || continue
    # Compose's rules for what matters here: quotes around the value, a comment behind it.
    if [[ $value =~ ^\"([^\"]*)\" || $value =~ ^\'([^\']*)\' ]]; then
      value=${BASH_REMATCH[1]}
    else
      value=${value%%[[:space:]]#*}
      value=${value%"${value##*[![:space:]]}"}
    fi
    export "$name=$value"
  done <"$root/.env"
}

read_settings
