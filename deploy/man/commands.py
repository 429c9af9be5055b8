#!/usr/bin/env python3
"""Fills the commands of plugin-gateway into its manual page.

Usage: plugin-gateway --experimental-dump-help | commands.py plugin-gateway.1.in
"""

import json
import re
import sys

LEFT_OUT = {"help", "version"}


def roff(text):
    """Text that roff takes literally; words in backquotes in bold."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", text)
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)


def name(argument):
    """How an option is written: the long name, with a short one where there is one."""
    dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
    names = sorted((n["kind"] == "long", dashes[n["kind"]] + n["name"]) for n in argument["names"])
    return ", ".join("\\fB" + roff(n) + "\\fR" for _, n in names)


def value(argument):
    return "\\fI" + roff(argument["valueName"].upper()) + "\\fR"


def shown(arguments):
    return [a for a in arguments if a.get("shouldDisplay", True) and a["valueName"] not in LEFT_OUT]


def synopsis(argument):
    if argument["kind"] == "positional":
        text = value(argument)
    elif argument["kind"] == "flag":
        text = name(argument)
    else:
        text = f"{name(argument)} {value(argument)}"
    if argument["isRepeating"]:
        text += " ..."
    return f"[{text}]" if argument["isOptional"] else text


def entry(argument):
    head = value(argument) if argument["kind"] == "positional" else name(argument)
    if argument["kind"] == "option":
        head += f" {value(argument)}"
    text = roff(argument.get("abstract", ""))
    if argument.get("defaultValue"):
        text += f" Default: {roff(argument['defaultValue'])}."
    return [".TP", head, text or "\\&"]


def command(parent, this):
    arguments = shown(this.get("arguments", []))
    lines = [f".SS {roff(parent + ' ' + this['commandName'])}"]
    lines += [" ".join([f"\\fB{roff(parent)} {roff(this['commandName'])}\\fR"] + [synopsis(a) for a in arguments]), ".PP"]
    lines += [roff(this["abstract"])]
    if this.get("discussion"):
        lines += [".PP", roff(re.sub(r"\n\n+", "\n.PP\n", this["discussion"])).replace("\\&.PP", ".PP")]
    for argument in arguments:
        lines += entry(argument)
    for sub in subcommands(this):
        lines += command(f"{parent} {this['commandName']}", sub)
    return lines


def subcommands(this):
    return [s for s in this.get("subcommands", []) if s.get("shouldDisplay", True) and s["commandName"] != "help"]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tool = json.load(sys.stdin)["command"]
    lines = [line for sub in subcommands(tool) for line in command(tool["commandName"], sub)]
    if not lines:
        sys.exit("commands.py: the help has no commands")
    with open(sys.argv[1], encoding="utf-8") as file:
        template = file.read()
    if "@COMMANDS@\n" not in template:
        sys.exit(f"commands.py: {sys.argv[1]} has no line @COMMANDS@")
    sys.stdout.write(template.replace("@COMMANDS@\n", "\n".join(lines) + "\n"))


main()
