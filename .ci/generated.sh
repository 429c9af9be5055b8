#!/usr/bin/env bash
# The Swift messages in Sources/PluginProtocolV*/ are generated from proto-v*/ and committed.
#
#   .ci/generated.sh check    exit 1 when they are not what the schemas say
#   .ci/generated.sh write    generate them again
#
# Needs protoc (Debian: protobuf-compiler) and Swift. The generator is built from the swift-protobuf version that the
# package is resolved to, in $SWIFT_SCRATCH_PATH (default: .build), where a debug build shares its modules.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly scratch="${SWIFT_SCRATCH_PATH:-.build}"
readonly generator="$scratch/debug/protoc-gen-swift"
# swift-protobuf moves in minor versions without changing what it writes, but it need not stay so: remember which one was built.
readonly stamp="$scratch/protoc-gen-swift.version"
readonly options="Visibility=Package,UseAccessLevelOnImports=true"
# Schema folder and target; one version of the protocol each.
readonly versions="proto-v1:PluginProtocolV1 proto-v2:PluginProtocolV2 proto-v3:PluginProtocolV3"

fail() {
    echo "generated.sh: $*" >&2
    exit 1
}

resolved_version() {
    tr -d ' \n' <Package.resolved 2>/dev/null | sed -n 's/.*"identity":"swift-protobuf"[^}]*"version":"\([^"]*\)".*/\1/p'
}

build_generator() {
    command -v protoc >/dev/null || fail "protoc is missing; install it with: apt-get install protobuf-compiler"
    local version
    version="$(resolved_version)"
    if [ -x "$generator" ] && [ -n "$version" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$version" ]; then
        return
    fi
    command -v swift >/dev/null || fail "swift is missing; it builds the generator, protoc-gen-swift"
    echo "generated.sh: building protoc-gen-swift in $scratch (once per version, about half a minute)" >&2
    local log
    log="$(mktemp)"
    if ! swift build --scratch-path "$scratch" --product protoc-gen-swift >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        fail "protoc-gen-swift could not be built"
    fi
    rm -f "$log"
    resolved_version >"$stamp"
}

# generate DIRECTORY: writes DIRECTORY/<target>/*.pb.swift for every schema folder.
generate() {
    local entry schemas target
    for entry in $versions; do
        schemas="${entry%%:*}"
        target="${entry##*:}"
        mkdir -p "$1/$target"
        protoc --plugin=protoc-gen-swift="$generator" --swift_opt="$options" --swift_out="$1/$target" -I "$schemas" "$schemas"/*.proto
    done
}

fresh=""
trap 'if [ -n "$fresh" ]; then rm -rf "$fresh"; fi' EXIT

check() {
    local entry target drifted=""
    for entry in $versions; do
        target="${entry##*:}"
        diff -ruN "Sources/$target" "$fresh/$target" >&2 || drifted="$drifted Sources/$target"
    done
    if [ -n "$drifted" ]; then
        fail "generated code and schemas differ in:$drifted. Change the .proto file, not the .pb.swift file," \
            "run '.ci/generated.sh write' and commit both."
    fi
    echo "generated.sh: generated code matches the schemas"
}

write() {
    local entry target
    for entry in $versions; do
        target="${entry##*:}"
        mkdir -p "Sources/$target"
        rm -f "Sources/$target"/*.pb.swift
        cp "$fresh/$target"/*.pb.swift "Sources/$target/"
    done
    echo "generated.sh: wrote Sources/PluginProtocolV1, V2 and V3"
}

case "${1:-}" in
    check | write)
        build_generator
        fresh="$(mktemp -d)"
        generate "$fresh"
        "$1"
        ;;
    *)
        echo "usage: .ci/generated.sh check|write" >&2
        exit 64
        ;;
esac
