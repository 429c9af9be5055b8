#!/bin/bash
# Checks what is shipped in this directory with systemd's own tools, on a throw-away root: units, hardening, sysusers, tmpfiles, catalog.
# Usage: deploy/verify.sh
# Any remark of systemd-analyze counts as a failure, since unknown settings leave its exit code at 0.
set -u
cd "$(dirname "$0")" || exit 1
exposure=15 # in tenths, as systemd-analyze security --threshold takes it
failures=0
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

fail() {
    echo "FAILED: $1" >&2
    [ -z "${2-}" ] || sed 's/^/    /' <<<"$2" >&2
    failures=$((failures + 1))
}
# quiet NAME COMMAND...: fails when the command fails or says anything.
quiet() {
    local name=$1 output
    shift
    if ! output=$("$@" 2>&1) || [ -n "$output" ]; then fail "$name" "${output:-(no output, but a failure status)}"; fi
}

units=$root/etc/systemd/system
mkdir -p "$units" "$root/usr/bin" "$root/usr/lib/systemd/catalog" "$root/var/lib/systemd/catalog" "$root/run" "$root/etc"
# The units may name others, as the machine has them; the executable need only exist.
cp -r /lib/systemd/system "$root/usr/lib/systemd/system" || fail "no systemd units on this machine: install the package systemd"
printf '#!/bin/sh\n' >"$root/usr/bin/plugin-gateway"
chmod +x "$root/usr/bin/plugin-gateway"
cp plugin-gateway.service plugin-gateway.socket "$units"

quiet "systemd-analyze verify" systemd-analyze verify --man=no --root="$root" plugin-gateway.service plugin-gateway.socket

if ! report=$(systemd-analyze security --no-pager --offline=true --threshold=$exposure "$units/plugin-gateway.service" 2>&1); then
    fail "exposure above $exposure tenths" "$(grep -E '^✗|→' <<<"$report")"
fi

# Without any one of these a restart was seen to lose calls, a crash to write secrets to disk, or plugins to die of a signal.
while read -r setting; do
    grep -qxF "$setting" plugin-gateway.service || fail "plugin-gateway.service lacks $setting"
done <<-END
	StartLimitIntervalSec=0
	Type=notify
	User=grafana
	Group=grafana
	KillMode=mixed
	FileDescriptorStoreMax=1024
	ExecReload=/usr/bin/plugin-gateway reload
	RuntimeDirectoryPreserve=yes
	NotifyAccess=main
	LimitCORE=0
	MemoryHigh=80%
	WatchdogSec=30s
	WatchdogSignal=SIGKILL
	Environment=SWIFT_BACKTRACE=enable=no
	ProtectSystem=strict
	ReadWritePaths=-/var/lib/grafana
	PrivateTmp=yes
	SystemCallErrorNumber=EPERM
	OOMPolicy=continue
	SystemCallFilter=@chown
END
grep -q '^DynamicUser' plugin-gateway.service && fail "DynamicUser= would change the plugins' user at every start"
for setting in ListenStream=/run/plugin-gateway/control.sock FileDescriptorName=control SocketMode=0660 SocketGroup=grafana; do
    grep -qxF "$setting" plugin-gateway.socket || fail "plugin-gateway.socket lacks $setting"
done

output=$(systemd-sysusers --root="$root" "$PWD/sysusers.d/plugin-gateway.conf" 2>&1) || fail "sysusers.d" "$output"
grep -q '^grafana:' "$root/etc/passwd" || fail "sysusers.d does not create the user grafana" "$output"
if [ "$(id -u)" = 0 ]; then
    quiet "tmpfiles.d" systemd-tmpfiles --root="$root" --create "$PWD/tmpfiles.d/plugin-gateway.conf"
    mode=$(stat -c %a "$root/run/plugin-gateway" 2>&1)
    [ "$mode" = 750 ] || fail "tmpfiles.d: /run/plugin-gateway has mode $mode"
fi

cp plugin-gateway.catalog "$root/usr/lib/systemd/catalog"
quiet "message catalog" journalctl --root="$root" --update-catalog
entries=$(journalctl --root="$root" --list-catalog 2>/dev/null | grep -c ' plugin-gateway: ')
written=$(grep -c '^-- [0-9a-f]\{32\}$' plugin-gateway.catalog)
[ "$entries" = "$written" ] || fail "the catalog has $written entries, journalctl finds $entries"

if [ $failures -gt 0 ]; then
    echo "$failures checks of deploy/ failed" >&2
    exit 1
fi
echo "units hold: $(grep -o 'Overall.*[0-9]\.[0-9]' <<<"$report"), $entries catalog entries"
