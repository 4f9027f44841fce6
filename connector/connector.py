"""A connector of Fivetran's Connector SDK for LangSmith: wiring only. What it does lies in langsmith_core/faces/connector.py.

README.md has the steps of `fivetran deploy`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fivetran_connector_sdk import ConfigurationForm, Connector, Test, form_field
from fivetran_connector_sdk import Logging as log  # noqa: N813  as in Fivetran's own examples
from fivetran_connector_sdk import Operations as op  # noqa: N813  as above

from langsmith_core.clock import SystemClock
from langsmith_core.faces import connector as face
from langsmith_core.faces.process import Process
from langsmith_core.langsmith import client, under_way
from langsmith_core.sync import ahead, names

PROCESS = Process(SystemClock(), client.session(under_way.THREADS_MAX), names.Remembered(), ahead.Kept())


def schema(configuration: dict[str, Any]) -> list[dict[str, Any]]:
    """Declare the tables, their keys and their columns."""
    return face.schema(configuration, log, PROCESS)


def update(configuration: dict[str, Any], state: dict[str, Any]) -> None:
    """Make one sync."""
    face.update(configuration, state, op, log, PROCESS)


def langsmith_test(configuration: dict[str, Any]) -> Any:
    """Make the setup test."""
    failure = face.tested(configuration, log, PROCESS)
    return Test().failure(failure) if failure else Test().success()


def configuration_form() -> Any:
    """Describe the setup form."""
    return face.filled(ConfigurationForm(), form_field, langsmith_test)


connector = Connector(update=update, schema=schema, configuration_form=configuration_form)

if __name__ == "__main__":
    connector.debug(configuration=json.loads(Path("configuration.json").read_text()))
