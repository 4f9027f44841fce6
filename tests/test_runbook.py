"""Tests that docs/runbook.md has an entry for every alert and message, and none for one that is gone.

The tests read messages from the syntax tree: texts of errors, of tables of meanings, and of log lines from WARNING up. A varying
part is written `…`. An entry is a row of a table, whose first cell holds messages. One that ends in `…` stands for all messages
that begin so.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from langsmith_core import errors
from langsmith_core.langsmith import answers, network

ROOT = Path(__file__).parents[1]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
FILES = [ROOT / "main.py", *sorted((ROOT / "langsmith_core").rglob("*.py"))]
TREES = {str(file.relative_to(ROOT)): ast.parse(file.read_text()) for file in FILES}
VARIES = "…"
TABLE = "{meaning}"
"""The sign in a message for a text of a table of meanings."""
ERRORS = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.SyncError)}
REASONS = {"ValueError", "MalformedError", "BadRowError"}
"""Errors whose text is a reason within a message, or in a row of langsmith_rejected."""
PARSERS = ("langsmith_core/settings/parsers.py", "langsmith_core/privacy/places.py")
"""Files whose errors become a ConfigError that begins with the key."""
LEVELS = {"warning": 0, "error": 0, "exception": 0, "critical": 0, "log": 1}
"""Methods of a logger, and which argument is the text."""
NO_ENTRY = {
    "langsmith_core/records/conversions.py": "a value that its column cannot hold: rows remarks on it",
    "langsmith_core/records/json_text.py": "the JSON library's own reason",
    "langsmith_core/records/nested.py": "the same",
    "langsmith_core/sync/failing.py": "an error made of another's text",
    "langsmith_core/sync/state_json.py": "the type that a text is not: state_json puts it into its own message",
    "langsmith_core/sync/state_version_1.py": "the same",
    "langsmith_core/remarks.py": "what remarks say, which each module declares, and of how many records",
    "langsmith_core/settings/config.py": "the key, and what its parser says",
    "langsmith_core/langsmith/answers.py": "the text of an error beside it, as one that may pass",
    "langsmith_core/langsmith/network.py": "the text of an error beside it, as one that may pass",
    "langsmith_core/destinations/bigquery/check.py": "the JSON library's own reason",
    "langsmith_core/destinations/firestore/lease.py": "logs an error whose text is another entry's",
    "langsmith_core/faces/handler.py": "the same",
    "langsmith_core/faces/connector.py": "the same",
    "langsmith_core/faces/connector_sync.py": "logs an error whose text is another entry's",
}
"""Files with texts that only repeat other texts, and why they need no entry."""
_FORMAT = re.compile(r"%[-#0 +]*\d*(?:\.\d+)?[srdfx]")


def _constants() -> dict[str, str]:
    """Return the texts that modules name, by name, where a name has one value only."""
    found: dict[str, set[str]] = {}
    for one in (one for tree in TREES.values() for one in tree.body):
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant):
            found.setdefault(ast.unparse(one.targets[0]), set()).add(str(one.value.value))
    return {name: next(iter(texts)) for name, texts in found.items() if len(texts) == 1}


CONSTANTS = _constants()


def _text(node: ast.expr) -> str:
    """Return a text as its source has it, with `…` for a varying part."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
        return f"{VARIES}{_text(node.func.value)}{VARIES}"
    if ast.unparse(node) == "meaning.text":
        return TABLE
    return CONSTANTS.get(ast.unparse(node), VARIES)


def _texts_of(node: ast.Call) -> Iterator[str]:
    """Yield the message of a call that makes an error, answers a failure, declares a remark or logs."""
    name = ast.unparse(node.func)
    if node.args and (name in ("_failure", "kind", "meaning.error") or name.rpartition(".")[2] in ERRORS | REASONS):
        yield _text(node.args[0])
    if name == "Remark":
        yield _FORMAT.sub(VARIES, _text(node.args[0]))
    if name.startswith("_log.") and (place := LEVELS.get(name.removeprefix("_log."))) is not None:
        yield _FORMAT.sub(VARIES, _text(node.args[place]))


