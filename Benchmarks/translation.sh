#!/bin/bash
# Builds the benchmark of the translation with its baselines, and runs it. Usage: Benchmarks/translation.sh [option of translation-bench ...]
# Needs what Tests/Peers/setup.sh installs: protoc, g++, libprotobuf-dev.
set -eu
cd "$(dirname "$0")/.."
out=.build-bench
for tool in swift protoc g++ pkg-config; do
    command -v "$tool" >/dev/null || {
        echo "bench: $tool is missing. \`make setup-test\` installs what there is of it in Debian." >&2
        exit 69
    }
done

# The C++ baseline, at the optimisation that measured best. Built again when its sources changed.
library=$out/cpp/libbaseline.so
sources=(proto-v1/datasource.proto Benchmarks/Baselines/libprotobuf.cc Benchmarks/translation.sh)
if [ ! -f "$library" ] || [ -n "$(find "${sources[@]}" -newer "$library")" ]; then
    mkdir -p "$out/cpp"
    protoc -Iproto-v1 --cpp_out="$out/cpp" datasource.proto
    # shellcheck disable=SC2046  # several words
    g++ -std=c++17 -O3 -DNDEBUG -fPIC -shared -I"$out/cpp" $(pkg-config --cflags protobuf) \
        -o "$library" Benchmarks/Baselines/libprotobuf.cc "$out/cpp/datasource.pb.cc" $(pkg-config --libs protobuf)
fi

mkdir -p "$out"
swift build --package-path Benchmarks --scratch-path "$out" -c release --product translation-bench >"$out/build.log" 2>&1 || {
    grep -E 'error' "$out/build.log" || tail -30 "$out/build.log"
    exit 70
} >&2
exec "$out/release/translation-bench" --libprotobuf "$library" "$@"
