#!/usr/bin/env python3
"""A gRPC client on the C core, which behaves differently from the Go one in the host: one JSON command per line of stdin, one JSON
result per line of stdout. It knows no message type: bytes go out and come back as base64.

    {"target": "unix:/path", "method": "/pluginv2.Data/QueryData", "requestBase64": "", "stream": false, "timeoutMs": 1000,
     "cancelAfterMs": 0, "maxMessages": 0, "metadata": [["name", "value"]], "compression": "gzip" or "deflate", "maxReplyBytes": -1}

    {"ok": true, "code": "OK", "codeNumber": 0, "message": "", "responseBase64": "…" or "messagesBase64": ["…"],
     "header": [["name", "value"]], "trailer": [...], "tookMs": 1.5}

Values of metadata whose name ends in -bin are base64. A member "id" of the command comes back in the result.
"""

import base64
import json
import sys
import threading
import time

import grpc

COMPRESSIONS = {None: None, "gzip": grpc.Compression.Gzip, "deflate": grpc.Compression.Deflate}
channels = {}


def channel_to(target, maximum):
    key = (target, maximum)
    if key not in channels:
        options = [("grpc.max_receive_message_length", maximum), ("grpc.max_send_message_length", -1)]
        channels[key] = grpc.insecure_channel(target, options=options)
    return channels[key]


def outgoing(pairs):
    return [(name, base64.b64decode(value) if name.endswith("-bin") else value) for name, value in pairs]


def readable(metadata):
    encoded = lambda value: base64.b64encode(value).decode() if isinstance(value, bytes) else value  # noqa: E731
    return [[name, encoded(value)] for name, value in metadata or ()]


def perform(command):
    channel = channel_to(command["target"], command.get("maxReplyBytes", -1))
    request = base64.b64decode(command.get("requestBase64", ""))
    timeout = command.get("timeoutMs")
    arguments = {
        "timeout": timeout / 1000 if timeout else None,
        "metadata": outgoing(command.get("metadata", ())),
        "compression": COMPRESSIONS[command.get("compression")],
    }
    began = time.monotonic()
    messages = []
    if command.get("stream"):
        call = channel.unary_stream(command["method"])(request, **arguments)
    else:
        call = channel.unary_unary(command["method"]).future(request, **arguments)
    timer = threading.Timer(command.get("cancelAfterMs", 0) / 1000, call.cancel)
    if command.get("cancelAfterMs"):
        timer.start()
    try:
        if command.get("stream"):
            for message in call:
                messages.append(message)
                if len(messages) == command.get("maxMessages"):
                    call.cancel()
        else:
            messages.append(call.result())
    except (grpc.RpcError, grpc.FutureCancelledError):
        pass
    timer.cancel()
    code = call.code()
    result = {
        "ok": code == grpc.StatusCode.OK,
        "code": code.name,
        "codeNumber": code.value[0],
        "message": call.details() or "",
        "header": readable(call.initial_metadata()),
        "trailer": readable(call.trailing_metadata()),
        "tookMs": round((time.monotonic() - began) * 1000, 3),
    }
    encoded = [base64.b64encode(message).decode() for message in messages]
    if command.get("stream"):
        result["messagesBase64"] = encoded
    elif encoded:
        result["responseBase64"] = encoded[0]
    return result


def main():
    for line in sys.stdin:
        if not line.strip():
            continue
        command = {}
        try:
            command = json.loads(line)
            result = perform(command)
        except Exception as problem:  # noqa: BLE001  the next command must still be performed
            result = {"ok": False, "code": "", "message": f"probe: {type(problem).__name__}: {problem}"}
        if isinstance(command, dict) and "id" in command:
            result["id"] = command["id"]
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
