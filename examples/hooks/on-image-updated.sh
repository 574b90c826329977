#!/bin/sh
# Says which image is new. Run it in the folder of the stack, or set KEDGE to the command line of Kedge.
${KEDGE:-./kedge} --as hooks events --json image.updated | while read -r event; do
  digest=$(printf '%s' "$event" | sed 's/.*"digest":"\([^"]*\)".*/\1/')
  services=$(printf '%s' "$event" | sed 's/.*"services":\[\([^]]*\)\].*/\1/; s/"//g; s/,/, /g')
  echo "$services is now $digest"
done
exit 1 # It follows for ever: an end is a failure, and kedge has said which.
