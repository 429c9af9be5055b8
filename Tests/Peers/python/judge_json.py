#!/usr/bin/env python3
"""Reads data frames in the JSON form and prints what is in them, as JSON.

    judge_json.py FILE...           one line of JSON per file
    judge_json.py                   base64 per line of stdin → one line of JSON each, until stdin ends

    {"ok": bool, "errors": [str], "violations": [str], "style": [str], "frame": FRAME}

errors: not a frame at all. violations: the host would refuse it, panic, or misread it. style: readable, but not written in the one
form the gateway promises (compact, this key order, nothing that may be left out). ok means no errors and no violations.
FRAME is described in frames.py: a frame is the same there whether it came as Arrow or as JSON.
"""

import json
import sys

import frames

# typeInfo.frame → (type, kind)
TYPES = {
    "time.Time": ("time", "time"), "float64": ("number", "float64"), "float32": ("number", "float32"), "bool": ("boolean", "bool"),
    "string": ("string", "string"), "json.RawMessage": ("other", "json"), "enum": ("enum", "enum"),
    **{f"{sign}int{bits}": ("number", f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16, 32, 64)},
}  # fmt: skip
ENTITIES = {"NaN": "NaN", "Inf": "Infinity", "NegInf": "-Infinity"}
ORDERS = {
    "document": ["schema", "data"],
    "schema": ["name", "refId", "meta", "fields"],
    "field": ["name", "type", "typeInfo", "labels", "config"],
    "typeInfo": ["frame", "nullable"],
    "data": ["values", "entities", "nanos"],
    "entities": ["NaN", "Inf", "NegInf"],
}


class Findings:
    def __init__(self):
        self.violations, self.style = [], []

    def order(self, what, value, where):
        known = [key for key in value if key in ORDERS[what]]
        if known != [key for key in ORDERS[what] if key in value]:
            self.style.append(f"{where}: keys in the order {', '.join(known)}")


def judge(content):
    text = content.decode("utf-8")
    document, complaints = frames.strict_json(text)
    findings = Findings()
    findings.violations += complaints
    if not text.startswith("{"):
        findings.violations.append("does not start with {")
    if not isinstance(document, dict):
        return {"ok": False, "errors": ["not a JSON object"]}
    check_compact(text, findings)
    check_top(document, findings)
    schema = document.get("schema")
    if not isinstance(schema, dict):
        return {"ok": False, "errors": ["no schema object"], "violations": findings.violations, "style": findings.style}
    frame = read_schema(schema, findings)
    read_data(document.get("data"), frame, findings)
    return {"ok": not findings.violations, "errors": [], "violations": findings.violations, "style": findings.style, "frame": frame}


def check_compact(text, findings):
    """No whitespace outside of strings."""
    in_string = escaped = False
    for position, character in enumerate(text):
        if in_string:
            escaped, in_string = character == "\\" and not escaped, character != '"' or escaped
        elif character == '"':
            in_string = True
        elif character in " \t\r\n":
            findings.style.append(f"whitespace at character {position}")
            return


def check_top(document, findings):
    for key in document:
        if key not in ORDERS["document"]:
            findings.violations.append(f"unknown top-level key {key!r}: the host refuses the frame")
    if list(document)[:2] == ["data", "schema"]:
        findings.violations.append("data before schema: the host refuses the frame")
    if "data" not in document:
        findings.style.append("no data")


def read_schema(schema, findings):
    findings.order("schema", schema, "schema")
    for key in ("name", "refId"):
        if key in schema and not isinstance(schema[key], str):
            findings.violations.append(f"schema.{key} is not a string")
        if schema.get(key) == "":
            findings.style.append(f"schema.{key} is empty and should be left out")
    if "meta" in schema and not schema["meta"]:
        findings.style.append("schema.meta is empty and should be left out")
    findings.violations += frames.check_meta(schema.get("meta"))
    fields = schema.get("fields")
    if not isinstance(fields, list):
        findings.violations.append("schema.fields is not an array")
        fields = []
    return {
        "name": schema.get("name", ""), "refId": schema.get("refId", ""), "meta": schema.get("meta"), "rows": 0,
        "fields": [read_field(index, field, findings) for index, field in enumerate(fields)],
    }  # fmt: skip


def read_field(index, field, findings):
    if not isinstance(field, dict):
        findings.violations.append(f"schema.fields[{index}] is not an object")
        field = {}
    where = f"field {index} {field.get('name', '')!r}"
    findings.order("field", field, where)
    info = field.get("typeInfo")
    if not isinstance(info, dict) or info.get("frame") not in TYPES:
        findings.violations.append(f"{where}: typeInfo.frame is missing or unknown: the host panics")
        info = {}
    else:
        findings.order("typeInfo", info, f"{where}: typeInfo")
        if info.get("nullable") is False:
            findings.style.append(f"{where}: nullable false should be left out")
    expected, kind = TYPES.get(info.get("frame"), (field.get("type"), "unknown"))
    if field.get("type") != expected:
        findings.violations.append(f"{where}: type {field.get('type')!r} does not go with {info.get('frame')!r}")
    if not isinstance(field.get("name"), str):
        findings.violations.append(f"{where}: name is missing or no string")
    if "labels" in field:
        findings.violations += frames.check_labels(field["labels"], where)
        keys = list(field["labels"]) if isinstance(field["labels"], dict) else []
        if keys != sorted(keys, key=lambda key: key.encode("utf-8", "surrogatepass")):
            findings.style.append(f"{where}: labels are not sorted")
    if "config" in field:
        findings.violations += frames.check_config(field["config"], where)
    for key in ("labels", "config"):
        if key in field and not field[key]:
            findings.style.append(f"{where}: {key} is empty and should be left out")
    return {
        "name": field.get("name", ""), "type": kind, "nullable": info.get("nullable", False) is True,
        "labels": field.get("labels"), "config": field.get("config"), "values": [],
    }  # fmt: skip


