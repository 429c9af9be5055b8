#!/bin/bash
# Restarts the installed service under a real systemd while a real go-plugin host calls a legacy plugin without a pause, and counts
# the calls that fail: there must be none. Also reload, and a stop that stays a stop; the unit at rest, its sandbox as a plugin feels it and
# its watchdog; who may not attach, and what they are told; every kind of entry in the journal, against the schema.
# Usage: restart.sh [ROUNDS]    default 5, or 100 with PLUGIN_GATEWAY_LONG=1
# Programs come from $PLUGIN_GATEWAY_BIN_DIR (default .build/debug) and .build-peers/bin. Prints figures; exits 1 when one call failed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
[ "${PLUGIN_GATEWAY_LONG:-}" = 1 ] && rounds=${1:-100} || rounds=${1:-5}
bin=${PLUGIN_GATEWAY_BIN_DIR:-$root/.build/debug}
peers=$root/.build-peers/bin
for program in "$bin/plugin-gateway" "$bin/plugin-locator" "$peers/legacy-datasource" "$peers/modern-host" "$peers/bad-plugin"; do
    [ -x "$program" ] || { echo "restart.sh: $program is missing: \`make test\` builds it" >&2; exit 1; }
done

lab=$(mktemp -d)
trap 'rm -rf "$lab"' EXIT
cp -r "$root/deploy" "$lab/deploy"
cp "$bin/plugin-gateway" "$bin/plugin-locator" "$peers/legacy-datasource" "$peers/modern-host" "$peers/bad-plugin" "$lab"
cp "$here"/{access,kinds,probe,rig,unit}.py "$root/deploy/debian/entries.py" "$lab"
cp "$here/restart.py" "$lab/inside"
echo "$rounds" >"$lab/rounds"
if [ "$(id -u)" = 0 ]; then
    "$here/boot.sh" "$lab" $((60 + rounds * 15))
else
    sudo -n "$here/boot.sh" "$lab" $((60 + rounds * 15))
fi
grep -E '^(figure|FAILED): ' "$lab/out/inside.log" || true
if grep -q '^FAILED: ' "$lab/out/inside.log"; then
    cat "$lab/out/inside.log" >&2
    tail -n 60 "$lab/out/journal.txt" >&2
    exit 1
fi
echo "restarts under systemd: $(tail -1 "$lab/out/inside.log")"
