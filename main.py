"""The HTTP targets `fivetran` and `sync`: wiring only. What each does lies in langsmith_core/faces/.

Start one of them:

    functions-framework --source main.py --target fivetran|sync --host 127.0.0.1
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import functions_framework
from werkzeug.exceptions import HTTPException

from langsmith_core import logs
from langsmith_core.calls import Start
from langsmith_core.clock import Clock, SystemClock
from langsmith_core.faces import callers, fivetran_target, handler, sync_target
from langsmith_core.faces.process import Process
from langsmith_core.langsmith import client, under_way
from langsmith_core.sync import ahead, names

if TYPE_CHECKING:
    import flask
    import requests

CLOCK: Clock = SystemClock()
NAMES = names.Remembered()
UNDER_WAY = ahead.Kept()
START: Start = under_way.in_thread
SESSION: requests.Session = client.session(under_way.THREADS_MAX)
logs.install()


@functions_framework.http
def fivetran(request: flask.Request) -> flask.Response:
    """Answer one call of Fivetran's Function connector."""
    return handler.handle(request, "fivetran", _process(), fivetran_target.respond)


@functions_framework.http
def sync(request: flask.Request) -> flask.Response:
    """POST runs one bounded pass into the sink. GET shows the status; HEAD answers the same without a body."""
    reads = request.method in ("GET", "HEAD")
    return handler.handle(request, "sync", _process(), sync_target.show_status if reads else sync_target.run_pass)


def refuse(error: HTTPException) -> flask.Response:
    """Answer as JSON what the web framework refuses before a target runs, such as a reserved path."""
    return callers.answer(callers.refusal(error))


for _kind in (HTTPException, 500):
    functions_framework.errorhandler(_kind)(refuse)


def _process() -> Process:
    return Process(CLOCK, SESSION, NAMES, UNDER_WAY, START)
