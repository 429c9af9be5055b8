#!/usr/bin/env python3
"""Reads data frames in the Arrow IPC file format and prints what is in them, as JSON.

    judge_arrow.py FILE...          one line of JSON per file
    judge_arrow.py                  base64 per line of stdin → one line of JSON each, until stdin ends

    {"ok": bool, "errors": [str], "violations": [str], "frame": FRAME, "arrow": {...}}

errors: pyarrow cannot read it or calls it invalid. violations: pyarrow reads it, but the host's reader would refuse it, panic, or
misread it. ok means neither. FRAME is described in frames.py; `arrow` holds types, raw metadata and blocks.
"""

import sys

import pyarrow as pa

import footer
import frames

KINDS = {
    pa.float64(): "float64", pa.float32(): "float32", pa.bool_(): "bool", pa.string(): "string", pa.binary(): "json",
    pa.int8(): "int8", pa.int16(): "int16", pa.int32(): "int32", pa.int64(): "int64",
    pa.uint8(): "uint8", pa.uint16(): "uint16", pa.uint32(): "uint32", pa.uint64(): "uint64",
}  # fmt: skip
TSTYPES = {"time": "time", "bool": "boolean", "string": "string", "json": "other", "enum": "enum"}


def judge(content):
    errors, violations = [], []
    facts = {}
    try:
        facts, found = footer.inspect(content)
        violations += found
    except Exception as problem:  # noqa: BLE001  hostile offsets end in struct.error, IndexError, …
        violations.append(f"the footer cannot be walked: {type(problem).__name__}: {problem}")
    reader = pa.ipc.open_file(pa.py_buffer(content))
    table = reader.read_all()
    for index in range(reader.num_record_batches):
        try:
            reader.get_batch(index).validate(full=True)
        except pa.ArrowInvalid as problem:
            errors.append(f"record batch {index}: {problem}")
    try:
        table.validate(full=True)
    except pa.ArrowInvalid as problem:
        errors.append(str(problem))

    meta, found = frame_meta(facts)
    violations += found
    raw = dict(reversed(facts.get("schemaMetadata", [])))
    for key in ("name", "refId"):
        if key not in raw:
            violations.append(f"schema metadata has no {key!r}")
    frame = {"name": raw.get("name", ""), "refId": raw.get("refId", ""), "meta": meta, "rows": table.num_rows, "fields": []}
    for index, field in enumerate(table.schema):
        described, found = describe(index, field, table.column(index), facts)
        frame["fields"].append(described)
        violations += found
    return {
        "ok": not errors and not violations,
        "errors": errors,
        "violations": violations,
        "frame": frame,
        "arrow": {
            "bytes": len(content),
            "batches": reader.num_record_batches,
            "types": [str(field.type) for field in table.schema],
            **facts,
        },
    }


def frame_meta(facts):
    keys = [key for key, _ in facts.get("schemaMetadata", [])]
    violations = [f"schema metadata has {key!r} twice" for key in sorted({k for k in keys if keys.count(k) > 1})]
    for key, text in facts.get("schemaMetadata", []):
        if key == "meta":
            try:
                meta, complaints = frames.strict_json(text)
            except ValueError as problem:
                return None, violations + [f"meta is not JSON: {problem}"]
            violations += [f"meta: {complaint}" for complaint in complaints]
            return meta, violations + frames.check_meta(meta)
    return None, violations


def describe(index, field, column, facts):
    """One field in the common form, and what is wrong with it."""
    where = f"field {index} {field.name!r}"
    violations = []
    metadata = dict(reversed(facts["fieldMetadata"][index])) if index < len(facts.get("fieldMetadata", [])) else {}
    kind = kind_of(field, metadata)
    if kind is None:
        violations.append(f"{where}: the reader does not know {field.type}")
        kind = str(field.type)
    if pa.types.is_timestamp(field.type) and (field.type.unit != "ns" or field.type.tz is not None):
        violations.append(f"{where}: {field.type} is misread, only nanoseconds without a zone are not")
    if metadata.get("tstype") != TSTYPES.get(kind, "number"):
        violations.append(f"{where}: tstype {metadata.get('tstype')!r} for {kind}")
    if not field.nullable and column.null_count:
        violations.append(f"{where}: not nullable, but {column.null_count} nulls, which are read as zero")
    objects = {}
    for key, check in (("labels", frames.check_labels), ("config", frames.check_config)):
        objects[key] = None
        if key in metadata:
            try:
                objects[key], complaints = frames.strict_json(metadata[key])
                violations += [f"{where}: {key}: {complaint}" for complaint in complaints] + check(objects[key], where)
            except ValueError as problem:
                violations.append(f"{where}: {key} is not JSON: {problem}")
    values, found = values_of(kind, column, where)
    return {
        "name": field.name, "type": kind, "nullable": field.nullable, "labels": objects["labels"],
        "config": objects["config"], "values": values,
    }, violations + found  # fmt: skip


def kind_of(field, metadata):
    if pa.types.is_timestamp(field.type):
        return "time"
    if field.type == pa.uint16() and metadata.get("tstype") == "enum":
        return "enum"
    return KINDS.get(field.type)


def values_of(kind, column, where):
    if kind == "time":
        return column.cast(pa.int64()).to_pylist() if column.type.unit == "ns" else times(column), []
    if kind in ("float64", "float32"):
        return [frames.shown_float(value) for value in column.to_pylist()], []
    if kind == "json":
        values, violations = [], []
        for row, cell in enumerate(column.to_pylist()):
            try:
                values.append(None if cell is None else frames.strict_json(cell)[0])
            except ValueError:
                values.append(None)
                violations.append(f"{where}, row {row}: not JSON, which is read as null")
        return values, violations
    try:
        return column.to_pylist(), []
    except UnicodeDecodeError as problem:
        cells = column.cast(pa.binary()).to_pylist()
        lenient = [None if cell is None else cell.decode("utf-8", "replace") for cell in cells]
        return lenient, [f"{where}: not UTF-8: {problem}"]


def times(column):
    factor = {"s": 10**9, "ms": 10**6, "us": 10**3}[column.type.unit]
    return [None if value is None else value * factor for value in column.cast(pa.int64()).to_pylist()]


if __name__ == "__main__":
    sys.exit(frames.run(judge, sys.argv[1:]))
