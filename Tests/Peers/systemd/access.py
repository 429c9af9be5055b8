"""Who may not attach in a booted system, each with its own message, and what a plugin may do there."""

import json
import pathlib
import shutil
import subprocess

from rig import CONFIGURATION, EXECUTABLE, LAB, PLUGIN, PLUGINS, UNIT, add_plugin, check, run


def refusal(executable=EXECUTABLE, user="grafana", group="grafana"):
    """What a host that may not attach is told."""
    log = pathlib.Path("/tmp/refused.log")
    log.unlink(missing_ok=True)
    identity = [f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    host = subprocess.run(["setpriv", *identity, "modern-host", "--log-file", str(log), str(executable)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", timeout=60)
    start = json.loads(host.stdout.splitlines()[0])
    return "nothing: it was attached" if start.get("ok") else f"{log.read_text()}\n{start}"


def refused(what, *expected, **who):
    said = refusal(**who)
    for words in expected:
        check(words in said, f"{what} is refused with \"{words}\", not: {said[-1500:]}")
    return 1


def roots(*paths):
    CONFIGURATION.write_text(f"plugin_roots: {json.dumps([str(path) for path in paths])}\n")
    run("systemctl", "reload-or-restart", UNIT)


def accepted(what):
    said = refusal()
    check(said.startswith("nothing"), f"{what} is accepted, not refused: {said[-1500:]}")


def refusals():
    count = refused("another user", "may not connect to plugin-gateway at", "Permission denied", user="nobody", group="nogroup")
    count += refused("another user of the socket's group", "only the gateway's own user (", ") and root may attach", user="nobody")
    count += other_places() + other_owners() + linked_roots()
    CONFIGURATION.write_text("")
    run("systemctl", "reload", UNIT)
    accepted("the plugin as it was installed")
    print(f"figure: {count} attempts to attach what or by whom it must not be: {count} refused, each with its own message", flush=True)


def other_places():
    outside = pathlib.Path("/opt/elsewhere")
    shutil.copytree(PLUGIN, outside)
    run("chown", "-R", "grafana:grafana", str(outside))
    count = refused("a plugin outside of the roots", "lies beneath none of the plugin roots", executable=outside / EXECUTABLE.name)
    link = PLUGINS / "link"
    link.symlink_to(outside)
    count += refused("a link out of the roots", "lies beneath none of the plugin roots", str(outside), executable=link / EXECUTABLE.name)
    link.unlink()
    # It leads to what may be attached by its own name.
    link.symlink_to(PLUGIN)
    check(refusal(executable=link / EXECUTABLE.name).startswith("nothing"), "a link to a plugin of the same root is what it leads to")
    link.unlink()

    wrapped, real = PLUGIN / f"{EXECUTABLE.name}.wrapped", PLUGIN / "real"
    wrapped.rename(real)
    wrapped.symlink_to(real)
    count += refused("a link in the place of the executable", "a symbolic link lies on the way to the executable")
    wrapped.unlink()
    real.rename(wrapped)
    return count


def other_owners():
    count = 0
    wrapped = PLUGIN / f"{EXECUTABLE.name}.wrapped"
    for path, kind in (PLUGIN, "directory"), (PLUGINS.parent, "directory"), (wrapped, "executable"):
        mode = path.stat().st_mode & 0o7777
        path.chmod(mode | 0o002)
        count += refused(f"{path} that anybody may write to", f"the {kind} {path} (", "can be written by everybody", f"chmod go-w '{path}'")
        path.chmod(mode | 0o020)
        count += refused(f"{path} that its group may write to", f"the {kind} {path} (", "can be written by its group")
        path.chmod(mode)
        shutil.chown(path, "nobody")
        count += refused(f"{path} of another user", f"the {kind} {path} belongs to uid", "which could change what runs")
        shutil.chown(path, "grafana")
    return count


def linked_roots():
    """The root as a link: of root's it is the administrator's affair, of anybody else's it is refused."""
    shared = pathlib.Path("/srv/shared")
    shared.mkdir()
    shared.chmod(0o1777)
    root = shared / "root"
    root.symlink_to(PLUGINS)
    roots(root)
    accepted("a root that is a link of root's")
    run("chown", "-h", "nobody", str(root))
    count = refused("a root that is a link of another user's", f"the plugin root {root} leads through the symbolic link {root} of uid")
    run("chown", "-h", "root", str(root))
    shared.chmod(0o777)
    count += refused("a root that is a link which others may replace", f"the directory {shared} (", "can be written by everybody")
    shutil.rmtree(shared)
    return count


def another_user():
    """The documented drop-ins for a Grafana of another user."""
    run("systemctl", "stop", "plugin-gateway.socket", UNIT)
    run("useradd", "--system", "--user-group", "monitor")
    examples = LAB / "deploy/examples/another-user"
    installed = []
    for name, place in (("service", f"systemd/system/{UNIT}.d/user.conf"), ("socket", "systemd/system/plugin-gateway.socket.d/user.conf"),
                        ("tmpfiles", "tmpfiles.d/plugin-gateway.conf")):
        installed.append(pathlib.Path("/etc") / place)
        installed[-1].parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(examples / f"{name}.conf", installed[-1])
    shutil.rmtree("/run/plugin-gateway")
    run("systemd-tmpfiles", "--create", str(installed[-1]))
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "plugin-gateway.socket")
    root = pathlib.Path("/srv/monitor/plugins")
    theirs = add_plugin("legacy-datasource", root=root, user="monitor")
    CONFIGURATION.write_text(f"plugin_roots: {json.dumps([str(root)])}\n")
    for path, expected in ("/run/plugin-gateway", "monitor:monitor 750"), ("/run/plugin-gateway/control.sock", "monitor:monitor 660"):
        found = run("stat", "-c", "%U:%G %a", path).stdout.strip()
        check(found == expected, f"with the drop-ins {path} is {found}, not {expected}")
    said = refusal(theirs, user="monitor", group="monitor")
    check(said.startswith("nothing"), f"a Grafana of another user attaches with the drop-ins: {said[-1500:]}")
    refused("Grafana's usual user with the drop-ins", "may not connect to plugin-gateway at", executable=theirs)
    pid = run("systemctl", "show", "--value", "-p", "MainPID", UNIT).stdout.strip()
    check(f"Uid:\t{pathlib.Path('/srv/monitor').stat().st_uid}\t" in pathlib.Path(f"/proc/{pid}/status").read_text(), "as the other user")

    run("systemctl", "stop", "plugin-gateway.socket", UNIT)
    for file in installed:
        file.unlink()
    CONFIGURATION.write_text("")
    shutil.rmtree("/run/plugin-gateway")
    run("systemd-tmpfiles", "--create", str(LAB / "deploy/tmpfiles.d/plugin-gateway.conf"))
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "plugin-gateway.socket")
    print("figure: the drop-ins for another user: attached as that user, refused to grafana", flush=True)


def sandbox():
    """A plugin that tries what the unit forbids; it inherits the sandbox."""
    program = LAB / "probe"
    program.write_text((LAB / "probe.py").read_text())
    executable = add_plugin("probe", program.name)
    pathlib.Path("/tmp/of-others").write_text("")
    said = refusal(executable)
    line = next((line for line in said.splitlines() if "probe: " in line and "attempts" in line), None)
    if not line:
        check(False, f"the probe of the sandbox reports: {said[-3000:]}")
        return
    text = json.loads(line)["@message"]
    result = json.loads(text[text.index("{"):text.rindex("}") + 1])
    for remark in result["wrong"]:
        check(False, f"in the sandbox of the unit: {remark}")
    print(f"figure: a plugin under the unit's sandbox: {result['attempts']} attempts, {len(result['wrong'])} with another outcome than the "
          "unit says", flush=True)
