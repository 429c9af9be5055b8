#!/bin/bash
# docs/compatibility.md is what `plugin-gateway explain` prints.
#
#   .ci/compatibility.sh check    exit 1 when the document is not what the rules say
#   .ci/compatibility.sh write    print it again
#
# Uses the binary in $PLUGIN_GATEWAY_BIN_DIR (default: .build/debug).
set -u
cd "$(dirname "$0")/.." || exit 1
readonly document=docs/compatibility.md
readonly gateway="${PLUGIN_GATEWAY_BIN_DIR:-.build/debug}/plugin-gateway"

fail() { echo "compatibility.sh: $*" >&2; exit 1; }

case "${1:-}" in
check | write) ;;
*)
    echo "usage: .ci/compatibility.sh check|write" >&2
    exit 64
    ;;
esac
[ -x "$gateway" ] || fail "$gateway is missing: build it with 'swift build --product plugin-gateway'"
fresh=$(mktemp) || exit 1
trap 'rm -f "$fresh"' EXIT
"$gateway" explain --format markdown >"$fresh" || fail "plugin-gateway explain failed"
if [ "$1" = write ]; then
    cat "$fresh" >"$document" || fail "cannot write $document"
    echo "compatibility.sh: wrote $document"
elif ! diff -u "$document" "$fresh" >&2; then
    fail "$document and the rules differ: run '.ci/compatibility.sh write' and commit it with the rules"
else
    echo "compatibility.sh: $document matches the rules ($(grep -c '^| [0-9]* | `' "$fresh") fields)"
fi
