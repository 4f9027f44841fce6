"""The setup form and its test, as Fivetran asks for them, and what its user is shown of a failure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connector_sdk.syncs import Destination, asked_of, served, sync

from langsmith_core.faces import connector_form
from langsmith_core.settings.key import Face
from langsmith_core.settings.keys import KEYS
from product import World

WRONG = "lsv2_pt_wrong_000000000000"


def _answers(package: Path, configuration: Mapping[str, str]) -> list[list[Any]]:
    with served(package, {}) as server:
        return list(asked_of(server, {"configuration": configuration, "state": "test"}))


def test_the_form_has_the_keys_that_the_connector_takes(package: Path, configuration: dict[str, str]) -> None:
    """A field for each of its keys, in their order, and no other: two are required, few values are a list. The test passes."""
    kinds = {True: "descriptive_dropdown_fields", False: "text_field"}
    taken = [key for key in KEYS if Face.CONNECTOR in key.taken_by]
    fields = [[key.name, kinds[bool(connector_form.choices(key))], key.required] for key in taken]
    assert _answers(package, configuration) == [["form", fields], ["test", None], ["ended", None]]


def test_a_refused_key_fails_the_test(package: Path, configuration: dict[str, str]) -> None:
    """The test says what to do, and does not repeat the key."""
    *_, test, ended = _answers(package, {**configuration, "LANGSMITH_API_KEY": WRONG})
    assert ended == ["ended", None]
    assert test[1].startswith("LANGSMITH_API_KEY: LangSmith refuses the key")
    assert "lsv2" not in test[1]


def test_a_failing_sync_shows_one_clean_message(package: Path, configuration: dict[str, str]) -> None:
    """Fivetran's user sees our message, then the SDK's traceback of that error alone: no cause, no key."""
    held = sync(package, Destination(), {**configuration, "LANGSMITH_API_KEY": WRONG})
    assert held.message
    assert "failed while executing update() error: LANGSMITH_API_KEY: LangSmith refuses the key" in held.message
    assert held.message.count("Traceback (most recent call last)") == 1
    assert "lsv2" not in held.message


def test_another_faces_key_is_refused(package: Path, configuration: dict[str, str]) -> None:
    """A key that only another face takes is told, not passed over."""
    held = sync(package, Destination(), {**configuration, "SINK": "bigquery"})
    assert "SINK: only `sync` takes it; take it out of the connector's configuration" in (held.message or "")


def test_json_columns_stay_as_they_began(package: Path, world: World, configuration: dict[str, str]) -> None:
    """After a first sync another JSON_COLUMNS is refused, and the state stays."""
    del world
    held = sync(package, Destination(), configuration)
    before = held.state
    held = sync(package, held, {**configuration, "JSON_COLUMNS": "string"})
    assert "JSON_COLUMNS: at this connection's first sync it was json" in (held.message or "")
    assert held.state == before
