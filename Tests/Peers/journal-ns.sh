#!/bin/bash
# Runs a command beside a journald of its own, which nothing outside can see and which sees nothing outside.
# Usage: journal-ns.sh COMMAND [ARGUMENT ...]
#
# The command finds the usual sockets in /run/systemd/journal, reads entries back with journalctl, and has in its environment
#   JOURNAL_NAMESPACE=private   the sign that this is so
#   JOURNALD_PID                the daemon, to stall it (SIGSTOP, SIGCONT)
# /run is empty otherwise. Exits with the command's status; 99 when journald could not be started (standard error says why).
# Needs root, or unprivileged user namespaces.
set -u

give_up() {
    echo "journal-ns.sh: $*" >&2
    exit 99
}

if [ "${1-}" != --inside ]; then
    [ $# -gt 0 ] || give_up "name a command to run"
    daemon=
    for candidate in /lib/systemd/systemd-journald /usr/lib/systemd/systemd-journald; do
        [ ! -x "$candidate" ] || daemon=$candidate
    done
    [ -n "$daemon" ] || give_up "there is no systemd-journald: install the package systemd"
    [ -s /etc/machine-id ] || give_up "/etc/machine-id is empty: run systemd-machine-id-setup"
    options=(--mount --propagation private)
    [ "$(id -u)" = 0 ] || options+=(--user --map-root-user)
    unshare "${options[@]}" true 2>/dev/null || give_up "no permission for a mount namespace: run as root or allow user namespaces"
    exec unshare "${options[@]}" "$BASH" "$0" --inside "$daemon" "$@"
fi

daemon=$2
shift 2
mount -t tmpfs -o mode=755,size=1g tmpfs /run || give_up "cannot mount an empty /run"
mkdir -p /run/log /run/systemd/journal /run/systemd/journald.conf.d
# Kept in memory, nothing forwarded, nothing rate-limited: a test reads back all that it sent.
cat >/run/systemd/journald.conf.d/test.conf <<-END
	[Journal]
	Storage=volatile
	RuntimeMaxUse=512M
	RateLimitIntervalSec=0
	RateLimitBurst=0
	ReadKMsg=no
	Audit=no
	ForwardToSyslog=no
	ForwardToKMsg=no
	ForwardToConsole=no
	ForwardToWall=no
END
# The daemon must not outlive this script, however that ends.
setpriv --pdeathsig KILL "$daemon" 2>/run/journald.log &
journald=$!
for _ in $(seq 500); do
    [ ! -S /run/systemd/journal/socket ] || break
    kill -0 $journald 2>/dev/null || break
    sleep 0.01
done
[ -S /run/systemd/journal/socket ] || give_up "journald did not start: $(cat /run/journald.log)"

JOURNAL_NAMESPACE=private JOURNALD_PID=$journald "$@"
status=$?
# A test may have left it stalled.
kill -CONT $journald 2>/dev/null
kill -TERM $journald 2>/dev/null
wait $journald 2>/dev/null
exit $status
