"""Checks of an answer's members and of the sync as a whole: state, hasMore, schema, softDelete, the bounds of a sync.

A check takes an exchange and yields what breaks its rule, in words without payload. `rules` names and orders the checks. Each may
assume that those before it found nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from fivetran_model.checks_wire import ANSWER_MEMBERS
from fivetran_model.exchange import Exchange, shown
from fivetran_model.strictjson import compact

STATE_BYTES_MAX = 65_536


def success_carries_no_error(exchange: Exchange) -> Iterator[str]:
    for member in ("errorMessage", "stackTrace"):
        if member in exchange.root:
            yield f"it has {member}"


def root_members(exchange: Exchange) -> Iterator[str]:
    for member in sorted(ANSWER_MEMBERS - exchange.root.keys()):
        yield f"{member} is missing"
    for member in sorted(exchange.root.keys() - ANSWER_MEMBERS):
        yield f"{shown(member)} is no member of an answer"


def state_object(exchange: Exchange) -> Iterator[str]:
    if not isinstance(exchange.root["state"], dict):
        yield f"state is a {type(exchange.root['state']).__name__}"


def state_size(exchange: Exchange) -> Iterator[str]:
    if exchange.state_bytes > STATE_BYTES_MAX:
        yield f"{exchange.state_bytes} bytes, at most {STATE_BYTES_MAX}"


def has_more_boolean(exchange: Exchange) -> Iterator[str]:
    if not isinstance(exchange.root["hasMore"], bool):
        yield f"hasMore is a {type(exchange.root['hasMore']).__name__}"


def progress(exchange: Exchange) -> Iterator[str]:
    sent = exchange.request["state"] or {}
    if exchange.has_more and compact(exchange.root["state"]) == compact(sent):
        yield "hasMore is true and the state is the one that was sent"


def schema_shape(exchange: Exchange) -> Iterator[str]:
    schema = exchange.root["schema"]
    if not isinstance(schema, dict) or not schema:
        yield "schema is no object of tables"
        return
    for table, declared in schema.items():
        if not isinstance(declared, dict) or declared.keys() != {"primary_key"}:
            yield f"{shown(table)} declares something else than primary_key"
        elif not _is_list_of_distinct_names(declared["primary_key"]) or not declared["primary_key"]:
            yield f"the primary_key of {shown(table)} is no list of distinct names"


def schema_constant(exchange: Exchange) -> Iterator[str]:
    before = exchange.memory.schema
    if before is None:
        return
    for table in sorted(before.keys() | exchange.root["schema"].keys()):
        if before.get(table) != exchange.root["schema"].get(table):
            yield f"{shown(table)} is declared differently than before"


def parts_shape(exchange: Exchange) -> Iterator[str]:
    for part in ("insert", "delete"):
        tables = exchange.root[part]
        if not isinstance(tables, dict):
            yield f"{part} is a {type(tables).__name__}"
            return
        for table, rows in tables.items():
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                yield f"{part}.{shown(table)} is no list of rows"


def declared(exchange: Exchange) -> Iterator[str]:
    for part in ("insert", "delete"):
        for table in sorted(exchange.root[part].keys() - exchange.root["schema"].keys()):
            yield f"{part} has {shown(table)}, schema has not"


def soft_delete_list(exchange: Exchange) -> Iterator[str]:
    tables = exchange.root["softDelete"]
    if not _is_list_of_distinct_names(tables):
        yield "softDelete is no list of distinct names"
        return
    for table in sorted(set(tables) - exchange.root["schema"].keys()):
        yield f"softDelete has {shown(table)}, schema has not"


def setup_has_no_rows(exchange: Exchange) -> Iterator[str]:
    if exchange.is_setup_test and not exchange.is_empty:
        yield "a setup test was answered with rows"


def setup_is_one_call(exchange: Exchange) -> Iterator[str]:
    if exchange.is_setup_test and exchange.has_more:
        yield "a setup test was answered with hasMore true"


def empties(exchange: Exchange) -> Iterator[str]:
    in_a_row = exchange.memory.empties + 1
    if exchange.has_more and exchange.is_empty and in_a_row >= exchange.terms.empties_max:
        yield f"answer {in_a_row} in a row with hasMore true, no row and no delete"


def sync_ends(exchange: Exchange) -> Iterator[str]:
    if exchange.has_more and exchange.memory.calls + 1 >= exchange.terms.calls_max:
        yield f"hasMore is still true after {exchange.terms.calls_max} calls"


def _is_list_of_distinct_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and name for name in value) and len(set(value)) == len(value)
