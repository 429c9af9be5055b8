# Sourced by restart.sh and figures.sh: a job with all it needs in a directory, run in a booted systemd.
# Programs come from $PLUGIN_GATEWAY_BIN_DIR, else from the directory that the caller names, and from .build-peers/bin.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
peers=$root/.build-peers/bin

# prepare JOB DIRECTORY: makes $lab, with the job and what it may ask for. DIRECTORY is where the programs are by default.
prepare() {
    local bin=${PLUGIN_GATEWAY_BIN_DIR:-$root/$2} program
    local programs=("$bin/plugin-gateway" "$bin/plugin-locator" "$peers/legacy-datasource" "$peers/modern-host" "$peers/bad-plugin"
        "$peers/v2-plugin")
    for program in "${programs[@]}"; do
        [ -x "$program" ] || { echo "$(basename "$0"): $program is missing: \`make test\` builds it, programs of a release \`make release\`" >&2; exit 1; }
    done
    lab=$(mktemp -d)
    trap 'rm -rf "$lab"' EXIT
    cp -r "$root/deploy" "$lab/deploy"
    cp "${programs[@]}" "$here"/*.py "$root/deploy/debian/entries.py" "$lab"
    mv "$lab/$1" "$lab/inside"
    chmod +x "$lab/inside"
}

# run_job SECONDS: prints the job's figures; fails, with everything it said, when a check has failed.
run_job() {
    local boot=("$here/boot.sh" "$lab" "$1")
    [ "$(id -u)" = 0 ] || boot=(sudo -n "${boot[@]}")
    "${boot[@]}"
    grep -E '^(figure|FAILED): ' "$lab/out/inside.log" || true
    if grep -q '^FAILED: ' "$lab/out/inside.log"; then
        cat "$lab/out/inside.log" >&2
        tail -n 60 "$lab/out/journal.txt" >&2
        exit 1
    fi
}
