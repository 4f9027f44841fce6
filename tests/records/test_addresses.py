"""`raw` keeps addresses without their credentials. Not here: that two readings are equal (simulation/test_signed)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN, TABLES
from samples import compact, encoded, fixture, nested

S3 = "https://bucket.s3.amazonaws.com/ttl_s/in"
SIGNED = [
    "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=SECRET",
    "?x-goog-signature=SECRET&x-goog-date=1",
    "?GoogleAccessId=a&Expires=1&Signature=SECRET",
    "?sv=2024&se=2026&sr=b&sig=SECRET",
    "?a=1&token=SECRET",
    "?jwt=SECRET",
    "?Expires=1&Signature=SECRET&Key-Pair-Id=K",
    "#access_token=SECRET",
]
# A stream, fields of a record, and what `raw` has of those.
KEPT: list[tuple[Table, dict[str, Any], dict[str, Any]]] = [
    (
        RUN,
        fixture("09")["run_self_hosted_relative_url"],
        {"s3_urls": {"attachment.testimage": {"s3_url": "ttl_s/attachments/test-path/test-file-id"}}},
    ),
    (
        RUN,
        fixture("09")["run_offloaded_io"],
        {
            "inputs": None,
            "outputs": None,
            "inputs_s3_urls": {"ROOT": {"s3_url": "ttl_s/root/in"}},
            "outputs_s3_urls": {"ROOT": {"s3_url": "ttl_s/root/out"}},
        },
    ),
    (
        EXAMPLE,
        fixture("09")["example_complete_url"],
        {
            "attachment_urls": {
                "attachment.test_file3": {"presigned_url": "https://example.foobar.com/file.jpg", "mime_type": "image/jpeg"}
            }
        },
    ),
    (EXAMPLE, fixture("09")["example_mixed_keys"], fixture("09")["example_mixed_keys"]),
    (RUN, {"attachments": {"a?b#c": f"{S3}?any=thing"}}, {"attachments": {"a?b#c": S3}}),
    (
        RUN,
        {"inputs_s3_urls": {"ROOT": {"presigned_url": S3, "s3_url": None}}},
        {"inputs_s3_urls": {"ROOT": {"presigned_url": S3, "s3_url": None}}},
    ),
    (RUN, {"inputs_or_signed_url": f"{S3}?x=1"}, {"inputs_or_signed_url": S3}),
    (RUN, {"share_token": "SECRET", "share_url": "https://smith/SECRET"}, {"share_token": None, "share_url": None}),
    (RUN, {"share_token": None, "s3_urls": None, "attachments": {}}, {"share_token": None, "s3_urls": None, "attachments": {}}),
]
KEPT += [
    (stream, {"a_new_field": [{"at": f"{S3}{signed}", "n": 1}]}, {"a_new_field": [{"at": S3, "n": 1}]})
    for stream in TABLES
    for signed in SIGNED
]


@pytest.mark.parametrize(("stream", "given", "kept"), KEPT)
def test_an_address_is_kept_without_what_opens_it(stream: Table, given: dict[str, Any], kept: dict[str, Any]) -> None:
    """`raw` keeps the storage's own key, else the address before its parameters. Unknown fields are cleaned, too."""
    key = {"id": "1", "feedback_key": "1", "as_of": "2026-06-01T00:00:00Z", "time_bucket": "2026-06-01T00:00:00Z"}
    row = rows.to_row(stream, encoded({**key, **given}), {}, given={"dataset_id": "d"})
    assert row["raw"] == compact({**key, **kept})


OWN: list[tuple[Table, str, Any]] = [
    *((RUN, name, {"image": f"{S3}{SIGNED[0]}", "n": 1}) for name in ("inputs", "outputs", "extra", "serialized", "manifest")),
    (RUN, "events", [{"kwargs": {"token": f"{S3}{SIGNED[0]}"}}]),
    *((RUN, name, f"{S3}{SIGNED[1]}") for name in ("error", "name", "thread_id", "inputs_preview")),
    (RUN, "app_path", "/o/1/projects/p/2/r/3?trace_id=3&start_time=2026-01-05T16:46:01.068924"),
    *((stream, "description", f"see {S3}{SIGNED[2]}") for stream in (PROJECT, DATASET)),
    (EXAMPLE, "metadata", {"source": f"{S3}{SIGNED[3]}"}),
    (FEEDBACK, "comment", f"{S3}{SIGNED[4]}"),
    (FEEDBACK, "correction", {"link": f"{S3}{SIGNED[5]}"}),
    (RUN, "a_new_field", f"{S3}?page=2&sort=signature"),
    (RUN, "another_field", "is it so? token=1"),
]


@pytest.mark.parametrize(("stream", "name", "value"), OWN)
def test_what_users_have_written_is_kept_as_it_is(stream: Table, name: str, value: Any) -> None:
    """`raw` keeps an address in a payload, which is the application's own, and any address without credentials."""
    record = encoded({"id": "1", "share_token": "t", name: value})
    assert rows.to_row(stream, record, {})["raw"] == compact({"id": "1", "share_token": None, name: value})


def test_all_else_keeps_its_digits() -> None:
    """Only the address is rewritten: numbers, escapes and the order of members stay."""
    record = b'{"id":"1","n":1.10,"attachments":{"a":"https://s/k?sig=1"},"inputs":{"x":1e400,"t":"\\u00e9"},"e":-0.0}'
    assert rows.to_row(RUN, record, {})["raw"] == record.decode().replace("?sig=1", "")


@pytest.mark.parametrize("sent", [b'"https:\\/\\/s\\/k\\u003fsig=1"', b'"https://s/k?a=1\\u0026sig=1"', b'"HTTPS://s/k?SIG=1"'])
def test_an_address_is_known_however_it_is_escaped(sent: bytes) -> None:
    """An address is recognised although JSON escapes its characters or it is in capitals."""
    raw = json.loads(rows.to_row(RUN, b'{"id":"1","a_new_field":%b}' % sent, {})["raw"])
    assert raw["a_new_field"].lower() == "https://s/k"


def test_a_record_that_is_too_deep_keeps_none_either() -> None:
    """A too deep record keeps no credential in `raw`, also below a deep field of addresses."""
    events, deep = nested(499), nested(480, '"https://s/k?sig=SECRET"')
    record = (
        f'{{"id":"1","events":{events},"attachments":{deep},"s3_urls":{{"a":{{"presigned_url":"/p?jwt=SECRET","s3_url":"k"}}}}}}'
    )
    raw = json.loads(rows.to_row(RUN, record.encode(), {})["raw"])
    raw = json.loads(raw) if isinstance(raw, str) else raw
    assert raw["s3_urls"] == {"a": {"s3_url": "k"}}
    assert "SECRET" not in json.dumps(raw)
