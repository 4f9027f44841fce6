"""The `fivetran` target: answer one call of Fivetran's Function connector, a sync or a setup test.

Not here: the wire format of requests and answers (fivetran), or what is read (sync.engine).
"""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from langsmith_core import logs, masking
from langsmith_core.calls import CREDENTIALS
from langsmith_core.errors import OutOfTimeError
from langsmith_core.faces import callers, fivetran
from langsmith_core.faces.account import Account, log_pass
from langsmith_core.faces.process import Process
from langsmith_core.langsmith.client import LangSmith
from langsmith_core.langsmith.time_limit import LEAST_SECONDS
from langsmith_core.settings import config
from langsmith_core.settings.config import Settings
from langsmith_core.settings.keys import secrets
from langsmith_core.sync import engine, project_names, state_json

if TYPE_CHECKING:
    import flask

SETUP_SECONDS, SETUP_READ_SECONDS = 20 - LEAST_SECONDS, 10
"""A setup test takes twenty seconds at most: the last attempt may begin at SETUP_SECONDS and end LEAST_SECONDS later."""
_log = logging.getLogger(__name__)


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
    limits = process.limits(settings, fivetran.rows_bytes_max(settings.bytes_max), stamped=False)
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
    deadline = process.clock.now() + timedelta(seconds=SETUP_SECONDS)
    client = LangSmith(settings, process.clock, deadline, process.session, SETUP_READ_SECONDS, grace_seconds=0)
    account.client = client
    client.fetch(CREDENTIALS)
    try:
        project_names.resolved(settings, client.fetch, first=True)
        project_names.left_out(settings, client.fetch)
    except OutOfTimeError:
        _log.warning("the setup test had no time to look up all of PROJECTS and PROJECTS_EXCLUDE; the first sync does")
    _log.info("the setup test passed", extra=logs.event("setup", status=200, **account.figures()))
    return fivetran.setup_answer(state)
