"""Fivetran's side of a sync, for the benchmark: ask the connector at a port, take its rows, and print how many runs came.

`python -m bench.taking PORT` takes the configuration on its input, and keeps eight bytes of each run's id. Run by the interpreter
of .connector.
"""

from __future__ import annotations

import json
import sys
import time
from uuid import UUID

import grpc
from fivetran_connector_sdk.protos import connector_sdk_pb2, connector_sdk_pb2_grpc

BYTES_MAX = 128 * 1024 * 1024


def main() -> None:
    """Make one sync, once the input says of what."""
    print("ready", flush=True)
    asked = json.loads(sys.stdin.read())
    options = [("grpc.max_receive_message_length", BYTES_MAX)]
    with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}", options=options) as channel:
        grpc.channel_ready_future(channel).result(timeout=120)
        stub = connector_sdk_pb2_grpc.SourceConnectorStub(channel)
        stub.Schema(connector_sdk_pb2.SchemaRequest(configuration=asked["configuration"]))
        request = connector_sdk_pb2.UpdateRequest(configuration=asked["configuration"], state_json="{}")
        ids: set[int] = set()
        for answer in stub.Update(request):
            for record in answer.structured_records.structured_records:
                if record.table_name == "langsmith_run":
                    ids.add(UUID(record.data["run_id"].string).int & 0xFFFF_FFFF_FFFF_FFFF)
            time.sleep(asked["seconds"])
    print(len(ids))


if __name__ == "__main__":
    main()
