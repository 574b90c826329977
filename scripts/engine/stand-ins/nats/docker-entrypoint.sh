#!/bin/sh
set -e

# As in the real image: no arguments, or options, are for nats-server.
if [ "$#" -eq 0 ] || [ "${1#-}" != "$1" ]; then
  set -- nats-server "$@"
fi
exec "$@"
