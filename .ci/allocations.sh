#!/bin/bash
# Holds what the translation allocates against the committed thresholds. No times: the counts are the same on every machine.
# Usage: .ci/allocations.sh check|write     (write makes the present counts the thresholds)
set -eu
cd "$(dirname "$0")/.."
out=.build-bench
mkdir -p "$out"
swift build --package-path Benchmarks --scratch-path "$out" -c release --product translation-allocations >"$out/build.log" 2>&1 || {
    grep -E 'error' "$out/build.log" || tail -30 "$out/build.log"
    exit 70
} >&2
exec "$out/release/translation-allocations" "${1:-check}" Benchmarks/Thresholds/allocations.json
