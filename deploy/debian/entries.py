#!/usr/bin/env python3
"""Holds journal entries against the schema of the gateway: known kinds, documented fields, documented levels.

Usage: entries.py SCHEMA.json ENTRIES.json     (journal-schema --format json; journalctl --all -o json)
Only entries whose _EXE is the gateway count. Exits with 1 when an entry differs, or when a kind that every run has is missing.
"""

import collections
import json
import sys

PREFIX = "PLUGIN_GATEWAY_"
PRIORITIES = {"trace": "7", "debug": "7", "info": "6", "notice": "5", "warning": "4", "error": "3", "critical": "2"}
EVERY_RUN = {
    "gateway-started", "gateway-stopping", "plugin-attached", "plugin-detached", "plugin-started", "plugin-negotiated",
    "plugin-snapshot", "gateway-snapshot",
}


def remarks(schema, entry):
    events = {event["messageID"]: event for event in schema["events"]}
    event = events.get(entry.get("MESSAGE_ID"))
    if event is None:
        return [f"no kind has the MESSAGE_ID {entry['MESSAGE_ID']}"] if "MESSAGE_ID" in entry else []
    allowed = set(event["always"] + event["sometimes"] + schema["ofEveryKind"])
    found = []
    if entry.get(PREFIX + "EVENT") != event["name"]:
        found.append(f"{PREFIX}EVENT is {entry.get(PREFIX + 'EVENT')}")
    if entry.get("PRIORITY") not in {PRIORITIES[level] for level in event["levels"]}:
        found.append(f"PRIORITY is {entry.get('PRIORITY')}")
    for field in event["always"]:
        if field not in entry:
            found.append(f"{field} is missing")
    for field in entry:
        if field.startswith(PREFIX) and field not in allowed and not any(field.startswith(family) for family in event["families"]):
            found.append(f"{field} is not documented")
    repeated = {field["name"] for field in schema["fields"] if field["repeats"]}
    for field, value in entry.items():
        if field.startswith(PREFIX) and isinstance(value, list) and field not in repeated:
            found.append(f"{field} stands {len(value)} times")
    return [f"{event['name']}: {remark}" for remark in found]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        entries = [json.loads(line) for line in file if line.strip()]
    own = [entry for entry in entries if str(entry.get("_EXE", "")).endswith("/plugin-gateway")]
    wrong = [remark for entry in own for remark in remarks(schema, entry)]
    kinds = collections.Counter(entry[PREFIX + "EVENT"] for entry in own if PREFIX + "EVENT" in entry)
    wrong += [f"no entry of the kind {name}" for name in sorted(EVERY_RUN - set(kinds))]
    for remark, count in collections.Counter(wrong).most_common(20):
        print(f"entries.py: {remark} ({count})", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"journal entries hold: {len(own)} of the gateway, {len(kinds)} kinds, {len(entries) - len(own)} of others left aside")


main()
