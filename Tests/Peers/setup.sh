#!/bin/sh
# Installs what building, the demo and the tests need on Debian 12, and builds the real peers.
#
#   Tests/Peers/setup.sh [all|build|demo|test] [OUTDIR]
#
# build  the libraries that the gateway itself is linked with
# demo   build, the legacy Go plugin and the modern Go host
# test   everything: demo, the misbehaving plugin, the C++ peers, the Python judges (all is the same)
# OUTDIR defaults to .build-peers at the top of the repository; programs are put into OUTDIR/bin.
#
# Says what it installs. What is there already is left alone: a second run takes a moment.
# Exit codes: 64 usage, 69 something is missing that this script must not or cannot install, 70 a peer does not build.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
goal=${1:-test}
out=${2:-$root/.build-peers}
swift_needed=6.3

say() { printf '%s\n' "setup: $*"; }
give_up() { printf '%s\n' "setup: $*" >&2; exit 69; }

case $goal in
    all) goal=test ;;
    build | demo | test) ;;
    *) printf 'usage: %s [all|build|demo|test] [OUTDIR]\n' "$0" >&2; exit 64 ;;
esac
# --- Swift: too large and too personal to install unasked --------------------------------------------------------

check_swift() {
    remedy="Install Swift $swift_needed or newer from https://www.swift.org/install/linux/ (swiftly: 'swiftly install latest'),"
    remedy="$remedy put it on PATH, and run this again."
    command -v swift >/dev/null 2>&1 || give_up "swift is not on PATH. $remedy"
    answer=$(swift --version 2>&1 || true)
    found=$(printf '%s\n' "$answer" | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
    [ -n "$found" ] || give_up "the swift on PATH does not work; it says: $answer. $remedy That page lists the packages it needs."
    oldest=$(printf '%s\n%s\n' "$swift_needed" "$found" | sort -V | head -n 1)
    [ "$oldest" = "$swift_needed" ] || give_up "Swift $found is too old. $remedy"
}

# --- Debian packages -----------------------------------------------------------------------------------------------

packages_for() {
    # Linking the gateway: the C library's and C++ library's development files, libsystemd, zlib.
    echo ca-certificates git make g++ pkg-config libsystemd-dev zlib1g-dev
    case $goal in demo | test)
        # The legacy plugin and the modern host, of the libraries such programs were made of.
        echo golang-go golang-github-hashicorp-go-plugin-dev golang-github-grafana-grafana-plugin-model-dev
        echo golang-google-grpc-dev golang-goprotobuf-dev protobuf-compiler
    esac
    case $goal in test)
        # The C++ peers, the Python judges, journald for the tests that need a real journal, and what boots a systemd.
        echo protobuf-compiler-grpc libgrpc-dev libgrpc++-dev libprotobuf-dev python3-venv systemd systemd-container dbus procps
    esac
}

install_packages() {
    wanted=$(packages_for | tr '\n' ' ')
    missing=
    if command -v dpkg-query >/dev/null 2>&1; then
        # shellcheck disable=SC2086  # one word per package
        present=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p' || true)
        for package in $wanted; do
            printf '%s\n' "$present" | grep -qxF "$package" || missing="$missing $package"
        done
        [ -n "$missing" ] || return 0
    else
        give_up "this is not Debian: install what these packages hold, then build the peers by hand: $wanted"
    fi
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1; then
        as_root=sudo
    else
        say "packages are missing; installing them needs root, which this is not, and there is no sudo. Run as root:" >&2
        give_up "apt-get install --no-install-recommends$missing"
    fi
    say "installing Debian packages:$missing"
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >"$out/apt.log" 2>&1 ||
        say "apt-get update failed, see $out/apt.log; trying with the package lists that are there"
    # shellcheck disable=SC2086  # one word per package
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing >>"$out/apt.log" 2>&1 || {
        tail -n 20 "$out/apt.log" >&2
        give_up "apt-get could not install:$missing (all of its output: $out/apt.log)"
    }
}

# --- Stamps: a part is built again when what it is made of changed ----------------------------------------------------

# Prints one sum over the contents and names of all files below the given paths.
fingerprint() {
    find "$@" -type f ! -name '*.pyc' -exec sha256sum {} + | LC_ALL=C sort -k 2 | sha256sum | cut -d ' ' -f 1
}

is_current() { [ -f "$out/stamps/$1" ] && [ "$(cat "$out/stamps/$1")" = "$2" ]; }
mark_current() { printf '%s\n' "$2" >"$out/stamps/$1"; }

# --- The Go peers ---------------------------------------------------------------------------------------------------

build_go() {
    state=$(fingerprint "$here/go" "$root/proto-v2/backend.proto" "$here/setup.sh")
    for program in "$@"; do
        if [ ! -x "$out/bin/$program" ] || ! is_current "go-$program" "$state"; then
            generate_go
            say "building $program (Go)"
            (
                # Only Debian's toolchain and libraries: no modules, no network.
                unset GOROOT GOBIN GOTOOLCHAIN
                export GO111MODULE=off GOFLAGS= CGO_ENABLED=0 GOCACHE="$out/go/cache"
                export GOPATH="$here/go:$out/go:/usr/share/gocode"
                /usr/bin/go build -o "$out/bin/$program" "peers/$program"
            )
            mark_current "go-$program" "$state"
        fi
    done
}

generate_go() {
    target=$out/go/src/peers/pluginv2
    mkdir -p "$target"
    # protoc-gen-go of Debian, even where another one comes first on PATH.
    protoc -I"$root/proto-v2" --plugin=protoc-gen-go=/usr/bin/protoc-gen-go \
        --go_out=import_path=pluginv2:"$target" backend.proto
}

# --- The C++ peers --------------------------------------------------------------------------------------------------

build_cpp() {
    script=$here/cpp/build.sh
    if [ ! -f "$script" ]; then
        say "no C++ peers here (Tests/Peers/cpp/build.sh is missing): skipped"
        return 0
    fi
    state=$(fingerprint "$here/cpp" "$root/proto-v1" "$root/proto-v2")
    if ! is_current cpp "$state"; then
        say "building the C++ peers"
        bash "$script" "$out/cpp" >"$out/cpp.log" 2>&1 || {
            tail -n 40 "$out/cpp.log" >&2
            printf '%s\n' "setup: the C++ peers do not build (all of the output: $out/cpp.log)" >&2
            exit 70
        }
        for file in v2-plugin v2-host oracle schemas.binpb; do
            ln -f "$out/cpp/$file" "$out/bin/$file"
        done
        mark_current cpp "$state"
    fi
}

# --- The Python judges ----------------------------------------------------------------------------------------------

make_python() {
    state=$(fingerprint "$here/python/requirements.txt")
    if [ ! -x "$out/venv/bin/python" ] || ! is_current venv "$state"; then
        python=/usr/bin/python3
        [ -x "$python" ] || python=python3
        say "making the Python environment: $(grep -v '^#' "$here/python/requirements.txt" | tr '\n' ' ')"
        rm -rf "$out/venv"
        "$python" -m venv "$out/venv"
        "$out/venv/bin/pip" install -q --disable-pip-version-check --only-binary :all: -r "$here/python/requirements.txt"
        mark_current venv "$state"
    fi
}

check_swift
mkdir -p "$out/bin" "$out/stamps"
out=$(CDPATH= cd -- "$out" && pwd)
install_packages
case $goal in
    demo) build_go legacy-datasource modern-host ;;
    test)
        build_go legacy-datasource legacy-renderer modern-host bad-plugin bad-host
        make_python
        build_cpp
        ;;
esac
