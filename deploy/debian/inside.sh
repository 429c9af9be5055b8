#!/bin/bash
# The job of test.sh in the booted system: install, use, upgrade, remove, purge.
set -u
. /lab/settings
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
passed=0 failed=0
readonly plugin=/var/lib/grafana/plugins/legacy-demo executable=gpx_legacy_linux_amd64
readonly query='{"op":"query","request":{"pluginContext":{"orgId":1,"pluginId":"legacy-demo","dataSourceInstanceSettings":{"id":7,"uid":"u","name":"Legacy","url":"http://localhost","jsonData":"e30="}},"queries":[{"refId":"A","maxDataPoints":100,"intervalMS":1000,"timeRange":{"fromEpochMS":1000,"toEpochMS":61000},"json":{"scenario":"series"}}]}}'

ok() { passed=$((passed + 1)); echo "ok $passed: $1"; }
bad() { failed=$((failed + 1)); echo "FAILED: $1"; [ -z "${2-}" ] || sed 's/^/    /' <<<"$2" | tail -25; }
# expect NAME COMMAND…: the command succeeds.
expect() { local name=$1 said; shift; if said=$("$@" 2>&1); then ok "$name"; else bad "$name (status $?)" "$said"; fi; }
# holds NAME TEXT PATTERN: the text has the pattern.
holds() { if grep -qE -- "$3" <<<"$2"; then ok "$1"; else bad "$1: no '$3'" "$2"; fi; }
is() { if [ "$2" = "$3" ]; then ok "$1: $2"; else bad "$1 is '$2', not '$3'"; fi; }
property() { systemctl show -P "$2" "$1"; }
# await NAME SECONDS COMMAND…
await() {
    local name=$1 left=$(($2 * 20)); shift 2
    until "$@" >/dev/null 2>&1; do left=$((left - 1)); [ $left -gt 0 ] || { bad "$name: waited in vain"; return 1; }; sleep 0.05; done
    ok "$name"
}
files() { find / -xdev \( -path /proc -o -path /sys -o -path /lab -o -path /tmp -o -path /run/lab \) -prune -o -print; find /run -path '*plugin-gateway*'; }
entries() { journalctl --sync; journalctl --all -o json --no-pager "$@"; }
as_grafana() { setpriv --reuid=grafana --regid=grafana --init-groups "$@"; }

files | sort >/tmp/before

# --- Install ---------------------------------------------------------------------------------------------------------
expect "apt installs the package" apt-get install -y -q /lab/first.deb
is "the package" "$(dpkg-query -W -f='${db:Status-Abbrev}${Version}' plugin-gateway)" "ii $version"
holds "the user grafana was made" "$(getent passwd grafana)" '^grafana:x:[0-9]+:[0-9]+:Grafana:/usr/share/grafana:/usr/sbin/nologin$'
is "the socket" "$(systemctl is-active plugin-gateway.socket)" active
is "the service before anybody connects" "$(systemctl is-active plugin-gateway.service)" inactive
is "the service is not started at boot" "$(systemctl is-enabled plugin-gateway.service)" disabled
expect "systemctl enable --now plugin-gateway.socket" systemctl enable --now plugin-gateway.socket
is "the socket at boot" "$(systemctl is-enabled plugin-gateway.socket)" enabled
is "the control socket" "$(stat -c '%U:%G %a' /run/plugin-gateway/control.sock)" "grafana:grafana 660"
is "the runtime directory" "$(stat -c '%U:%G %a' /run/plugin-gateway)" "grafana:grafana 750"
for file in man1/plugin-gateway.1 man5/plugin-gateway-config.5 man8/plugin-gateway.service.8 man8/plugin-gateway.socket.8 man8/plugin-locator.8; do
    expect "manual page $file" gzip -t "/usr/share/man/$file.gz"
done
expect "completions for bash are bash" bash -n /usr/share/bash-completion/completions/plugin-gateway
expect "the configuration is a conffile" grep -q /etc/plugin-gateway/config.yaml /var/lib/dpkg/info/plugin-gateway.conffiles
holds "the catalog has its entries" "$(journalctl --list-catalog)" 'plugin-gateway: The gateway has started'
exposure=$(systemd-analyze security --no-pager plugin-gateway.service | grep -oE 'level for plugin-gateway.service: [0-9.]+' | grep -oE '[0-9.]+$')
echo "figure: systemd-analyze security plugin-gateway.service: exposure $exposure"
expect "exposure is at most 1.5" systemd-analyze security --no-pager --threshold=15 plugin-gateway.service