def _meanings(node: ast.Call) -> Iterator[str]:
    """Yield the text of a line in a table of meanings, whose columns differ from file to file."""
    if ast.unparse(node.func) == "Meaning":
        yield next(_text(one) for one in node.args if _is_text(one))


def _is_text(node: ast.expr) -> bool:
    named = isinstance(node, ast.Name) and node.id in CONSTANTS
    return named or isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), str)


def messages(tree: ast.Module, file: str) -> set[str]:
    """Return all messages of a file."""
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
    texts = {text for call in calls for text in _texts_of(call)}
    table = {text for call in calls for text in _meanings(call)}
    framed = {one.replace(TABLE, text) for one in texts if TABLE in one for text in table}
    start = f"{VARIES}: " if file in PARSERS else ""
    return {re.sub(f"{VARIES}+", VARIES, start + one) for one in framed | {text for text in texts if TABLE not in text}}


def says(text: str) -> bool:
    """Return whether a message has words of its own."""
    return re.search(r"[A-Za-z]{3}", text) is not None


MESSAGES = {text: file for file, tree in TREES.items() for text in messages(tree, file) if says(text)}
HEAD = "| message | cause | check | remedy |\n|---|---|---|---|\n"
TABLES = [part.partition("\n\n")[0] for part in RUNBOOK.split(HEAD)[1:]]
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for table in TABLES for line in table.splitlines()]


def entries(row: list[str]) -> list[str]:
    """Return the messages in a row's first cell, whose spans begin with two backticks where a message has one."""
    return [text for _, text in re.findall(r"(`+)(.+?)\1(?!`)", row[0])]


def stands_for(entry: str, message: str) -> bool:
    return message == entry or (entry.endswith(VARIES) and message.startswith(entry.removesuffix(VARIES)))


DO = re.compile(
    r"\b(add|allow|ask|attach|begin|call|check|choose|close|copy|correct|create|delete|deploy|enable|exclude|fill|give|grant|let"
    r"|log in|look|lower|make|missing|name|no action is needed|put|raise|read it|remove|rename|report|run|see|send|set|stop|take"
    r"|undo|upgrade|use|wait|write)\b",
    re.IGNORECASE,
)
"""Words that tell the reader what to do. A missing thing is to be given."""
BY_ITSELF = re.compile(
    r"the next pass|the next call|the next sync|continues?\b|asking|is repeated|is tried again|asked for again|asked again"
    r"|the daily pass|it expires|are read"
)
"""Words that say what the program does itself, so that the reader need do nothing."""
OF_ANOTHER = re.compile(r"[:;] …$")
"""The end of a message that ends with another message, which says what to do."""
PARTS = {
    f"langsmith_core/{name}.py"
    for name in (
        "completeness/source_counts",
        "destinations/bigquery/check",
        "records/json_repair",
        "records/json_text",
        "records/packed_ids",
        "streams/ledgers",
        "sync/migrations_look",
        "sync/migrations_slices",
        "sync/state_checks",
        "sync/state_version_1",
    )
}
REASON = re.compile(
    "an answer (to a run query|for a queue's items) without|a record of .* (has|is)|a version of a dataset|a page cursor that"
    "|no record of a page|a list of prompts without|usage that is not by day"
    "|a difference of two versions|.* is not a listed table"
)
"""Reasons within a message: PARTS has the files that hold only reasons, and this pattern has single ones."""
WHOLE = sorted(text for text, file in MESSAGES.items() if file not in PARTS and not REASON.match(text))
TABLED = [*answers.MEANINGS.values(), answers.REDIRECT, answers.OTHER, answers.SERVER_ERROR, *(one for _, one in network.NETWORK)]


@pytest.mark.parametrize("message", WHOLE)
def test_a_message_says_what_to_do(message: str) -> None:
    """A message tells its reader what to do, or that the program does it."""
    assert DO.search(message) or BY_ITSELF.search(message) or OF_ANOTHER.search(message)


@pytest.mark.parametrize("meaning", TABLED)
def test_what_langsmith_and_the_way_to_it_do_wrong_names_what_to_do(meaning: answers.Meaning) -> None:
    """Each line of both tables has a cause, and then a remedy that says what to do."""
    cause, _, remedy = re.split("(; )", meaning.text, maxsplit=1)
    assert cause
    assert DO.search(remedy)


