"""Reads the footer of an Arrow IPC file by hand, for the rules that pyarrow does not check and the Go reader insists on."""

import struct

MAGIC = b"ARROW1"
MAXIMUM_BODY = 268_435_456
MAXIMUM_METADATA = 64 << 20
TYPES = {1: "null", 2: "int", 3: "float", 4: "binary", 5: "utf8", 6: "bool", 10: "timestamp"}


class Table:
    """A FlatBuffers table at a position of a buffer."""

    def __init__(self, data, position):
        self.data, self.position = data, position
        self.vtable = position - struct.unpack_from("<i", data, position)[0]
        self.vtable_size = struct.unpack_from("<H", data, self.vtable)[0]

    def offset(self, slot):
        entry = 4 + 2 * slot
        if entry >= self.vtable_size:
            return 0
        relative = struct.unpack_from("<H", self.data, self.vtable + entry)[0]
        return self.position + relative if relative else 0

    def scalar(self, slot, form, otherwise=0):
        at = self.offset(slot)
        return struct.unpack_from(form, self.data, at)[0] if at else otherwise

    def indirect(self, slot):
        at = self.offset(slot)
        return at + struct.unpack_from("<I", self.data, at)[0] if at else 0

    def table(self, slot):
        at = self.indirect(slot)
        return Table(self.data, at) if at else None

    def vector(self, slot):
        """(position of the first element, count), or (0, 0) when absent."""
        at = self.indirect(slot)
        return (at + 4, struct.unpack_from("<I", self.data, at)[0]) if at else (0, 0)

    def text(self, slot):
        at, length = self.vector(slot)
        return self.data[at : at + length].decode("utf-8", "surrogateescape") if at else None


def pairs(table, slot):
    """A vector of KeyValue tables as a list of (key, value), duplicates kept."""
    first, count = table.vector(slot)
    found = []
    for index in range(count):
        at = first + 4 * index
        entry = Table(table.data, at + struct.unpack_from("<I", table.data, at)[0])
        found.append((entry.text(0), entry.text(1)))
    return found


def inspect(data):
    """(facts, violations) of a whole file."""
    violations = []
    if data[:8] != MAGIC + b"\0\0":
        violations.append("the file does not start with ARROW1 and two zero bytes")
    if data[-6:] != MAGIC:
        return {}, violations + ["the file does not end with ARROW1"]
    length = struct.unpack_from("<i", data, len(data) - 10)[0]
    start = len(data) - 10 - length
    if length < 1 or start < 8:
        return {}, violations + [f"footer length {length} does not fit the file"]
    if start % 8:
        violations.append(f"the footer starts at {start}, not on a multiple of 8")
    footer = data[start : start + length]
    root = Table(footer, struct.unpack_from("<I", footer)[0])
    if root.scalar(0, "<h") != 4:
        violations.append(f"metadata version {root.scalar(0, '<h')} instead of V5")
    if root.vector(2)[1]:
        violations.append("dictionaries: the reader has none")
    if data[start - 8 : start] != b"\xff\xff\xff\xff\0\0\0\0":
        violations.append("no end-of-stream mark before the footer")

    schema = root.table(1)
    facts = {"schemaMetadata": pairs(schema, 2), "fieldMetadata": [], "blocks": []}
    first, count = schema.vector(1)
    types = []
    for index in range(count):
        at = first + 4 * index
        field = Table(footer, at + struct.unpack_from("<I", footer, at)[0])
        facts["fieldMetadata"].append(pairs(field, 6))
        types.append(TYPES.get(field.scalar(2, "<B"), f"type {field.scalar(2, '<B')}"))
        if field.table(4):
            violations.append(f"field {index} is dictionary-encoded")
    violations += check_blocks(data, root, types, facts)
    return facts, violations


def check_blocks(data, root, types, facts):
    violations = []
    first, count = root.vector(3)
    for index in range(count):
        offset, metadata, body = struct.unpack_from("<qi4xq", root.data, first + 24 * index)
        facts["blocks"].append({"offset": offset, "metadataLength": metadata, "bodyLength": body})
        where = f"record batch {index}"
        for name, value in (("offset", offset), ("metadata length", metadata), ("body length", body)):
            if value % 8:
                violations.append(f"{where}: {name} {value} is not a multiple of 8")
        if body > MAXIMUM_BODY:
            violations.append(f"{where}: body of {body} bytes is over {MAXIMUM_BODY}")
        if metadata > MAXIMUM_METADATA:
            violations.append(f"{where}: metadata of {metadata} bytes is over {MAXIMUM_METADATA}")
        if offset < 8 or offset + metadata + body > len(data):
            violations.append(f"{where} lies outside the file")
            continue
        violations += check_batch(data, offset, metadata, body, types, where)
    return violations


def check_batch(data, offset, metadata, body, types, where):
    """Nodes and buffers of one record batch: their number, places, and the null counts against the bitmaps."""
    mark, length = struct.unpack_from("<II", data, offset)
    if mark != 0xFFFFFFFF or length + 8 != metadata:
        return [f"{where}: the message prefix does not agree with the footer"]
    message_bytes = data[offset + 8 : offset + metadata]
    message = Table(message_bytes, struct.unpack_from("<I", message_bytes)[0])
    violations = []
    if message.scalar(1, "<B") != 3 or message.scalar(3, "<q") != body:
        violations.append(f"{where}: header type or body length does not agree with the footer")
    batch = message.table(2)
    if batch.table(3):
        violations.append(f"{where} is compressed: the reader cannot decompress")
    rows = batch.scalar(0, "<q")
    first_node, nodes = batch.vector(1)
    first_buffer, buffers = batch.vector(2)
    expected = sum(3 if kind in ("utf8", "binary") else 2 for kind in types)
    if nodes != len(types) or buffers != expected:
        return violations + [f"{where}: {nodes} nodes and {buffers} buffers for {len(types)} fields"]
    at = first_buffer
    end = 0
    for index, kind in enumerate(types):
        length, nulls = struct.unpack_from("<qq", message_bytes, first_node + 16 * index)
        if length != rows:
            violations.append(f"{where}, field {index}: {length} rows in a batch of {rows}")
        bitmap_size, offsets_size = (rows + 7) // 8, 4 * (rows + 1)
        data_size = {"bool": bitmap_size, "utf8": offsets_size, "binary": offsets_size}.get(kind, 0)
        needed = [bitmap_size if nulls else 0, data_size]
        for number in range(3 if kind in ("utf8", "binary") else 2):
            position, size = struct.unpack_from("<qq", message_bytes, at)
            at += 16
            if position % 8 or position < end or position + size > body:
                violations.append(f"{where}, field {index}, buffer {number}: {size} bytes at {position} is misplaced")
            end = position + size
            if number < 2 and size < needed[number]:
                violations.append(f"{where}, field {index}, buffer {number}: {size} bytes, {needed[number]} needed")
            if number == 0 and nulls and size >= needed[0]:
                bitmap = data[offset + metadata + position : offset + metadata + position + size]
                valid = sum((bitmap[row >> 3] >> (row & 7)) & 1 for row in range(rows))
                if valid != rows - nulls:
                    violations.append(f"{where}, field {index}: null count {nulls}, but the bitmap has {rows - valid}")
    return violations
