"""The shapes of traffic."""

import base64
import json

from load import GoLoad, H2Load

PREFIX = 5
KILO, MEGA = 1 << 10, 1 << 20


def h2load(quick):
    part = 10 if quick else 1

    def unary(name, size, calls, streams):
        return H2Load(name, f"/bench.Unary/{size}", PREFIX + size, max(calls // part, 2 * streams if size < MEGA else 8), streams)

    return [
        unary("small-1", 32, 4000, 1),
        unary("small-32", 32, 30_000, 32),
        unary("256k-32", 256 * KILO, 2000, 32),
        unary("8m-1", 8 * MEGA, 60, 1),
        unary("8m-32", 8 * MEGA, 96, 32),
        H2Load("stream-32", f"/bench.Stream/100x{KILO}", 100 * (PREFIX + KILO), 4000 // part, 32),
    ]


def go_host(quick, host):
    """Through a real host: to a real plugin of today's protocol, and, translated, to a real one of the first."""
    part = 10 if quick else 1

    def current(name, size, calls, streams):
        return GoLoad(name, "query", request({"bytes": size}), max(calls // part, streams), streams, host=host)

    return [
        current("go-small-1", 32, 2000, 1),
        current("go-small-32", 32, 10_000, 32),
        current("go-256k-32", 256 * KILO, 1000, 32),
        current("go-8m-4", 8 * MEGA, 32, 4),
    ]


def translated(quick, host):
    """(what the modern host asks the gateway, what a legacy host asks the plugin itself) for one and the same answer."""
    part = 10 if quick else 1

    def pair(name, model, calls, streams, format_number):
        count = max(calls // part, streams)
        return (
            GoLoad(name, "query", request(model, format_number), count, streams, host=host),
            GoLoad(name, "legacy-query", legacy_request(model), count, streams, legacy=True, host=host),
        )

    panel = {"scenario": "points", "series": 3, "points": 300}
    large = {"scenario": "points", "points": 100_000}
    return [
        pair("panel-arrow-32", panel, 4000, 32, 0),
        pair("panel-json-32", panel, 4000, 32, 1),
        pair("100k-points-arrow-4", large, 100, 4, 0),
        pair("100k-points-json-4", large, 100, 4, 1),
    ]


def fairness(quick, host):
    panel = {"scenario": "points", "series": 3, "points": 300}
    return [GoLoad("fair-panel-4", "query", request(panel), 400 if quick else 4000, 4, host=host)]


def flood(calls):
    """So many calls at a time until the host is ended, each of which waits for its data source."""
    return {"op": "load", "method": "query", "request": request({"scenario": "sleep", "ms": 1000}), "concurrency": calls, "timeoutMs": 600_000}


def request(model, format_number=0):
    """A QueryDataRequest as protobuf JSON."""
    query = {"refId": "A", "maxDataPoints": "1000", "intervalMS": "1000", "json": base64.b64encode(json.dumps(model).encode()).decode()}
    query["timeRange"] = {"fromEpochMS": "1600000000000", "toEpochMS": "1600003600000"}
    settings = {"id": "7", "uid": "bench", "name": "Benchmark", "jsonData": base64.b64encode(b"{}").decode()}
    context = {"orgId": "1", "pluginId": "bench-datasource", "dataSourceInstanceSettings": settings}
    return {"pluginContext": context, "queries": [query], "format": format_number}


def legacy_request(model):
    """The DatasourceRequest that means the same."""
    query = {"refId": "A", "maxDataPoints": "1000", "intervalMs": "1000", "modelJson": json.dumps(model)}
    times = {"fromRaw": "1600000000000", "toRaw": "1600003600000", "fromEpochMs": "1600000000000", "toEpochMs": "1600003600000"}
    return {"timeRange": times, "datasource": {"id": "7", "orgId": "1", "name": "Benchmark", "jsonData": "{}"}, "queries": [query]}