@pytest.mark.parametrize("message", sorted(MESSAGES))
def test_a_message_has_its_entry(message: str) -> None:
    """Each message of the product has exactly one row in the runbook."""
    found = [row for row in ROWS if any(stands_for(entry, message) for entry in entries(row))]
    assert len(found) == 1, f"{MESSAGES[message]} says {message!r}: {len(found)} rows of docs/runbook.md are about it"


def test_an_entry_is_about_a_message() -> None:
    """Every row names a message that the product has."""
    named = [entry for row in ROWS for entry in entries(row)]
    assert len(named) == len(set(named))
    assert [one for one in named if not any(stands_for(one, message) for message in MESSAGES)] == []


def test_an_entry_is_whole() -> None:
    """Each row has messages, a cause, a check and a remedy."""
    assert [row for row in ROWS if len(row) != 4 or not all(row) or not entries(row)] == []


def test_what_has_no_entry_is_made_of_other_messages() -> None:
    """Only the files named here have texts without words of their own."""
    assert {file for file, tree in TREES.items() for text in messages(tree, file) if not says(text)} == NO_ENTRY.keys()


def test_whatever_is_raised_is_looked_at() -> None:
    """Every raised error is of a collected class, or a function of these files makes it."""
    raised = [one.exc for tree in TREES.values() for one in ast.walk(tree) if isinstance(one, ast.Raise)]
    names = {ast.unparse(one.func).rpartition(".")[2] for one in raised if isinstance(one, ast.Call)}
    made = {one.name for tree in TREES.values() for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
    assert names - ERRORS - REASONS - made == {
        "Failure",  # holds an error, which is the one that is reported
        "NotImplementedError",  # a fault of the code, and no message to a user
        "ChangedError",  # caught in the store that raises it
        *("ChunkedEncodingError", "ContentDecodingError", "ReadTimeout", "SSLError"),  # of requests; a table translates them
        *(
            "ConnectTimeoutError",
            "NameResolutionError",
            "NewConnectionError",
            "TimeoutError",
        ),  # of the network; a table translates them
    }


def test_a_new_message_is_seen() -> None:
    """Errors, table lines and log lines are found as they are written, with `…` for varying parts."""
    source = """
A = Meaning(UpstreamError, "the moon is " "full", retry=True)
def f(name):
    _log.warning("%s: seen %d times in %.1f s", name, 1, 2.0)
    _log.info("not told")
    SEEN = Remark("%s: %s was seen", 30)
    if name: raise ConfigError(f"MOON: {name!r} is none; write " + "full")
    return kind(f"Moon, {name}: {meaning.text}{_said(name)}")
"""
    assert messages(ast.parse(source), "moon.py") == {
        "…: seen … times in … s",
        "…: … was seen",
        "MOON: … is none; write full",
        "Moon, …: the moon is full…",
    }


def test_the_alerts_of_the_module_are_the_headings() -> None:
    """Each alert's text leads to a heading under "Alerts", and each heading there belongs to an alert."""
    module = (ROOT / "terraform" / "alerts.tf").read_text()
    signals = module.partition("signals = ")[2].partition("\n  }\n}")[0]
    alerts = re.findall(r"^    ([a-z-]+) = \{$", signals, re.MULTILINE) + re.findall(r"runbook\.md#([a-z-]+)", module)
    section = RUNBOOK.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^### (.+)$", section, re.MULTILINE)) == sorted(alerts)
    for part in re.split(r"^### .+$", section, flags=re.MULTILINE)[1:]:
        assert re.findall(r"^\*\*(\w+)\.\*\*", part, re.MULTILINE) == ["Cause", "Check", "Remedy"]


def test_every_link_of_the_runbook_leads_somewhere() -> None:
    """A relative link leads to an existing file, and to one of its headings."""
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", RUNBOOK):
        file = ROOT / "docs" / (target or "runbook.md")
        assert file.exists(), target
        lines = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
        assert not anchor or anchor in {re.sub(r"[^a-z0-9 _-]", "", line.lower()).strip().replace(" ", "-") for line in lines}
