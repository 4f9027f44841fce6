"""A stand-in for Terraform's providers google, archive and time: Terraform evaluates every expression without the internet.

Here: just enough of Terraform's plugin protocol 5 (gRPC) for a plan. schema.json lists the arguments. Terraform refuses an
argument or block that the real provider lacks, and a required one that is missing. Values that a provider would compute are
unknown, but for those in COMPUTED. Not here: types and ranges of arguments, or Google.

`python stand_in.py SOCKET` serves until it is stopped. Terraform finds it by TF_REATTACH_PROVIDERS, see `reattached`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import msgspec

PROVIDERS = tuple(f"registry.terraform.io/hashicorp/{name}" for name in ("google", "archive", "time"))
SCHEMA: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "schema.json").read_text())
UNKNOWN = msgspec.msgpack.Ext(0, b"\0")
LIST = 2
COMPUTED: dict[str, Callable[[dict[str, Any]], dict[str, str]]] = {
    "google_service_account": lambda now: {
        "email": f"{now['account_id']}@{now['project']}.iam.gserviceaccount.com",
        "member": f"serviceAccount:{now['account_id']}@{now['project']}.iam.gserviceaccount.com",
    },
    "google_monitoring_notification_channel": lambda now: {"name": f"channel of {now['labels']['email_address']}"},
    "google_cloudfunctions2_function": lambda now: {"url": f"https://{now['name']}.example"},
}
"""Values that the stand-in computes, to see where they are used. The real provider knows a function's URL only after apply."""


def reattached(socket: Path, pid: int) -> str:
    """Return TF_REATTACH_PROVIDERS for a stand-in that serves at this socket."""
    address = {"Network": "unix", "String": str(socket)}
    one = {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": pid, "Test": True, "Addr": address}
    return json.dumps(dict.fromkeys(PROVIDERS, one))


def serve(socket: str) -> None:
    """Serve until the process is stopped."""
    server = grpc.server(futures.ThreadPoolExecutor(4))
    handlers = {name: grpc.unary_unary_rpc_method_handler(answer) for name, answer in ANSWERS.items()}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("tfplugin5.Provider", handlers),))
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    server.wait_for_termination()


def _schemas(_request: bytes, _context: Any) -> bytes:
    """GetProviderSchema.Response: 1 provider, 2 resources, 3 data sources."""
    provider = _schema({name: {"req": False} for name in ("project", "region")}, computed=False)
    kinds = {2: SCHEMA["resources"], 3: SCHEMA["data"]}
    named = [(number, name, _schema(body)) for number, bodies in kinds.items() for name, body in bodies.items()]
    return _field(1, provider) + b"".join(_field(number, _field(1, name) + _field(2, body)) for number, name, body in named)


def _schema(body: dict[str, Any], *, computed: bool = True) -> bytes:
    return _field(2, _block(body, computed=computed))


def _block(body: dict[str, Any], *, computed: bool) -> bytes:
    """Schema.Block: 2 attributes (name, type, required, optional, computed), 3 blocks (name, block, nesting, the least)."""
    out = b""
    for name, rule in body.items():
        if "block" in rule:
            inner = _field(2, _block(rule["block"], computed=computed))
            out += _field(3, _field(1, name) + inner + _field(3, LIST) + _field(4, int(rule["req"])))
        else:
            optional = b"" if rule.get("exported") else _field(5, 1)
            kind = _field(4, 1) if rule["req"] else optional + _field(6, int(computed))
            out += _field(2, _field(1, name) + _field(2, json.dumps(rule.get("type", "string"))) + kind)
    return out


def _planned(request: bytes, _context: Any) -> bytes:
    """PlanResourceChange: the proposed values, and those that the provider would compute."""
    fields = _fields(request)
    kind = fields[1].decode()
    proposed = _decoded(fields[3])
    if proposed is None:
        return _field(1, fields[3])
    return _field(1, _encoded(_completed(proposed, SCHEMA["resources"][kind], COMPUTED.get(kind))))


def _read(request: bytes, _context: Any) -> bytes:
    """ReadDataSource: the configuration itself, with a text in place of computed values."""
    fields = _fields(request)
    body = SCHEMA["data"][fields[1].decode()]
    config = _decoded(fields[2])
    exported_as_text = {name: "computed" for name, rule in body.items() if rule.get("exported")}
    return _field(1, _encoded({**config, **exported_as_text}))


def _completed(now: dict[str, Any], body: dict[str, Any], computed: Callable[[dict[str, Any]], dict[str, str]] | None) -> Any:
    out: dict[str, Any] = {}
    for name, value in now.items():
        rule = body[name]
        if "block" in rule:
            out[name] = [_completed(one, rule["block"], None) for one in value or []]
        else:
            out[name] = UNKNOWN if value is None else value
    return {**out, **(computed(now) if computed else {})}


def _decoded(dynamic_value: bytes) -> Any:
    return msgspec.msgpack.decode(_fields(dynamic_value)[1])


def _encoded(value: Any) -> bytes:
    return _field(1, msgspec.msgpack.encode(value))


def _field(number: int, value: bytes | str | int) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def _fields(message: bytes) -> dict[int, bytes]:
    """Return a message's fields that hold texts, bytes or messages. Of a repeated one, return the last."""
    at = 0

    def number() -> int:
        nonlocal at
        bits: Iterator[int] = iter(range(0, 70, 7))
        value = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << next(bits)
            if byte < 128:
                return value

    found = {}
    while at < len(message):
        tag = number()
        size = number()
        if tag & 7 == 2:
            found[tag >> 3] = message[at : at + size]
            at += size
    return found


def _nothing(_request: bytes, _context: Any) -> bytes:
    return b""


ANSWERS: dict[str, Callable[[bytes, Any], bytes]] = {
    "GetSchema": _schemas,
    "PrepareProviderConfig": lambda request, _: _field(1, _fields(request)[1]),
    "ValidateResourceTypeConfig": _nothing,
    "ValidateDataSourceConfig": _nothing,
    "Configure": _nothing,
    "GetResourceIdentitySchemas": _nothing,
    "PlanResourceChange": _planned,
    "ReadDataSource": _read,
    "Stop": _nothing,
}

if __name__ == "__main__":
    os.umask(0o077)
    serve(sys.argv[1])
