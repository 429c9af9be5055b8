#!/usr/bin/env bash
# The C++ peers against each other, with nothing between them:   Tests/Peers/cpp/selftest.sh OUTDIR
#
# OUTDIR is where build.sh put them. What passes here and fails through the gateway is the gateway's.

set -euo pipefail

if [ $# -ne 1 ]; then
    echo "usage: Tests/Peers/cpp/selftest.sh OUTDIR" >&2
    exit 64
fi
bin="$(cd "$1" && pwd)"
work="$(mktemp -d)"
plugin=""
cleanup() {
    if [ -n "$plugin" ]; then kill -KILL "$plugin" 2>/dev/null || true; fi
    rm -rf "$work"
}
trap cleanup EXIT

passed=0
# expect NAME PATTERN...: every pattern is in $reply.
expect() {
    local name="$1" pattern
    shift
    for pattern in "$@"; do
        if ! grep -qE -- "$pattern" <<<"$reply"; then
            printf 'selftest: %s: nothing matches %s in:\n%s\n' "$name" "$pattern" "$reply" >&2
            exit 1
        fi
    done
    passed=$((passed + 1))
}
host() { reply="$("$bin/v2-host" "$socket" "$@" 2>&1)" || true; }
json() { printf '%s' "$1" | base64 -w0; }
query() { printf '{"queries":[{"refId":"A","json":"%s"}]}' "$(json "$1")"; }

start() {
    env -i grafana_plugin_type=datasource TMPDIR="$work" "$@" "$bin/v2-plugin" >"$work/stdout" 2>"$work/stderr" &
    plugin=$!
    local attempt
    for attempt in $(seq 100); do
        if grep -q '|grpc|' "$work/stdout"; then break; fi
        if [ "$attempt" = 100 ]; then
            cat "$work/stderr" >&2
            exit 1
        fi
        sleep 0.05
    done
    socket="$(cut -d'|' -f4 "$work/stdout")"
}

reply="$(env -i "$bin/v2-plugin" 2>&1 || echo "status $?")"
expect "refuses to run without the cookie" 'grafana_plugin_type' 'status 1'

start
reply="$(cat "$work/stdout")"
expect "prints its handshake" "^1\\|2\\|unix\\|$work/plugin[0-9]+\\|grpc\\|$"
host health
expect "is healthy as a plugin" 'SERVING' '"code":0'
host health '{"service":"unknown"}'
expect "knows no other service" '"code":5'
host QueryData '{"queries":[{"refId":"A"}],"format":"JSON"}' --metadata x-word=w --metadata x-bytes-bin=AP8= --deadline-ms 5000
expect "answers a query" '"status":200' '"code":0' 'x-peer-initial' 'x-peer-trailing-bin":\["AAEC'
host QueryData "$(query '{"echo":true}')"
expect "echoes a query" "\"frames\":\\[\"$(json '{"echo":true}')\"\\]"
host QueryData "$(query '{"bytes":20000000}')" --quiet
expect "sends large replies" '"code":0' '"replyBytes":20000'
host QueryData "$(query '{"bytes":1000000,"gzip":true}')" --quiet --gzip
expect "compresses" '"code":0' '"replyBytes":1000'
host QueryData "$(query '{"error":"no such table","status":404,"errorSource":"downstream"}')"
expect "fails one query" '"error":"no such table"' '"status":404' '"errorSource":"downstream"' '"code":0'
host QueryData "$(query '{"grpcError":{"code":8,"message":"größer – 日本","detailsBase64":"CAgSA2FiYw=="}}')"
expect "fails a call" '"code":8' 'größer – 日本' '"detailsBase64":"CAgSA2FiYw=="'
host QueryData "$(query '{"sleepMs":60000}')" --deadline-ms 200
expect "feels a deadline" '"code":4'
host QueryData "$(query '{"sleepMs":60000}')" --cancel-after-ms 200
expect "feels a cancellation" '"code":1'
host QueryChunkedData "$(query '{"chunks":5,"bytes":100000}')" --quiet
expect "sends chunks" '"replies":5' '"code":0'
host CallResource '{"path":"echo","body":"QUJDREVGRw=="}'
expect "answers a resource in three parts" 'QUI=' 'Q0Q=' 'RUZH' 'second=2' '"replies":3'
host RunStream "{\"data\":\"$(json '{"packets":4,"intervalMs":1}')\"}" --quiet
expect "streams" '"replies":4' '"code":0'
host RunStream --cancel-after-replies 2
expect "stops streaming" '"replies":2' '"code":1'
host SubscribeStream '{"path":"forbidden"}'
expect "refuses subscribers" 'PERMISSION_DENIED'
host PublishStream '{"data":"QUJD"}'
expect "publishes" '"data":"QUJD"'
host CheckHealth
expect "checks its health" '"status":"OK"' '"jsonDetails"'
host CollectMetrics
expect "collects metrics" '"prometheus"'
host ValidateAdmission '{"operation":"UPDATE","objectBytes":"Zm9yYmlkZGVu"}'
expect "refuses objects" '"code":422' 'UPDATE'
host MutateAdmission '{"objectBytes":"QUJD"}'
expect "mutates objects" '"allowed":true' '"objectBytes":"QUJD"'
host ConvertObjects '{"uid":"u","objects":[{"raw":"QUJD"}]}'
expect "converts objects" '"uid":"u"' '"raw":"QUJD"'
host raw some.Unknown/Method
expect "knows no other method" '"code":12'
host raw pluginv2.Data/QueryData //8=
expect "refuses broken messages" '"code":13'
host QueryData --count 2000 --concurrency 32
expect "answers many calls" '"errors":0' '"count":2000'
host CheckHealth --metadata 'x-peer-control={"stdio":{"stdout":"captured"}}' --quiet
host StreamStdio --cancel-after-ms 200
expect "hands its output over" "$(json captured)" 'STDOUT'
host shutdown
expect "shuts down" '"code":0'
wait "$plugin"
plugin=""
reply="$(find "$work" -type s)|$(cat "$work/stderr")"
expect "leaves no socket and logs what it felt" '^\|' 'call cancelled by the host' 'stream cancelled by the host'

start V2_PLUGIN_GZIP=1
host QueryData "$(query '{"bytes":1000000}')" --quiet
expect "compresses always" '"code":0'
host QueryData "$(query '{"exit":3}')"
expect "ends in the middle of a call" '"code":14'
status=0
wait "$plugin" || status=$?
plugin=""
reply="status $status"
expect "ends with the status asked for" 'status 3'

echo "cpp peers: $passed checks passed"
