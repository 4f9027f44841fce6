"""Fivetran's side of the protocol: ask a served connector for its schema, and for one sync. `python peer.py PORT` takes

    {"configuration": {...}, "state": {...}, "records": null, "seconds": 0.0}

on its input, and prints lines of JSON: ["schema", tables], then ["upsert", table, row], ["delete", table, keys] and
["checkpoint", state], at last ["ended", message]; the message is null for a sync that ended well. After `records` rows it prints
["paused"] and waits for a line of input. It waits `seconds` before it takes each further answer.

Run by the interpreter of .connector. It reads both encodings of a row: typed values (`data`), and bytes with a first byte for
what they are (`row_data`). "test" in place of the state asks for the form and its test instead.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import grpc
from fivetran_connector_sdk.protos import common_pb2, connector_sdk_pb2, connector_sdk_pb2_grpc

TYPES = common_pb2.DataType
NUMBERS = {TYPES.LONG: int, TYPES.DOUBLE: float}
NULL, SCALAR, JSON, FLOAT, DOUBLE = b"\x00", b"\x01", b"\x02", b"\x04", b"\x05"
KINDS = {common_pb2.RecordType.UPSERT: "upsert", common_pb2.RecordType.DELETE: "delete"}
LARGE = [("grpc.max_receive_message_length", 128 * 1024 * 1024), ("grpc.max_send_message_length", 128 * 1024 * 1024)]


def main() -> None:
    """Make the calls that the input asks for."""
    asked = json.loads(sys.stdin.readline())
    channel = grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}", options=LARGE)
    grpc.channel_ready_future(channel).result(timeout=120)
    stub = connector_sdk_pb2_grpc.SourceConnectorStub(channel)
    try:
        (tested if asked["state"] == "test" else synced)(stub, asked)
    except grpc.RpcError as error:
        tell("ended", error.details() or str(error.code()))
    else:
        tell("ended", None)


def tested(stub: Any, asked: dict[str, Any]) -> None:
    """Ask for the setup form, then for each of its tests."""
    form = stub.ConfigurationForm(common_pb2.ConfigurationFormRequest())
    tell("form", [[one.name, one.WhichOneof("type"), one.required] for one in form.fields])
    for test in form.tests:
        answer = stub.Test(common_pb2.TestRequest(name=test.name, configuration=asked["configuration"]))
        tell("test", answer.failure or None)


def synced(stub: Any, asked: dict[str, Any]) -> None:
    """Ask for the schema, then for a sync."""
    schema = stub.Schema(connector_sdk_pb2.SchemaRequest(configuration=asked["configuration"])).without_schema
    types = {table.name: {column.name: column.type for column in table.columns} for table in schema.tables}
    tell("schema", {name: {column: TYPES.Name(kind) for column, kind in columns.items()} for name, columns in types.items()})
    request = connector_sdk_pb2.UpdateRequest(configuration=asked["configuration"], state_json=json.dumps(asked["state"]))
    left = asked["records"]
    for answer in stub.Update(request):
        if answer.HasField("checkpoint"):
            tell("checkpoint", json.loads(answer.checkpoint.state_json))
        for record in answer.structured_records.structured_records:
            tell(KINDS[record.type], record.table_name, row_of(record, types[record.table_name]))
            left = None if left is None else left - 1
            if left == 0:
                tell("paused")
                sys.stdin.readline()
        time.sleep(asked["seconds"])


def row_of(record: Any, types: dict[str, Any]) -> dict[str, Any]:
    """Return a record's values in JSON's types; JSON, times and decimals as text. A column without a value is left out."""
    if record.row_data:
        found = {name: encoded(types[name], data) for name, data in record.row_data.items()}
    else:
        found = {name: typed(value) for name, value in record.data.items()}
    return {name: value for name, value in found.items() if value is not None}


def typed(value: Any) -> Any:
    """Return a typed value."""
    kind = value.WhichOneof("inner")
    if kind == "null":
        return None
    found = getattr(value, kind)
    return found.ToJsonString() if kind == "utc_datetime" else found


def encoded(kind: Any, data: bytes) -> Any:
    """Return a value of bytes."""
    first, text = data[:1], data[1:].decode()
    if first == NULL:
        return None
    if first not in (SCALAR, JSON, FLOAT, DOUBLE) or (first == JSON) != (kind == TYPES.JSON):
        raise ValueError(f"{TYPES.Name(kind)} came with the first byte {first!r}")
    return text == "true" if kind == TYPES.BOOLEAN else NUMBERS.get(kind, str)(text)


def tell(*values: Any) -> None:
    """Print one line."""
    print(json.dumps(values), flush=True)


main()
