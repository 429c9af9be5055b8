#!/bin/bash
# Boots a whole systemd on TREE, by default this machine's own root file system, with a throw-away overlay over it, and runs DIR/inside as
# its one job.
# Usage: boot.sh DIR SECONDS [TREE]
# DIR appears inside as /lab; what the job prints lands in DIR/out/inside.log. Exits 0 when the job has written DIR/out/done, 1 when it
# has not: a boot that is cut short can look like a success. Needs root, systemd-nspawn and no running systemd; takes about a second.
set -eu
lab=$(realpath "$1")
limit=$2
tree=$(realpath "${3:-/}")
[ "$(id -u)" = 0 ] || { echo "boot.sh: booting a systemd needs root: run this as root" >&2; exit 77; }
command -v systemd-nspawn >/dev/null || { echo "boot.sh: systemd-nspawn is missing: install systemd-container" >&2; exit 69; }
mkdir -p "$lab/out"
rm -f "$lab/out/done"
cat >"$lab/lab.service" <<UNIT
[Unit]
Requires=basic.target dbus.socket
After=basic.target dbus.socket
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
TimeoutStartSec=$limit
ExecStart=/lab/inside
StandardOutput=truncate:/lab/out/inside.log
StandardError=inherit
UNIT

# Its own control group, in each hierarchy that there is: systemd inside must own what it manages.
hierarchies=
for hierarchy in systemd unified; do
    [ ! -w "/sys/fs/cgroup/$hierarchy/cgroup.procs" ] || hierarchies="$hierarchies $hierarchy"
done
[ -n "$hierarchies" ] || hierarchies=.
export lab limit tree hierarchies
unshare --mount --propagation private bash -euc '
    group=systemd-lab-$$
    leave() {
        for hierarchy in $hierarchies; do
            echo $$ >"/sys/fs/cgroup/$hierarchy/cgroup.procs"
            find "/sys/fs/cgroup/$hierarchy/$group" -depth -type d -exec rmdir {} +
        done
    }
    for hierarchy in $hierarchies; do
        mkdir -p "/sys/fs/cgroup/$hierarchy/$group/x"
        echo $$ >"/sys/fs/cgroup/$hierarchy/$group/x/cgroup.procs"
    done
    trap leave EXIT
    mount -t tmpfs -o mode=755 run /run
    mkdir /run/tree
    mount --bind "$tree" /run/tree
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 timeout $((limit + 60)) systemd-nspawn -q -D /run/tree --volatile=overlay --register=no \
        --keep-unit --private-network --machine=$group --console=pipe --link-journal=no --timezone=off --resolv-conf=off \
        --system-call-filter=bpf --capability=CAP_BPF,CAP_NET_ADMIN,CAP_PERFMON \
        --bind="$lab":/lab --bind-ro="$lab/lab.service":/etc/systemd/system/lab.service \
        --boot systemd.unit=lab.service systemd.show_status=no systemd.log_target=journal </dev/null >"$lab/out/console.log" 2>&1
' || true
[ -e "$lab/out/done" ] || {
    echo "boot.sh: the job inside did not come to its end; its last lines:" >&2
    tail -n 40 "$lab/out/inside.log" "$lab/out/journal.txt" "$lab/out/console.log" >&2 || true
    exit 1
}
