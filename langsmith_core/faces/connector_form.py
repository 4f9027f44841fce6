"""The setup form of Fivetran's dashboard, made of the configuration keys that the connector takes.

It takes the SDK's own form and fields as arguments. Not here: the keys (settings.keys).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from langsmith_core.settings import parsers
from langsmith_core.settings.key import Face, Key
from langsmith_core.settings.keys import KEYS

BOOLEANS = ("true", "false")
TEST = "LangSmith takes the key and knows the projects"


def filled(form: Any, fields: Any, test: Callable[..., Any]) -> Any:
    """Fill the SDK's `ConfigurationForm` by its `form_field`, a field for each key, and return it. `test` is its setup test.

    A key with few values is a list to choose from. A toggle would do for true and false, but nothing says that it can begin as
    true, and a switch that nobody touched must not turn a table off.
    """
    for key in KEYS:
        if Face.CONNECTOR in key.taken_by:
            form.add_field(_field(key, fields))
    form.add_test(label=TEST, func=test)
    return form


def choices(key: Key) -> tuple[str, ...]:
    """Return all texts that a key takes, where they are few."""
    return BOOLEANS if key.parse is parsers.boolean else key.options


def _field(key: Key, fields: Any) -> Any:
    texts = {"description": key.meaning.replace("`", ""), "required": key.required, "placeholder": key.default}
    options = [fields.DropdownFieldParam(value=option) for option in choices(key)]
    if options:
        return fields.DropdownField(key.name, key.name, fields=options, **texts)
    kind = fields.TextField.password if key.secret else fields.TextField.plain_text
    return fields.TextField(key.name, key.name, kind, **texts)
