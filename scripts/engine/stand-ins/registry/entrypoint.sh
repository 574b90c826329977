#!/bin/sh
set -e

# As in the real image: a configuration file, a subcommand or an option is for registry.
case "$1" in
  *.yaml | *.yml) set -- registry serve "$@" ;;
  serve | garbage-collect | help | -*) set -- registry "$@" ;;
esac
exec "$@"
