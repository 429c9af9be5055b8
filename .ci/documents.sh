#!/bin/bash
# The documents that the program prints: docs/compatibility.md (the rules) and docs/journal.md (the tables of Sources/Telemetry/Logs).
#
#   .ci/documents.sh check    exit 1 when one of them is not what the program says
#   .ci/documents.sh write    print them again
#
# Uses the binary in $PLUGIN_GATEWAY_BIN_DIR (default: .build/debug).
set -u
cd "$(dirname "$0")/.." || exit 1
readonly gateway="${PLUGIN_GATEWAY_BIN_DIR:-.build/debug}/plugin-gateway"

fail() { echo "documents.sh: $*" >&2; exit 1; }

case "${1:-}" in
check | write) ;;
*)
    echo "usage: .ci/documents.sh check|write" >&2
    exit 64
    ;;
esac
readonly task=$1
[ -x "$gateway" ] || fail "$gateway is missing: build it with 'swift build --product plugin-gateway'"
fresh=$(mktemp) || exit 1
trap 'rm -f "$fresh"' EXIT

# document DOCUMENT COMMAND [ARGUMENT ...]
document() {
    local document=$1
    shift
    "$gateway" "$@" >"$fresh" || fail "plugin-gateway $* failed"
    if [ "$task" = write ]; then
        cat "$fresh" >"$document" || fail "cannot write $document"
    elif ! diff -u "$document" "$fresh" >&2; then
        fail "$document is not what 'plugin-gateway $*' prints: run '.ci/documents.sh write' and commit it with the change"
    fi
}

document docs/compatibility.md explain --format markdown
document docs/journal.md journal-schema
if [ "$task" = write ]; then
    echo "documents.sh: wrote docs/compatibility.md and docs/journal.md"
else
    echo "documents.sh: compatibility ($(grep -c '^| [0-9]* | `' docs/compatibility.md) fields) and journal" \
        "($(grep -c '^### ' docs/journal.md) kinds of events, $(grep -c '^| `PLUGIN_GATEWAY_' docs/journal.md) fields) match the program"
fi
