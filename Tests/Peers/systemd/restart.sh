#!/bin/bash
# Restarts the installed service under a real systemd while a real go-plugin host calls a legacy plugin without a pause, and counts
# the calls that fail: there must be none. Also reload, and a stop that stays a stop; the unit at rest, its sandbox as a plugin feels it and
# its watchdog; who may not attach, and what they are told; every kind of entry in the journal, against the schema.
# Usage: restart.sh [ROUNDS]    default 5, or 100 with PLUGIN_GATEWAY_LONG=1
# Programs come from $PLUGIN_GATEWAY_BIN_DIR (default .build/debug) and .build-peers/bin. Prints figures; exits 1 when one call failed.
. "$(dirname "$0")/lab.sh"
[ "${PLUGIN_GATEWAY_LONG:-}" = 1 ] && rounds=${1:-100} || rounds=${1:-5}
prepare restart.py .build/debug
echo "$rounds" >"$lab/rounds"
run_job $((90 + rounds * 15))
echo "restarts under systemd: $(tail -1 "$lab/out/inside.log")"
