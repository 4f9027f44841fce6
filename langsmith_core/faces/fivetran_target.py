"""The `fivetran` target: answer one call of Fivetran's Function connector, a sync or a setup test.

Not here: the wire format of requests and answers (fivetran), or what is read (sync.engine).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from langsmith_core import logs, masking
from langsmith_core.faces import callers, fivetran, setup_test
from langsmith_core.faces.account import Account, log_pass
from langsmith_core.faces.process import Process
from langsmith_core.settings import config
from langsmith_core.settings.config import Settings
from langsmith_core.settings.keys import secrets
from langsmith_core.sync import engine, state_json

if TYPE_CHECKING:
    import flask


def respond(request: flask.Request, account: Account, process: Process) -> bytes:
    """Return the JSON answer to one call. Raises SyncError where the call got nothing."""
    callers.allow(request, "POST")
    asked = fivetran.parse(request.get_data())
    masking.add_secrets(secrets(asked.values))
    logs.name_sync(asked.sync_id)
    settings = config.load(os.environ, asked.values, process.clock.now())
    work = _setup_test if asked.setup_test else _pull
    return work(settings, asked.state, account, process)


def _pull(settings: Settings, given: Any, account: Account, process: Process) -> bytes:
    """Read one batch from where the given state stands, and answer with its rows and the new state."""
    state = state_json.load(given, settings.source)
    known_names, client = process.names.of(settings, state), process.client(settings)
    account.client = client
    limits = process.limits(settings, fivetran.rows_bytes_max(settings.bytes_max))
    before = process.under_way.of(settings, state, process.clock.now())
    reader = engine.Engine(settings, client, client.clock.now, limits, known_names, account.remarks, before)
    account.matches = reader.matches
    batch = next(reader.batches(state))
    reader.matches.warn()
    process.names.keep(settings, batch.state, known_names)
    process.under_way.keep(settings, batch.state, process.clock.now(), reader.ahead)
    account.rows = batch.counts()
    log_pass(account.closed(has_more=batch.has_more), batch.state, batch.size, process.clock.now())
    return fivetran.answer(batch)


def _setup_test(settings: Settings, state: Any, account: Account, process: Process) -> bytes:
    """Check the key and the workspace by one cheap request, and look up the project names that the settings give."""
    setup_test.passed(settings, account, process)
    return fivetran.setup_answer(state)
