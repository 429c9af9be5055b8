#!/bin/bash
# Proves the walls between the targets: who imports what, and that every import states its access level.
# Usage: .ci/imports.sh
set -u
cd "$(dirname "$0")/.." || exit 1
failures=0
fail() { echo "wall broken: $*" >&2; failures=$((failures + 1)); }

# target: the modules of ours and of others that it may import
allowed() {
    case $1 in
    PluginProtocolV1 | PluginProtocolV2 | PluginProtocolV3) echo "SwiftProtobuf Foundation FoundationEssentials" ;;
    DataFrames) echo "Synchronization" ;;
    Translation) echo "DataFrames" ;;
    GoPlugin | ControlProtocol) echo "" ;;
    Transport) echo "NIOCore NIOPosix NIOHTTP2 NIOHPACK CZlib Glibc Synchronization NIOConcurrencyHelpers" ;;
    PluginSupervision)
        echo "GoPlugin Transport CLinux Logging NIOCore NIOPosix Glibc Foundation FoundationEssentials Synchronization Dispatch" ;;
    Telemetry) echo "CSystemd Logging Metrics CoreMetrics Glibc Synchronization Foundation FoundationEssentials" ;;
    Routing) echo "Translation PluginSupervision Transport Telemetry GoPlugin Logging NIOCore Synchronization Glibc" ;;
    plugin-locator) echo "GoPlugin ControlProtocol CLinux Glibc" ;;
    plugin-gateway) echo "Gateway ArgumentParser Glibc" ;;
    Gateway | GatewayTestKit) echo "*" ;;
    CLinux | CZlib | CSystemd) echo "*" ;;
    *) return 1 ;;
    esac
}

for directory in Sources/*/; do
    target=$(basename "$directory")
    if ! modules=$(allowed "$target"); then
        fail "$target has no rule in .ci/imports.sh"
        continue
    fi
    [ -n "$(find "$directory" -type f \( -name '*.swift' -o -name '*.c' -o -name '*.modulemap' \) -print -quit)" ] || fail "$target is empty"
    while IFS=: read -r file line text; do
        [ -n "$file" ] || continue
        module=$(sed -E 's/.*import +((struct|class|enum|func|protocol|typealias|var|let) +)?([A-Za-z_0-9]+).*/\3/' <<<"$text")
        case " $modules " in
        *" * "* | *" $module "*) ;;
        *) fail "$target may not import $module ($file:$line)" ;;
        esac
        case $file in
        *.pb.swift) ;;
        *) grep -qE '^(@[A-Za-z_]+(\([A-Za-z]*\))? )*(public|package|internal|private|fileprivate) ' <<<"$text" ||
            fail "an import without an access level ($file:$line)" ;;
        esac
    done < <(grep -rnE '^[[:space:]]*(@[A-Za-z_]+(\([A-Za-z]*\))? +)*((public|package|internal|private|fileprivate) +)?import +' "$directory" --include='*.swift')
done

# The locator must not even be linked with the heavy libraries; its binary is checked where it is built.
if [ $failures -gt 0 ]; then
    echo "$failures import walls broken" >&2
    exit 1
fi
echo "import walls hold: $(find Sources -name '*.swift' | wc -l) files in $(find Sources -mindepth 1 -maxdepth 1 -type d | wc -l) targets"
