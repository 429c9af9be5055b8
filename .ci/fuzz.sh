#!/bin/bash
# Builds the fuzzers into .build-fuzz and runs one, or all one after the other.
# Usage: .ci/fuzz.sh build | run [TARGET ...] | merge [TARGET ...] | replay [TARGET ...]
#   SECONDS_EACH (60)   how long one target runs
#   SANITIZERS (fuzzer,address)
#
# run     starts from Tests/Fuzz/TARGET/corpus; what is new goes to .build-fuzz/TARGET, and an input that breaks something to
#         Tests/Fuzz/TARGET/crashes, to be kept there for ever.
# merge   puts what covers something new into Tests/Fuzz/TARGET/corpus, as little as possible of it.
# replay  runs everything in Tests/Fuzz/TARGET once.
set -u
cd "$(dirname "$0")/.." || exit 1
out=.build-fuzz
kit=Sources/GatewayTestKit/Proof
all=(response request model meta arrow frame)

build() {
    mkdir -p "$out"
    local common=(
        -O -wmo -swift-version 6 -package-name plugin-gateway -parse-as-library -sanitize="${SANITIZERS:-fuzzer,address}"
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault -I "$out"
    )
    local module
    for module in DataFrames Translation; do
        # shellcheck disable=SC2046
        swiftc "${common[@]}" -module-name "$module" -emit-module -emit-module-path "$out/$module.swiftmodule" \
            -emit-object -o "$out/$module.o" $(find "Sources/$module" -name '*.swift' | sort) || return 1
    done
    swiftc "${common[@]}" -module-name Fuzz -o "$out/fuzz" "$out/DataFrames.o" "$out/Translation.o" Tests/Fuzz/Fuzz.swift \
        $kit/{FuzzTarget,FuzzRequests,FuzzAnswers,WireTree,WireTree+Values,ProofSchema,Frame+AsJSON}.swift || return 1
}

# What was freed is watched for a little while only, and nobody reads where it came from: that is what costs.
export ASAN_OPTIONS=${ASAN_OPTIONS:-quarantine_size_mb=16:malloc_context_size=0:detect_leaks=0}
limits=(-timeout=20 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 -verbosity=1)

[ $# -gt 0 ] || set -- run
action=$1
shift
targets=("$@")
[ $# -gt 0 ] || targets=("${all[@]}")
build || exit 70
[ "$action" = build ] && exit 0
failed=0
for target in "${targets[@]}"; do
    home=Tests/Fuzz/$target
    [ -d "$home" ] || { echo "fuzz: there is no target $target; there are ${all[*]}" >&2; exit 64; }
    export PLUGIN_GATEWAY_FUZZ_TARGET=$target
    mkdir -p "$out/$target" "$home/crashes"
    case $action in
    run)
        echo "fuzz: $target for ${SECONDS_EACH:-60} s"
        "$out/fuzz" "${limits[@]}" -max_total_time="${SECONDS_EACH:-60}" -artifact_prefix="$home/crashes/" "$out/$target" "$home/corpus" \
            >"$out/$target.log" 2>&1 || { failed=1; grep -aE 'fuzz: |ERROR|Test unit written' "$out/$target.log"; }
        tail -n 12 "$out/$target.log" | grep -aE 'stat::|cov:|Done'
        ;;
    merge)
        rm -rf "$out/$target.merged" && mkdir "$out/$target.merged"
        "$out/fuzz" "${limits[@]}" -merge=1 "$out/$target.merged" "$home/corpus" "$out/$target" >"$out/$target.log" 2>&1 || exit 1
        # The smallest first; a corpus is kept below 300 files.
        rm -f "$home/corpus/"*
        (cd "$out/$target.merged" && ls -rS | head -n 290) | while read -r name; do cp "$out/$target.merged/$name" "$home/corpus/"; done
        echo "fuzz: $target has $(ls "$home/corpus" | wc -l) inputs, $(du -sb "$home/corpus" | cut -f 1) bytes"
        ;;
    replay)
        "$out/fuzz" "${limits[@]}" -runs=0 "$home/corpus" "$home/crashes" >"$out/$target.log" 2>&1 || { failed=1; tail -n 20 "$out/$target.log"; }
        echo "fuzz: $target replayed"
        ;;
    *) echo "usage: .ci/fuzz.sh build | run | merge | replay [TARGET ...]" >&2; exit 64 ;;
    esac
done
exit $failed
