#!/bin/sh
# Runs this version of the agent with the Node that travels with it. The real path is used, so that an upgrade, which switches
# the `current` link, changes nothing under a running agent.
here=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$here/bin/node" "$here/lib/agent.mjs" "$@"