# --- A legacy plugin, wrapped, and a modern host --------------------------------------------------------------------
mkdir -p $plugin
cp /lab/legacy-datasource $plugin/$executable
echo '{"id":"legacy-demo","type":"datasource","name":"Legacy demo","backend":true,"executable":"gpx_legacy","info":{"version":"0.9.0"}}' >$plugin/plugin.json
chown -R grafana:grafana /var/lib/grafana
echo PLUGIN_GATEWAY_TELEMETRY_SNAPSHOT_INTERVAL=500ms >/etc/default/plugin-gateway
expect "plugin-gateway check" as_grafana plugin-gateway check $plugin/$executable
expect "plugin-gateway wrap" plugin-gateway wrap $plugin
coproc HOST { exec setpriv --reuid=grafana --regid=grafana --init-groups /lab/modern-host $plugin/$executable 2>/tmp/host.log; }
host=$HOST_PID
read -r -t 60 answer <&"${HOST[0]}" || answer="nothing; $(cat /tmp/host.log)"
holds "the host starts the plugin through the socket-activated gateway" "$answer" '"ok":true'
is "the service" "$(systemctl is-active plugin-gateway.service)" active
is "the service's user" "$(grep -E '^Uid:' "/proc/$(property plugin-gateway MainPID)/status" | tr -s '\t' ' ')" "Uid: $(id -u grafana) $(id -u grafana) $(id -u grafana) $(id -u grafana)"
ask() { echo "$query" >&"${HOST[1]}"; read -r -t 60 answer <&"${HOST[0]}" || answer=nothing; }
ask
holds "a v2 query is answered by the v1 plugin" "$answer" '"ok":true.*"frames":\["QVJST1cx'
holds "status for root" "$(plugin-gateway status 2>&1)" 'legacy-demo'
holds "status for the user grafana" "$(as_grafana plugin-gateway status --json 2>&1)" '"mode" : "translated"'
holds "no status for others" "$(setpriv --reuid=nobody --regid=nogroup --clear-groups plugin-gateway status 2>&1)" 'is not open to this user'
holds "systemctl status says what is going on" "$(systemctl status --no-pager plugin-gateway.service)" 'Status: "'

# --- The journal -----------------------------------------------------------------------------------------------------
exe=/usr/bin/plugin-gateway
await "a snapshot is written" 20 sh -c "journalctl --sync; journalctl -q --no-pager _EXE=$exe MESSAGE_ID=94dcb367b7ba4b54b99c759753c83f7e | grep -q legacy-demo"
holds "fields by MESSAGE_ID: negotiation" "$(entries _EXE=$exe MESSAGE_ID=afa3c9d356d54c3b8beb942756728030)" '"PLUGIN_GATEWAY_PLUGIN_VERSION":"1"'
holds "fields by MESSAGE_ID: snapshot" "$(entries _EXE=$exe MESSAGE_ID=94dcb367b7ba4b54b99c759753c83f7e)" '"PLUGIN_GATEWAY_METHOD":"pluginv2.Data/QueryData"'
holds "a plain journalctl tells the story" "$(journalctl -u plugin-gateway --no-pager -o cat)" '^legacy-demo: plugin negotiated: '
echo "${query/series/noisy}" >&"${HOST[1]}"
read -r -t 60 answer <&"${HOST[0]}"
holds "the plugin's own log" "$(entries _EXE=$exe MESSAGE_ID=c12a62dd5fdc4664ac72262834a25d62 PLUGIN_GATEWAY_PLUGIN=legacy-demo)" '"PLUGIN_GATEWAY_FIELD_ERROR":"a made-up failure"'
holds "journalctl -x shows the catalog, filled in" "$(journalctl -x --no-pager MESSAGE_ID=5a08571374624980a0060f0841bbe5a0)" 'Grafana started the locator of legacy-demo'
if journalctl -x --no-pager -u plugin-gateway | grep '^░░' | grep -q '@PLUGIN_GATEWAY'; then
    bad "a placeholder of the catalog stays empty" "$(journalctl -x --no-pager -u plugin-gateway | grep '^░░.*@PLUGIN_GATEWAY' | sort -u)"
else ok "no placeholder of the catalog stays empty"; fi
# A child of the service forges an entry, again and again: journald may look for its unit only after one has ended.
sh -c 'echo $$ >"/sys/fs/cgroup$(systemctl show -P ControlGroup plugin-gateway)/cgroup.procs"; for try in 1 2 3 4 5 6 7 8 9 10; do printf "MESSAGE=forged\nMESSAGE_ID=94dcb367b7ba4b54b99c759753c83f7e\n_EXE=/usr/bin/plugin-gateway\nPLUGIN_GATEWAY_PLUGIN=forged\n" | logger --journald; done; sleep 0.2'
holds "a forged entry carries the service's name" "$(entries _SYSTEMD_UNIT=plugin-gateway.service PLUGIN_GATEWAY_PLUGIN=forged)" 'forged'
is "forged entries of the gateway's executable" "$(entries _EXE=$exe PLUGIN_GATEWAY_PLUGIN=forged | wc -l)" 0
is "forged entries of the gateway's process" "$(entries "_PID=$(property plugin-gateway MainPID)" "_SYSTEMD_INVOCATION_ID=$(property plugin-gateway InvocationID)" PLUGIN_GATEWAY_PLUGIN=forged | wc -l)" 0

