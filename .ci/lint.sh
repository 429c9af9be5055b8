#!/bin/bash
# Holds the hand-written Swift files against the checked-in format.
cd "$(dirname "$0")/.." || exit 1
output=$(.ci/sources.sh | xargs swift format lint --strict --parallel --configuration .swift-format 2>&1)
if [ -n "$output" ]; then
    head -40 <<<"$output" >&2
    echo "$(wc -l <<<"$output") format remarks: run \`make format\`, and mend by hand what stays" >&2
    exit 1
fi
echo "format holds: $(.ci/sources.sh | wc -l) files"
