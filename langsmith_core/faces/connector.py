"""The Connector SDK's connector: what Fivetran calls, a schema, a sync, and a setup test, with the SDK's parts as arguments.

The SDK is never imported here; connector/connector.py hands over its `Operations` and its `Logging`. The configuration that
Fivetran gives is the only one: nothing comes from the environment.

Here: what surrounds every call: secrets kept out of messages, log lines, and failures as one clean error. Not here: a sync
(connector_sync), the form (connector_form).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from langsmith_core import logs, masking
from langsmith_core.clock import SystemClock
from langsmith_core.errors import SyncError, user_safe
from langsmith_core.faces import connector_log, connector_schema, connector_sync, setup_test
from langsmith_core.faces.account import Account
from langsmith_core.faces.connector_delivery import Operations
from langsmith_core.faces.connector_form import filled as filled  # noqa: PLC0414  part of this module's face
from langsmith_core.faces.connector_log import Log
from langsmith_core.faces.process import Process
from langsmith_core.settings import config, request_values
from langsmith_core.settings.keys import secrets

Configuration: TypeAlias = Mapping[str, Any]
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def schema(configuration: Configuration, log: Log, process: Process) -> list[dict[str, Any]]:
    """Return the tables as the SDK declares them. Raises SyncError for a JSON_COLUMNS that cannot be used."""

    def declared() -> list[dict[str, Any]]:
        return connector_schema.declared(config.json_columns(configuration))

    return _called(declared, configuration, log, process)


def update(configuration: Configuration, state: Any, op: Operations, log: Log, process: Process) -> None:
    """Make one sync. Raises SyncError, without a cause and with a message that may be shown.

    The SDK shows Fivetran's user the message, and the traceback of it and of all its causes.
    """

    def synced() -> None:
        settings = config.connector(configuration, process.clock.now())
        connector_sync.run(settings, state, op, process)

    _called(synced, configuration, log, process)


def tested(configuration: Configuration, log: Log, process: Process) -> str | None:
    """Make the setup test. Return None where it passes, else what to do."""

    def passed() -> None:
        settings = config.connector(configuration, process.clock.now())
        setup_test.passed(settings, Account(process.clock.now), process)

    try:
        _called(passed, configuration, log, process)
    except SyncError as error:
        return str(error)
    return None


def _called(work: Callable[[], _T], configuration: Configuration, log: Log, process: Process) -> _T:
    """Return the result of one call's work. Raises its failure as a new error that nothing else hangs on."""
    if isinstance(process.clock, SystemClock):
        process.clock.begin()
    given = request_values.flat(configuration)
    told = connector_log.told_to(log, process.clock.now)
    with told, masking.secrets_masked(secrets(given)), logs.call("connector", None, None):
        try:
            return work()
        except SyncError as error:
            failure = SyncError(masking.fit(str(error)), error.status)
        except Exception as error:  # noqa: BLE001  the one place where a fault of our own becomes a message
            _log.exception("a fault of this program; report it")
            failure = user_safe(error)
    raise failure
