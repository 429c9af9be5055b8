"""The form in which both judges print a frame, so that the same frame read from Arrow and from JSON compares equal.

    {"name": str, "refId": str, "meta": object or null, "rows": int, "fields": [
        {"name": str, "type": T, "nullable": bool, "labels": {str: str} or null, "config": object or null, "values": [...]}]}

T is one of time, float64, float32, int8 … uint64, bool, string, json, enum. Values: null; times as integer nanoseconds since
the epoch; integers exactly; floats as numbers (-0.0 stays -0.0) or "NaN", "Infinity", "-Infinity"; JSON cells as the value.
"""

import json
import math
import struct
import sys

INTEGER_RANGES = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
    "enum": (0, 2**16 - 1),
    "time": (-(2**63), 2**63 - 1),
}

# What the host's decoder insists on in meta: a wrong type fails the frame, and with it the whole response.
SEVERITIES = ("info", "warning", "error")


def shown_float(value):
    """A float as JSON can carry it."""
    if value is None:
        return None
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def as_float32(value):
    """The nearest single-precision number."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def strict_json(text):
    """Parses JSON and also gives the complaints a lenient parser hides: duplicate keys, NaN, lone surrogates."""
    complaints = []

    def pairs(items):
        keys = [key for key, _ in items]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            complaints.append(f"key {key!r} occurs twice in one object")
        return dict(items)

    def constant(name):
        complaints.append(f"{name} is not JSON")
        return None

    def integer(digits):
        return -0.0 if digits == "-0" else int(digits)

    def real(digits):
        value = float(digits)
        if math.isinf(value):
            complaints.append(f"{digits} is beyond the range of a double")
            return None
        return value

    value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_int=integer, parse_float=real)
    return value, complaints


def check_labels(labels, where):
    """Violations in a labels object: the host fails the frame on any of them."""
    if not isinstance(labels, dict):
        return [f"{where}: labels is not an object"]
    return [f"{where}: label {key!r} is not a string" for key, value in labels.items() if not isinstance(value, str)]


def check_config(config, where):
    """Violations in a field's config object."""
    if not isinstance(config, dict):
        return [f"{where}: config is not an object"]
    name = config.get("displayNameFromDS")
    return [f"{where}: displayNameFromDS is not a string"] if name is not None and not isinstance(name, str) else []


def check_meta(meta):
    """Violations in a frame's meta object."""
    if meta is None:
        return []
    if not isinstance(meta, dict):
        return ["meta is not an object"]
    found = []
    for key in ("type", "path", "channel", "preferredVisualisationType", "executedQueryString", "dataTopic"):
        if key in meta and not isinstance(meta[key], str):
            found.append(f"meta.{key} is not a string")
    if "typeVersion" in meta:
        version = meta["typeVersion"]
        good = isinstance(version, list) and len(version) == 2 and all(type(part) is int and part >= 0 for part in version)
        if not good:
            found.append("meta.typeVersion is not two non-negative integers")
    notices = meta.get("notices", [])
    if not isinstance(notices, list):
        return found + ["meta.notices is not an array"]
    for index, notice in enumerate(notices):
        where = f"meta.notices[{index}]"
        if not isinstance(notice, dict):
            found.append(f"{where} is not an object")
            continue
        if notice.get("severity") not in SEVERITIES:
            found.append(f"{where}.severity is not one of {', '.join(SEVERITIES)}")
        if not isinstance(notice.get("text"), str):
            found.append(f"{where}.text is not a string")
        inspect = notice.get("inspect", 0)
        if type(inspect) is not int or not 0 <= inspect <= 4:
            found.append(f"{where}.inspect is not an integer from 0 to 4")
    return found


def check_values(kind, values, where):
    """Integers that do not fit their type."""
    if kind not in INTEGER_RANGES:
        return []
    low, high = INTEGER_RANGES[kind]
    return [f"{where}: {value} does not fit {kind}" for value in values if value is not None and not low <= value <= high]


def run(judge, arguments):
    """Judges files given as arguments, or base64 lines on stdin: one JSON verdict per item, in order, whatever happens.

    The exit code is 0 when every item is ok, 1 when one is not. With --quiet only the verdicts that are not ok are printed.
    """
    import base64

    quiet = "--quiet" in arguments
    paths = [argument for argument in arguments if argument != "--quiet"]
    all_good = True

    def items():
        for path in paths:
            try:
                with open(path, "rb") as file:
                    yield path, file.read(), None
            except OSError as problem:
                yield path, b"", str(problem)
        if not paths:
            for line in sys.stdin.buffer:
                try:
                    yield None, base64.b64decode(line.strip(), validate=True), None
                except ValueError as problem:
                    yield None, b"", f"not base64: {problem}"

    for path, content, problem in items():
        verdict = {"ok": False, "errors": [problem]} if problem else guarded(judge, content)
        if path is not None:
            verdict["file"] = path
        all_good = all_good and verdict["ok"]
        if verdict["ok"] and quiet:
            continue
        # Lone surrogates cannot be written as UTF-8; the escaped form can carry anything.
        sys.stdout.write(json.dumps(verdict, allow_nan=False) + "\n")
        sys.stdout.flush()
    return 0 if all_good else 1


def guarded(judge, content):
    """One verdict, a failure of the judge included: the next item must still be judged."""
    try:
        return judge(content)
    except Exception as problem:  # noqa: BLE001  any failure is this item's verdict
        return {"ok": False, "errors": [f"{type(problem).__name__}: {problem}"]}
