# shellcheck shell=bash
# Takes settings from the file .env, as Docker Compose does: what the environment says goes before.

: "${root:?}"

read_settings() {
  local line name value
  local -A known=()
  [[ -f $root/.env ]] || return 0
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_.]*)[[:space:]]*[=:][[:space:]]*(.*)$ ]] || continue
    name=${BASH_REMATCH[2]}
    setting_value "${BASH_REMATCH[3]}"
    known[$name]=$value
    [[ $name =~ ^KEDGE_[A-Z_]+$ && -z ${!name+set} ]] || continue
    export "$name=$value"
  done <"$root/.env"
}

# setting_value TEXT: sets `value` to what stands behind the name, by Compose's rules for what matters here: quotes around it, a comment
# behind it, other variables in it.
setting_value() {
  local text=${1%$'\r'}
  if [[ $text =~ ^\'([^\']*)\' ]]; then
    value=${BASH_REMATCH[1]}
  elif [[ $text =~ ^\"(([^\"\\]|\\.)*)\" ]]; then
    text=${BASH_REMATCH[1]//\\\$/\$\$}
    text=${text//\\\"/\"}
    expand_variables "${text//\\\\/\\}"
  else
    text=${text%%[[:space:]]#*}
    expand_variables "${text%"${text##*[![:space:]]}"}"
  fi
}

# expand_variables TEXT: sets `value` to it with $NAME, ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:+other} and ${NAME+other} filled in.
# The environment goes before earlier lines of the file; what neither knows is empty.
expand_variables() {
  local rest=$1 name operator word found
  value=
  while [[ $rest == *\$* ]]; do
    value+=${rest%%\$*}
    rest=${rest#*\$}
    operator='' word=''
    if [[ $rest == \$* ]]; then
      value+=\$ rest=${rest#\$}
      continue
    elif [[ $rest =~ ^([A-Za-z_][A-Za-z0-9_]*) ]]; then
      name=${BASH_REMATCH[1]}
    elif [[ $rest =~ ^\{([A-Za-z_][A-Za-z0-9_]*)((:?[-+])([^}]*))?\} ]]; then
      name=${BASH_REMATCH[1]} operator=${BASH_REMATCH[3]} word=${BASH_REMATCH[4]}
    else
      value+=\$
      continue
    fi
    rest=${rest#"${BASH_REMATCH[0]}"}
    found=${!name-${known[$name]-}}
    local is_set=${!name+set}${known[$name]+set}
    [[ $operator != :* || -n $found ]] || is_set=
    case $operator in
      *-) [[ -n $is_set ]] || found=$word ;;
      *+) if [[ -n $is_set ]]; then found=$word; else found=; fi ;;
    esac
    value+=$found
  done
  value+=$rest
}

read_settings
