#!/usr/bin/env bash
# Builds the C++ peers:   Tests/Peers/cpp/build.sh OUTDIR
#
# OUTDIR/v2-plugin, OUTDIR/v2-host, OUTDIR/oracle and OUTDIR/schemas.binpb (which v2-host reads). Does nothing when they are up to date.
# Needs libgrpc++-dev, libprotobuf-dev, protobuf-compiler, protobuf-compiler-grpc, g++, make and pkg-config.

set -euo pipefail

if [ $# -ne 1 ]; then
    echo "usage: Tests/Peers/cpp/build.sh OUTDIR" >&2
    exit 64
fi
mkdir -p "$1"
out="$(cd "$1" && pwd)"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

missing=""
for tool in protoc grpc_cpp_plugin g++ make pkg-config; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
    echo "cpp peers: missing:$missing. Install them with: apt-get install libgrpc++-dev libprotobuf-dev protobuf-compiler" \
        "protobuf-compiler-grpc g++ make pkg-config" >&2
    exit 1
fi

exec make --no-print-directory -C "$here" -j "$(nproc)" OUT="$out" SCHEMAS="$here/../../.."
