# shellcheck shell=bash

# The name that Compose gives to all that belongs to this folder.
project_name() { docker compose config | sed -n 's/^name: //p'; }
