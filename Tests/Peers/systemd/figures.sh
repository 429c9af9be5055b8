#!/bin/bash
# Measures the service as it is shipped under a real systemd: start, rest, handshake, snapshots of 50 plugins, a journal that is stalled.
# docs/performance.md has what it printed. For programs of a release: `make release` first. Takes about six minutes.
# Usage: figures.sh [SECONDS]    how long each rest is looked at, default 60
# Programs come from $PLUGIN_GATEWAY_BIN_DIR (default .build/release) and .build-peers/bin.
. "$(dirname "$0")/lab.sh"
seconds=${1:-60}
prepare figures.py .build/release
echo "$seconds" >"$lab/seconds"
run_job $((600 + seconds * 4))
