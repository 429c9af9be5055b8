#!/bin/bash
# docs/journal.md is what `plugin-gateway journal-schema` prints.
#
#   .ci/journal.sh check    exit 1 when the document is not what the tables of the code say
#   .ci/journal.sh write    print it again
#
# Uses the binary in $PLUGIN_GATEWAY_BIN_DIR (default: .build/debug).
set -u
cd "$(dirname "$0")/.." || exit 1
readonly document=docs/journal.md
readonly gateway="${PLUGIN_GATEWAY_BIN_DIR:-.build/debug}/plugin-gateway"

fail() { echo "journal.sh: $*" >&2; exit 1; }

case "${1:-}" in
check | write) ;;
*)
    echo "usage: .ci/journal.sh check|write" >&2
    exit 64
    ;;
esac
[ -x "$gateway" ] || fail "$gateway is missing: build it with 'swift build --product plugin-gateway'"
fresh=$(mktemp) || exit 1
trap 'rm -f "$fresh"' EXIT
"$gateway" journal-schema >"$fresh" || fail "plugin-gateway journal-schema failed"
if [ "$1" = write ]; then
    cat "$fresh" >"$document" || fail "cannot write $document"
    echo "journal.sh: wrote $document"
elif ! diff -u "$document" "$fresh" >&2; then
    fail "$document and the tables differ: run '.ci/journal.sh write' and commit it with Sources/Telemetry/Logs"
else
    echo "journal.sh: $document matches the tables ($(grep -c '^### ' "$fresh") kinds of events, $(grep -c '^| `PLUGIN_GATEWAY_' "$fresh") fields)"
fi
