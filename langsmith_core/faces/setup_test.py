"""A setup test: check the key and the workspace by one cheap request, and look up the projects that the settings name.

Not here: who asks for it, and what an answer looks like (fivetran_target, connector).
"""

from __future__ import annotations

import logging
from datetime import timedelta

from langsmith_core import logs
from langsmith_core.calls import CREDENTIALS
from langsmith_core.errors import OutOfTimeError
from langsmith_core.faces.account import Account
from langsmith_core.faces.process import Process
from langsmith_core.langsmith.client import LangSmith
from langsmith_core.langsmith.time_limit import LEAST_SECONDS
from langsmith_core.settings.config import Settings
from langsmith_core.sync import project_names

SETUP_SECONDS, SETUP_READ_SECONDS = 20 - LEAST_SECONDS, 10
"""A setup test takes twenty seconds at most: the last attempt may begin at SETUP_SECONDS and end LEAST_SECONDS later."""
_log = logging.getLogger(__name__)


def passed(settings: Settings, account: Account, process: Process) -> None:
    """Return where LangSmith takes the key and knows the projects. Raises SyncError."""
    deadline = process.clock.now() + timedelta(seconds=SETUP_SECONDS)
    client = LangSmith(settings, process.clock, deadline, process.session, SETUP_READ_SECONDS, grace_seconds=0)
    account.client = client
    client.fetch(CREDENTIALS)
    try:
        project_names.resolved(settings, client.fetch, first=True)
        project_names.left_out(settings, client.fetch)
    except OutOfTimeError:
        _log.warning(
            "the setup test had no time to look up all of PROJECTS and PROJECTS_EXCLUDE; the first sync checks the rest, "
            "wait for it"
        )
    _log.info("the setup test passed", extra=logs.event("setup", status=200, **account.figures()))
