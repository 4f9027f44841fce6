"""GET /info: version, flags and ingest limits. It needs no key. Here too: GET /workspaces."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from simulator.call import Call
from simulator.messages import Response, answer
from simulator.settings import Mode

VERSION = "0.18.2"
QUERY_FLAGS: dict[Mode, dict[str, bool]] = {
    "clickhouse": {"ch_query_enabled": True},
    "dual": {"ch_query_enabled": True, "sdb_query_enabled": True},
    "smithdb": {"ch_query_enabled": False, "sdb_query_enabled": True},
}
BATCH_INGEST = {
    "use_multipart_endpoint": True,
    "scale_up_qsize_trigger": 1000,
    "scale_up_nthreads_limit": 16,
    "scale_down_nempty_trigger": 4,
    "size_limit": 100,
    "size_limit_bytes": 20_971_520,
}


def read_info(call: Call) -> Response:
    """The version, flags and limits of this deployment."""
    flags: dict[str, Any] = {
        **QUERY_FLAGS[call.settings.mode],
        "dataset_examples_multipart_enabled": True,
        "examples_multipart_enabled": True,
        "zstd_compression_enabled": find_spec("zstandard") is not None,  # a dependency of the SDK, not of the simulator
    }
    return answer({"version": VERSION, "batch_ingest_config": BATCH_INGEST, "instance_flags": flags})


def list_workspaces(call: Call) -> Response:
    """A list with the one workspace."""
    workspace = {
        "id": call.tenant_id,
        "created_at": "2024-01-01T00:00:00+00:00",
        "display_name": "Simulator",
        "is_personal": False,
        "is_deleted": False,
    }
    return answer([workspace])
