"""The protocol as a table: every rule that judges an answer, with the section of Fivetran's function protocol it rests on.

Here: the tables, in the order of judgement. The first rule that finds a fault refuses the answer, so a check may assume all rules
above its own. "law n" is the product's own promise where the protocol is silent or weaker. Not here: the checks themselves
(`checks_*`), or what a good answer does (`destination`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fivetran_model import checks_answer as answer
from fivetran_model import checks_rows as rows
from fivetran_model import checks_wire as wire
from fivetran_model.exchange import Exchange


@dataclass(frozen=True)
class Rule:
    """One rule: its name, its source, the rule in words, and the check that yields what breaks it."""

    name: str
    section: str
    law: str
    check: Callable[[Exchange], Iterator[str]]


class ProtocolViolation(Exception):  # noqa: N818 -- a verdict on the function, not an error of the model
    """Fivetran may refuse or misread the answer. The message shows the rule and the key, never payload."""

    def __init__(self, rule: Rule, status: int, offence: str) -> None:
        super().__init__(f"{rule.name}: {offence}, status {status} ({rule.law}: {rule.section})")
        self.rule = rule.name
        self.offence = offence


EVERY = (
    Rule("size", "3 Limits, response", "an answer stays under the cap in uncompressed bytes", wire.size),
    Rule("setup-size", "2 Setup test", "the answer to a setup test is at most 4 KB", wire.setup_size),
    Rule("content-type", "1 Transport; 2 Errors", "an answer is declared as JSON", wire.content_type),
    Rule("strict-json", "2 Errors; 7.11", "the body is strict JSON in UTF-8", wire.strict_json),
    Rule("object", "2 Root", "the body is a JSON object", wire.json_object),
    Rule("no-secret", "7.9; law 6", "no answer repeats a secret of the request", wire.no_secret),
)
"""Judged whatever the status."""

FAILURE = (
    Rule("failure-no-answer", "2 Errors", "a failure carries no state and no rows", wire.failure_carries_no_answer),
    Rule("failure-no-trace", "2 Errors", "a failure carries no stackTrace: it may leak", wire.failure_has_no_trace),
    Rule("failure-message", "2 Errors", "a failure is errorMessage, a text, and nothing else", wire.failure_message),
)
"""Judged where the status is not 2xx."""

ANSWER = (
    Rule("success-no-error", "2 Errors", "a failure is never answered with 2xx", answer.success_carries_no_error),
    Rule("root", "2 Root", "the root has its six members and no other", answer.root_members),
    Rule("state-object", "2 state", "state is an object in every answer", answer.state_object),
    Rule("state-size", "3 Limits; law 4", "state is at most 64 KB", answer.state_size),
    Rule("has-more-boolean", "2 Root; 7.7", "hasMore is a JSON boolean", answer.has_more_boolean),
    Rule("progress", "7.6; law 3", "hasMore true changes the state", answer.progress),
    Rule("schema-shape", "2 schema", "schema gives each table's primary_key and nothing else", answer.schema_shape),
    Rule("schema-constant", "2 schema; 7.2", "schema is the same in every answer", answer.schema_constant),
    Rule("parts", "2 Root", "insert and delete are lists of rows by table", answer.parts_shape),
    Rule("declared", "2 schema; 2 No primary key", "every table with rows is in schema", answer.declared),
    Rule("soft-delete-list", "2 Delete; 7.7", "softDelete is a list of declared tables", answer.soft_delete_list),
    Rule("table-names", "2 Names; 7.11", "table names are normal snake_case", rows.table_names),
    Rule("column-names", "2 Names; 7.11", "column names are normal snake_case, none Fivetran's own", rows.column_names),
    Rule("scalars", "2 Types", "a value is a scalar; JSON travels as text", rows.scalars),
    Rule("row-key", "2 No primary key", "every row has its whole key", rows.row_has_key),
    Rule("delete-key", "2 Root, delete", "a delete is exactly the key", rows.delete_is_key),
    Rule("key-once", "2 Upsert; 7.2", "a key is inserted once in an answer", rows.key_once),
    Rule("insert-or-delete", "2 Order; 7.7", "no key is in insert and in delete", rows.insert_or_delete),
    Rule("number-range", "7.11", "numbers fit 64 bits", rows.number_range),
    Rule("type-lock", "2 Types; 2 Type change", "a column keeps the kind of its first value", rows.type_lock),
    Rule("json-text", "2 Types; 7.11", "JSON columns hold compact valid JSON text", rows.json_text),
    Rule("timestamp", "2 Types; 7.11", "timestamps are RFC 3339 in UTC with Z", rows.timestamp),
    Rule("setup-no-rows", "2 Setup test", "a setup test brings no rows", answer.setup_has_no_rows),
    Rule("setup-one-call", "2 Setup test", "a setup test ends with its answer", answer.setup_is_one_call),
    Rule("empties", "3 Limits, empties; law 3", "fewer than empties_max empty answers in a row", answer.empties),
    Rule("sync-ends", "3 Limits, per sync", "a sync ends within calls_max calls", answer.sync_ends),
)
"""Judged where the status is 2xx."""

RULES = EVERY + FAILURE + ANSWER


def judge(exchange: Exchange) -> None:
    """Raise ProtocolViolation for the first rule that the answer breaks."""
    for rule in EVERY:
        _hold(rule, exchange)
    for rule in ANSWER if exchange.succeeded else FAILURE:
        _hold(rule, exchange)


def _hold(rule: Rule, exchange: Exchange) -> None:
    for offence in rule.check(exchange):
        raise ProtocolViolation(rule, exchange.status, offence)