# --- Upgrade under load ----------------------------------------------------------------------------------------------
before=$(property plugin-gateway MainPID)
calls=4000
# Not in a pipeline: its subshells do not have the host's descriptors.
load='{"op":"load","count":'$calls',"concurrency":8,'${query#*,}
echo "${load/'"scenario":"series"'/'"scenario":"sleep","ms":20'}" >&"${HOST[1]}"
sleep 1
expect "apt upgrades the package under load" apt-get install -y -q /lab/second.deb
is "the package" "$(dpkg-query -W -f='${db:Status-Abbrev}${Version}' plugin-gateway)" "ii $next"
read -r -t 240 answer <&"${HOST[0]}" || answer=nothing
errors=$(grep -oE '"errors":[0-9]+' <<<"$answer" | grep -oE '[0-9]+')
echo "figure: upgrade under load: ${errors:-?} of $calls calls failed: $(cut -c 1-600 <<<"$answer")"
is "calls that failed in the upgrade" "${errors:-?}" "$upgrade_may_fail"
restarted() { local now; now=$(property plugin-gateway MainPID); [ "$now" != 0 ] && [ "$now" != "$before" ]; }
await "the service was restarted" 30 restarted
is "what the service runs" "$(readlink "/proc/$(property plugin-gateway MainPID)/exe")" /usr/bin/plugin-gateway
is "the socket after the upgrade" "$(systemctl is-active plugin-gateway.socket)" active
answered() { ask; grep -q '"ok":true.*"frames":\["QVJST1cx' <<<"$answer"; }
await "a query after the upgrade, from the same host" 30 answered
echo '{"op":"kill"}' >&"${HOST[1]}"
read -r -t 60 answer <&"${HOST[0]}"
holds "the host stops the plugin" "$answer" '"graceful":true'
exec {HOST[1]}>&-
wait "$host" 2>/dev/null
await "the attachment is gone" 20 sh -c '! plugin-gateway status | grep -q legacy-demo'

# --- Remove and purge ------------------------------------------------------------------------------------------------
removal=$(apt-get remove -y -q plugin-gateway 2>&1) && ok "apt removes the package" || bad "apt removes the package" "$removal"
holds "removing names the plugins that are still wrapped" "$removal" "$plugin"
is "the socket when removed" "$(systemctl is-active plugin-gateway.socket)" inactive
is "the service when removed" "$(systemctl is-active plugin-gateway.service)" inactive
expect "the configuration stays until it is purged" test -f /etc/plugin-gateway/config.yaml
expect "apt purges the package" apt-get purge -y -q plugin-gateway
is "failed units" "$(systemctl list-units --failed --no-legend | wc -l)" 0
expect "the user grafana stays" getent passwd grafana

entries >/lab/out/journal.json
rm -rf /var/lib/grafana /etc/default/plugin-gateway
files | sort >/tmp/after
# The user's entry leaves backup files; the journal, dpkg's and apt's own books grow anywhere.
left=$(comm -13 /tmp/before /tmp/after | grep -vE '^/etc/(passwd|group|shadow|gshadow|subuid|subgid)-$|^/etc/\.pwd\.lock$|^/var/log/|^/var/tmp/systemd-private-|^/var/(lib|cache)/apt/|^/var/lib/dpkg/(available|status|diversions|statoverride)-old$|^/var/lib/systemd/(catalog|random-seed|timers|linger)|^/root/')
gone=$(comm -23 /tmp/before /tmp/after | grep -vE '^/var/log/|^/var/lib/apt/|^/var/lib/systemd/')
echo "figure: files before $(wc -l </tmp/before), after purge $(wc -l </tmp/after)"
if [ -z "$left" ]; then ok "purge leaves nothing"; else bad "purge leaves files" "$left"; fi
if [ -z "$gone" ]; then ok "purge takes nothing that was there before"; else bad "purge takes files" "$gone"; fi

# --- Where Grafana's own package made the user -----------------------------------------------------------------------
userdel grafana 2>/dev/null; groupdel grafana 2>/dev/null
useradd --system --user-group --home-dir /usr/share/grafana --no-create-home --shell /bin/false --comment '' grafana
account=$(getent passwd grafana)
expect "apt installs the package beside a user that is there" apt-get install -y -q /lab/first.deb
is "the account of Grafana's package" "$(getent passwd grafana)" "$account"
expect "apt purges it again" apt-get purge -y -q plugin-gateway
is "the account of Grafana's package" "$(getent passwd grafana)" "$account"

echo "$passed $failed" >/lab/out/done
