#!/bin/bash
# Installs, uses, upgrades and purges the Debian package in a clean, booted Debian 12. The last line has the counts; exits 1 on any failure.
# Usage: deploy/debian/test.sh
# Needs root, mmdebstrap and systemd-container, the release build and the Go peers. The clean tree (200 MB) is made once, in .build-deb/tree.
set -eu
cd "$(dirname "$0")/../.."
readonly out=$PWD/.build-deb lab=$PWD/.build-deb/lab peers=$PWD/.build-peers/bin

# Calls that the upgrade may fail: none, since a restart keeps the host sockets open.
readonly upgrade_may_fail=0

fail() { echo "test.sh: $*" >&2; exit 69; }

[ "$(id -u)" = 0 ] || fail "booting a system needs root"
for tool in mmdebstrap systemd-nspawn; do
    command -v $tool >/dev/null || fail "$tool is missing; install with: apt-get install --no-install-recommends mmdebstrap systemd-container"
done
for peer in legacy-datasource modern-host; do
    [ -x "$peers/$peer" ] || fail "$peers/$peer is missing: run 'make setup-demo'"
done

architecture=$(dpkg --print-architecture)
version=$(dpkg-parsechangelog -l deploy/debian/changelog -S Version)
next=$version+upgrade1
deploy/debian/build.sh
deploy/debian/build.sh "$next"

needed=$(dpkg-deb -f "$out/plugin-gateway_${version}_$architecture.deb" Depends | sed 's/ *([^)]*)//g; s/ *|[^,]*//g; s/ //g')
if [ ! -f "$out/tree.stamp" ] || [ "$(cat "$out/tree.stamp")" != "$needed" ]; then
    echo "making a clean Debian 12 in .build-deb/tree (once; about two minutes)"
    rm -rf "$out/tree"
    mmdebstrap --quiet --variant=apt --mode=root --include="systemd,systemd-sysv,dbus,$needed" bookworm "$out/tree" >"$out/tree.log" 2>&1 || {
        tail -20 "$out/tree.log" >&2
        fail "mmdebstrap failed (all of its output: $out/tree.log)"
    }
    # Packages come as files only; nothing is fetched inside.
    rm -f "$out/tree/etc/apt/sources.list"
    echo "$needed" >"$out/tree.stamp"
fi

rm -rf "$lab"
mkdir -p "$lab/out"
cp deploy/debian/inside.sh "$lab/inside"
cp "$out/plugin-gateway_${version}_$architecture.deb" "$lab/first.deb"
cp "$out/plugin-gateway_${next}_$architecture.deb" "$lab/second.deb"
cp "$peers/legacy-datasource" "$peers/modern-host" "$lab"
printf 'version=%s\nnext=%s\nupgrade_may_fail=%s\n' "$version" "$next" "$upgrade_may_fail" >"$lab/settings"

Tests/Peers/systemd/boot.sh "$lab" 500 "$out/tree" || fail "see also $lab/out"
cat "$lab/out/inside.log"
read -r passed failed <"$lab/out/done"

# Every entry of the journal, as it was in the booted system, against the schema that the program prints.
if ".build/release/plugin-gateway" journal-schema --format json >"$lab/schema.json" &&
    python3 deploy/debian/entries.py "$lab/schema.json" "$lab/out/journal.json"; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
fi
echo "deb: $passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