def read_data(data, frame, findings):
    if not isinstance(data, dict):
        findings.violations.append("data is missing or no object")
        return
    for key in data:
        if key not in ORDERS["data"]:
            findings.violations.append(f"unknown data key {key!r}: the host refuses the frame")
    known = [key for key in data if key in ORDERS["data"]]
    if known and known[0] != "values":
        findings.violations.append(f"{known[0]} before values: the host panics")
    findings.order("data", data, "data")
    columns = data.get("values")
    if not isinstance(columns, list) or not all(isinstance(column, list) for column in columns):
        findings.violations.append("data.values is not an array of arrays")
        return
    fields = frame["fields"]
    if len(columns) > len(fields):
        findings.violations.append(f"{len(columns)} columns for {len(fields)} fields: the host panics")
    elif len(columns) < len(fields):
        findings.violations.append(f"{len(columns)} columns for {len(fields)} fields")
    if len({len(column) for column in columns}) > 1:
        findings.violations.append("columns of different length: the host refuses the frame")
    frame["rows"] = len(columns[0]) if columns else 0
    extras = {key: sidecar(data, key, len(fields), findings) for key in ("entities", "nanos")}
    for index, (field, column) in enumerate(zip(fields, columns)):
        where = f"field {index} {field['name']!r}"
        field["values"] = read_column(field, column, extras["entities"][index], extras["nanos"][index], where, findings)


def sidecar(data, key, count, findings):
    """entities or nanos: one element per field, null where it has nothing to say; absent when nobody has."""
    if key not in data:
        return [None] * count
    value = data[key]
    if not isinstance(value, list) or len(value) != count:
        findings.violations.append(f"data.{key} is not an array with one element per field")
        return [None] * count
    if all(element is None for element in value):
        findings.style.append(f"data.{key} says nothing and should be left out")
    return value


def read_column(field, column, entities, nanos, where, findings):
    kind = field["type"]
    values = []
    for row, value in enumerate(column):
        read, problem = read_value(kind, value)
        if problem:
            findings.violations.append(f"{where}, row {row}: {problem}")
        values.append(read)
    special = apply_entities(kind, values, entities, where, findings)
    if nanos is not None:
        apply_nanos(kind, values, column, nanos, where, findings)
    if not field["nullable"]:
        for row, value in enumerate(column):
            if value is None and row not in special and kind != "json":
                findings.violations.append(f"{where}, row {row}: null in a field that is not nullable, read as zero")
    findings.violations += frames.check_values(kind, values, where)
    return values


def read_value(kind, value):
    """The value in the common form, and a complaint when the JSON type is wrong."""
    if value is None or kind in ("json", "unknown"):
        return value, None
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("float64", "float32"):
        if not number:
            return None, f"{json.dumps(value)} is not a number"
        try:
            return frames.as_float32(float(value)) if kind == "float32" else float(value), None
        except OverflowError:
            return None, f"{value} does not fit {kind}"
    if kind == "bool":
        return (value, None) if isinstance(value, bool) else (None, f"{json.dumps(value)} is not a boolean")
    if kind == "string":
        return (value, None) if isinstance(value, str) else (None, f"{json.dumps(value)} is not a string")
    if not isinstance(value, int) or isinstance(value, bool):
        return None, f"{json.dumps(value)} is not an integer"
    return value * 1_000_000 if kind == "time" else value, None


def apply_entities(kind, values, entities, where, findings):
    """Puts NaN and infinities in; gives the rows that are special."""
    special = set()
    if entities is None:
        return special
    if not isinstance(entities, dict) or kind not in ("float64", "float32"):
        findings.violations.append(f"{where}: entities for a field that has none")
        return special
    findings.order("entities", entities, f"{where}: entities")
    if not entities:
        findings.style.append(f"{where}: entities is empty and should be null")
    for key, rows in entities.items():
        if key not in ENTITIES or not isinstance(rows, list):
            findings.violations.append(f"{where}: entities.{key} is unknown or no array")
            continue
        for row in rows:
            if type(row) is not int or not 0 <= row < len(values):
                findings.violations.append(f"{where}: entities.{key} names row {row}")
            elif values[row] is not None or row in special:
                findings.violations.append(f"{where}, row {row}: both a value and {key}")
            else:
                special.add(row)
                values[row] = ENTITIES[key]
    return special


def apply_nanos(kind, values, column, nanos, where, findings):
    if kind != "time" or not isinstance(nanos, list) or len(nanos) != len(column):
        findings.violations.append(f"{where}: nanos does not fit the field")
        return
    if not any(nanos):
        findings.style.append(f"{where}: nanos is all zero and should be null")
    for row, remainder in enumerate(nanos):
        if type(remainder) is not int or not 0 <= remainder <= 999_999:
            findings.violations.append(f"{where}, row {row}: {remainder} nanoseconds beyond the millisecond")
        elif values[row] is None:
            if remainder:
                findings.violations.append(f"{where}, row {row}: nanoseconds of a null")
        else:
            values[row] += remainder


if __name__ == "__main__":
    sys.exit(frames.run(judge, sys.argv[1:]))
