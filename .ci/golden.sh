#!/bin/bash
# Writes Tests/Golden/DATE, where DATE is that of the schema (proto-v2/README.md). A folder that is there stays as it is.
# Usage: .ci/golden.sh [--overwrite]
set -u
cd "$(dirname "$0")/.." || exit 1
mode=write
case ${1:-} in
"") ;;
--overwrite) mode=overwrite ;;
*) echo "usage: .ci/golden.sh [--overwrite]" >&2; exit 64 ;;
esac
swift build --build-tests 2>&1 | grep -E 'error:' && exit 70
log=$(mktemp)
trap 'rm -f "$log"' EXIT
PLUGIN_GATEWAY_GOLDEN=$mode swift test --skip-build --filter 'ProofTests\.Proofs/Golden/write' >"$log" 2>&1
status=$?
grep -E '^golden: |stays as it is' "$log" || tail -n 20 "$log"
exit $status
