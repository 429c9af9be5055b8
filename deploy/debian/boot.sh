#!/bin/bash
# Boots systemd on a Debian tree and runs one job in it. What happens in the tree is thrown away.
#
#   deploy/debian/boot.sh TREE DIRECTORY
#
# DIRECTORY/inside.sh is the job; DIRECTORY appears inside as /lab, and what was said ends up in DIRECTORY/out. A boot that is cut short may
# exit with 0, so the job should leave a sign of its end in /lab/out. Needs root and systemd-container.
set -eu
TREE=$(realpath "$1")
LAB=$(realpath "$2")
export TREE LAB
mkdir -p "$LAB/out"
cat >"$LAB/lab.service" <<'END'
[Unit]
Requires=basic.target dbus.socket
After=basic.target dbus.socket
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
TimeoutStartSec=500
ExecStart=/lab/inside.sh
StandardOutput=truncate:/lab/out/inside.log
StandardError=inherit
END
# A cgroup of its own in whatever hierarchies there are, and a /run of its own.
exec unshare --mount --propagation private bash -euc '
    group=deb-lab-$$
    roots=()
    for root in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
        if [ -f "$root/cgroup.procs" ]; then roots+=("$root"); fi
    done
    for root in "${roots[@]}"; do
        mkdir -p "$root/$group/x"
        echo $$ >"$root/$group/x/cgroup.procs"
    done
    leave() {
        for root in "${roots[@]}"; do
            echo $$ >"$root/cgroup.procs" || true
            find "$root/$group" -depth -type d -exec rmdir {} + || true
        done
    }
    trap leave EXIT
    mount -t tmpfs -o mode=755 run /run
    mkdir /run/tree
    mount --bind "$TREE" /run/tree
    SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 timeout 600 systemd-nspawn -q -D /run/tree --volatile=overlay --register=no --keep-unit \
        --private-network --machine=$group --console=pipe --link-journal=no --timezone=off --resolv-conf=off \
        --system-call-filter=bpf --capability=CAP_BPF,CAP_NET_ADMIN,CAP_PERFMON \
        --bind="$LAB":/lab --bind-ro="$LAB/lab.service":/etc/systemd/system/lab.service \
        --boot systemd.unit=lab.service systemd.show_status=no systemd.log_target=journal </dev/null >"$LAB/out/console.log" 2>&1'
