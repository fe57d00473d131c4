"""Counts what a bill would: DynamoDB capacity units and milliseconds of Lambda, told at http://$SLIPWAY_METER/.

Writes are metered by MiniStack itself, which knows the items before and after. Of reads it says one unit or half of one, whatever
their size: they are counted here by the size of what they return, 4 KB a unit, half of it where consistency is not asked for. A
write that its condition refuses costs what the item that stands there would.
"""

import json
import math
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import ministack.services.dynamodb as dynamodb
import ministack.services.lambda_svc as lambda_svc

WRITES = ("_put_item", "_update_item", "_delete_item", "_transact_write_items", "_batch_write_item")
READS = ("_get_item", "_query", "_scan", "_batch_get_item")

lock = threading.Lock()
counts = {"readUnits": 0.0, "writeUnits": 0.0, "dynamodb": {}, "lambdaMs": 0.0, "lambdas": {}}


def add(name, operation, units):
    with lock:
        counts[name] += units
        each = counts["dynamodb"].setdefault(operation, {"requests": 0, "units": 0.0})
        each["requests"] += 1
        each["units"] += units


def size(items):
    return sum(dynamodb._item_size_bytes(item) for item in items)


def consumed(answer):
    capacity = answer.get("ConsumedCapacity", [])
    return sum(each["CapacityUnits"] for each in (capacity if isinstance(capacity, list) else [capacity]))


def metered_write(operation, handle):
    def handler(data):
        status, headers, body = handle({**data, "ReturnConsumedCapacity": "TOTAL"})
        answer = json.loads(body)
        units = consumed(answer)
        if status != 200:
            units = max(1, math.ceil(size([answer["Item"]] if "Item" in answer else []) / 1024))
        add("writeUnits", operation, units)
        return status, headers, body

    return handler


def metered_read(operation, handle):
    def handler(data):
        status, headers, body = handle(data)
        answer = json.loads(body)
        items = answer.get("Items") or ([answer["Item"]] if "Item" in answer else [])
        groups = [items]
        consistent = data.get("ConsistentRead", False)
        if operation == "_batch_get_item":
            # Each item is rounded up by itself, and one that is not there costs a unit as well.
            wanted = data.get("RequestItems", {}).values()
            groups = [[item] for found in answer.get("Responses", {}).values() for item in found]
            groups += [[]] * (sum(len(each["Keys"]) for each in wanted) - len(groups))
            consistent = any(each.get("ConsistentRead") for each in wanted)
        units = sum(max(1, math.ceil(size(group) / 4096)) for group in groups)
        add("readUnits", operation, units * (1 if consistent else 0.5))
        return status, headers, body

    return handler


def timed(run):
    def invoke(func, *args, **kwargs):
        began = time.monotonic()
        try:
            return run(func, *args, **kwargs)
        finally:
            took = (time.monotonic() - began) * 1000
            name = (func.get("config") or func).get("FunctionName", "")
            with lock:
                counts["lambdaMs"] += took
                each = counts["lambdas"].setdefault(name, {"invocations": 0, "ms": 0.0})
                each["invocations"] += 1
                each["ms"] += took

    return invoke


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        with lock:
            body = json.dumps(counts).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start(address):
    """Puts the meters in place and serves their counts at `host:port`."""
    for name in (*WRITES, *READS, "_item_size_bytes"):
        if not callable(getattr(dynamodb, name, None)):
            sys.exit(f"local/cloud/metering.py does not fit this version of MiniStack: its DynamoDB has no {name}")
    for name in WRITES:
        setattr(dynamodb, name, metered_write(name, getattr(dynamodb, name)))
    for name in READS:
        setattr(dynamodb, name, metered_read(name, getattr(dynamodb, name)))
    lambda_svc._execute_function_warm = timed(lambda_svc._execute_function_warm)
    host, port = address.rsplit(":", 1)
    threading.Thread(target=ThreadingHTTPServer((host, int(port)), Handler).serve_forever, daemon=True).start()
