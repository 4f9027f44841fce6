"""Handle one HTTP request of either target: run its work, and answer with the result or the failure as JSON.

Here: what surrounds every call: secrets kept out of messages, the fields of its log lines, its one summary of a failure.
Not here: what a target does (fivetran_target, sync_target), or how an error is written as JSON (callers).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Response

from langsmith_core import logs, masking
from langsmith_core.clock import SystemClock
from langsmith_core.errors import BusyError, SyncError, user_safe
from langsmith_core.faces import body, callers
from langsmith_core.faces.account import Account
from langsmith_core.faces.process import Process
from langsmith_core.settings.keys import secrets

if TYPE_CHECKING:
    import flask

_log = logging.getLogger(__name__)


def handle(
    request: flask.Request, target: str, process: Process, work: Callable[[flask.Request, Account, Process], bytes | Response]
) -> Response:
    """Answer a request with what `work` returns, bytes being JSON, or with its failure as JSON under the failure's status.

    Either way one log line sums up the call. Lines about single records come before the answer.
    """
    if isinstance(process.clock, SystemClock):
        process.clock.begin()
    account = Account(process.clock.now)
    trace, project = request.headers.get("X-Cloud-Trace-Context"), os.environ.get("GOOGLE_CLOUD_PROJECT")
    with masking.secrets_masked(secrets(os.environ)), logs.call(target, trace, project):
        try:
            if not os.environ.get("K_SERVICE"):
                callers.from_here(request.headers)
            body.read(request)
            done = work(request, account, process)
            return done if isinstance(done, Response) else Response(done, 200, mimetype="application/json")
        except SyncError as error:
            level = logging.INFO if isinstance(error, BusyError) else logging.ERROR
            _log.log(level, "%s", error, extra=logs.event("failure", status=error.status, **account.figures()))
            return callers.answer(error)
        except Exception as error:  # noqa: BLE001  the one place where a fault of our own becomes an answer
            failure = user_safe(error)
            fields = logs.event("failure", status=failure.status, **account.figures())
            _log.exception("a fault of this program; report it", extra=fields)
            return callers.answer(failure)
        finally:
            account.remarks.tell()
