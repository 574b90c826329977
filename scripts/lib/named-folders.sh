# shellcheck shell=bash
# Which folders a command line names. A command in a container sees those alone that it is given.

# named_folders WORD...: sets `command`, and `named` to the folders behind -c and --config, and to those that "validate", "-t" and "import" are given; of a
# file its folder. Only what is there: the command itself says what is missing.
named_folders() {
  local word
  command='' named=()
  while (($# > 0)); do
    word=$1
    shift
    case $word in
      -c | --config)
        name_folder "${1:-}"
        [[ ${1:-} == -* ]] || shift $(($# > 0 ? 1 : 0))
        ;;
      --config=*) name_folder "${word#*=}" ;;
      -c?*)
        word=${word#-c}
        name_folder "${word#=}"
        ;;
      -p | --pid-file | -s | --signal | --as | --timeout) shift $(($# > 0 ? 1 : 0)) ;;
      -t | --test) command=${command:-validate} ;;
      -*) ;;
      *)
        [[ -n $command ]] || command=$word
        [[ $command != validate && $command != import ]] || name_folder "$word"
        ;;
    esac
  done
}

# name_folder PATH: as the command reads it, from the current folder on, and without looking where links lead.
name_folder() {
  local folder
  [[ -n $1 ]] || return 0
  folder=$(realpath --no-symlinks --canonicalize-missing -- "$1")
  [[ -d $folder || ( ! -e $folder && $folder != *.toml ) ]] || folder=${folder%/*}
  if [[ -d $folder ]]; then named+=("$folder"); fi
}
