#!/bin/bash
# Builds everything and runs every check and test; the last line has the counts. Exits 1 on any failure.
# Usage: .ci/test.sh [test target ...]
set -u
cd "$(dirname "$0")/.." || exit 1
export PLUGIN_GATEWAY_BIN_DIR="$PWD/.build/debug"
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
passed=0 failed=0 broken=()

# A check without counts of its own: it passes or fails as one.
check() {
    local name=$1
    shift
    if "$@" >"$log/check" 2>&1; then
        tail -1 "$log/check"
        grep -E '^(proof|figure): ' "$log/check"
        passed=$((passed + 1))
    else
        cat "$log/check"
        echo "FAILED: $name" >&2
        failed=$((failed + 1)) broken+=("$name")
    fi
}

# One test target in a process of its own, so that counts of descriptors and children are its own.
suite() {
    local target=$1 out="$log/$1" status=0
    shift
    "$@" swift test --skip-build --filter "^$target\\." >"$out" 2>&1 || status=$?
    local total bad
    total=$(sed -nE 's/.*Test run with ([0-9]+) tests?.*/\1/p' "$out" | tail -1)
    total=${total:-0}
    bad=$(grep -E '^. Test .* failed after' "$out" | grep -vc '^. Test run ')
    if [ "$total" = 0 ] || [ "$status" != 0 ]; then
        tail -c 20000 "$out"
        [ "$bad" -gt 0 ] || bad=1
        failed=$((failed + bad)) broken+=("$target")
    fi
    [ "$total" -ge "$bad" ] && passed=$((passed + total - bad))
    printf '%-24s %4d tests, %d failed\n' "$target" "$total" "$bad"
    grep -E '^(proof|figure): ' "$out"
}

if [ $# -eq 0 ]; then
    echo "building (the first time this takes some minutes) ..."
fi
if ! swift build --build-tests >"$log/build" 2>&1; then
    grep -E 'error:|warning: unre' "$log/build" | head -40
    tail -30 "$log/build"
    echo "0 passed, 1 failed"
    exit 1
fi

if [ $# -eq 0 ]; then
    check "import walls" .ci/imports.sh
    check "format" .ci/lint.sh
    check "generated code" .ci/generated.sh check
    check "printed documents" .ci/documents.sh check
    check "units" deploy/verify.sh
    check "restarts under systemd" Tests/Peers/systemd/restart.sh
    check "locator is static" .ci/locator.sh "$PLUGIN_GATEWAY_BIN_DIR/plugin-locator"
    check "allocations" .ci/allocations.sh check
fi

targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(find Tests -mindepth 1 -maxdepth 1 -type d -name '*Tests' -printf '%f\n' | sort)
for target in "${targets[@]}"; do
    suite "$target"
done

[ ${#broken[@]} -eq 0 ] || echo "failed: ${broken[*]}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
