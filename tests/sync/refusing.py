"""What a refused state is told."""

from __future__ import annotations

from typing import Any

import pytest
from sync.full import FRESH, WHEN
from sync.states import SOURCE

from langsmith_core.errors import StateError
from langsmith_core.sync import state_json

SPAN = {"lo": WHEN, "hi": WHEN}


def refused(fields: dict[str, Any]) -> str:
    """What the message says of a state with these fields, before it says what to do."""
    with pytest.raises(StateError, match=r"^state: .* begin anew with an empty state") as caught:
        state_json.load({**FRESH, **fields}, SOURCE)
    assert caught.value.status == 400
    return str(caught.value).removeprefix("state: ").partition("; begin anew")[0]
