#!/bin/bash
# Makes the Debian package of the release build: .build-deb/plugin-gateway_VERSION_ARCHITECTURE.deb
#
#   deploy/debian/build.sh [VERSION]
#
# VERSION defaults to the gateway's own; another one is for trying out upgrades, and must begin with it.
# Needs debhelper and lintian. Exit codes: 64 usage, 69 something is missing, 70 the package is not as it should be.
set -eu
cd "$(dirname "$0")/../.."
readonly out=$PWD/.build-deb binaries=${PLUGIN_GATEWAY_RELEASE_DIR:-$PWD/.build/release}
readonly stage=$out/source

fail() { local code=$1; shift; echo "build.sh: $*" >&2; exit "$code"; }

for tool in dh lintian dpkg-buildpackage python3 fakeroot; do
    command -v $tool >/dev/null || fail 69 "$tool is missing; install with: apt-get install --no-install-recommends debhelper lintian dpkg-dev fakeroot python3"
done
for program in plugin-gateway plugin-locator; do
    [ -x "$binaries/$program" ] || fail 69 "$binaries/$program is missing: run 'make release'"
done
own=$("$binaries/plugin-gateway" --version)
recorded=$(dpkg-parsechangelog -l deploy/debian/changelog -S Version)
[ "$own" = "$recorded" ] || fail 70 "the gateway says version $own, deploy/debian/changelog says $recorded: write an entry for $own"
version=${1:-$own}
case $version in "$own"*) ;; *) fail 64 "version $version does not begin with $own" ;; esac

rm -rf "$stage"
mkdir -p "$stage"/{debian,programs,etc,man,documents,completions/bash,completions/zsh,completions/fish}
cp -r deploy/debian/. "$stage/debian"
rm "$stage"/debian/*.sh
if [ "$version" != "$own" ]; then
    { sed -n "1s/($own)/($version)/p" deploy/debian/changelog
      printf '\n  * Built to try an upgrade.\n\n'
      sed -n "s/^\( -- .*>  \).*/\1$(date -R)/p;" deploy/debian/changelog | head -1
      echo; cat deploy/debian/changelog; } >"$stage/debian/changelog"
fi
cp "$binaries/plugin-gateway" "$binaries/plugin-locator" "$stage/programs"
cp deploy/plugin-gateway.{service,socket} "$stage/debian"
cp deploy/sysusers.d/plugin-gateway.conf "$stage/debian/plugin-gateway.sysusers"
cp deploy/tmpfiles.d/plugin-gateway.conf "$stage/debian/plugin-gateway.tmpfiles"
cp deploy/config.yaml "$stage/etc"
cp deploy/plugin-gateway.catalog deploy/grafana.ini README.md "$stage"
cp -r deploy/examples "$stage"
cp -r docs "$stage/documents"
# What the packages inside the programs ask to be passed on.
for notice in .build/checkouts/*/NOTICE.txt; do
    [ ! -f "$notice" ] || { printf '== %s\n\n' "$(basename "$(dirname "$notice")")"; cat "$notice"; echo; }
done >"$stage/NOTICE"

cp deploy/man/*.[158] "$stage/man"
"$binaries/plugin-gateway" --experimental-dump-help | python3 deploy/man/commands.py deploy/man/plugin-gateway.1.in >"$stage/man/plugin-gateway.1"
python3 deploy/man/markdown.py docs/configuration.md 'plugin-gateway-config' 5 'configuration of plugin-gateway' >"$stage/man/plugin-gateway-config.5"
"$binaries/plugin-gateway" --generate-completion-script bash | sed '1{/^#!/d}' >"$stage/completions/bash/plugin-gateway"
"$binaries/plugin-gateway" --generate-completion-script zsh >"$stage/completions/zsh/_plugin-gateway"
"$binaries/plugin-gateway" --generate-completion-script fish >"$stage/completions/fish/plugin-gateway.fish"

(cd "$stage" && dpkg-buildpackage --build=binary --no-sign --no-check-builddeps) >"$out/build.log" 2>&1 || {
    tail -40 "$out/build.log" >&2
    fail 70 "dpkg-buildpackage failed (all of its output: $out/build.log)"
}
package=$out/plugin-gateway_${version}_$(dpkg --print-architecture).deb
[ -f "$package" ] || fail 70 "$package was not made, see $out/build.log"
# A build for a trial differs by its version only.
[ "$version" != "$own" ] || lintian --no-cfg --allow-root --fail-on error,warning "$package" || fail 70 "lintian has remarks on $package"
echo "$package: $(stat -c %s "$package") bytes, installed $(dpkg-deb -f "$package" Installed-Size) KiB, needs $(dpkg-deb -f "$package" Depends)"
