"""The queue of tasks: Google Cloud Tasks gives each task to `sync` until it is answered 2xx, and takes each name once.

Here: adding a task, and what failures mean. Not here: what a task asks for (faces.sharded). How often and how many at once: the
queue's own settings (terraform/tasks.tf).

With CLOUD_TASKS_EMULATOR_HOST (`host:port`) set, an emulator is asked, without credentials.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import grpc
from google.api_core import exceptions
from google.auth import exceptions as auth
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from langsmith_core.errors import ConfigError, SyncError
from langsmith_core.settings.config import Settings

EMULATOR = "CLOUD_TASKS_EMULATOR_HOST"
DEADLINE = timedelta(minutes=30)
"""The longest that a task may wait for its answer, which is Google's bound. MAX_SECONDS ends a turn before."""
ADD_SECONDS = 20.0
WORDS_MAX = 200
ACTS: tuple[type[Exception], ...] = (
    exceptions.NotFound,
    exceptions.InvalidArgument,
    exceptions.PermissionDenied,
    exceptions.Unauthenticated,
    exceptions.FailedPrecondition,
)
"""Failures after which a person must act. All others may pass."""


class TaskQueue:
    """One queue. Tasks call `url`, as the account, whose token names that address."""

    def __init__(self, client: tasks_v2.CloudTasksClient, settings: Settings) -> None:
        self._client, self._queue = client, settings.tasks_queue or ""
        self._url, self._account = settings.tasks_url or "", settings.tasks_account or ""

    def add(self, name: str, task: bytes) -> None:
        """Add a task with this body. Where one of this name was added before, nothing is to be done.

        Raises ConfigError where a person must act, else SyncError 503.
        """
        made = tasks_v2.Task(
            name=f"{self._queue}/tasks/{name}",
            dispatch_deadline=DEADLINE,
            http_request=self._request(task),
        )
        try:
            self._client.create_task(parent=self._queue, task=made, timeout=ADD_SECONDS)
        except exceptions.AlreadyExists:
            return
        except exceptions.GoogleAPICallError as error:
            raise self._failure(error) from error

    def _request(self, task: bytes) -> tasks_v2.HttpRequest:
        token = tasks_v2.OidcToken(service_account_email=self._account, audience=self._url)
        kind = {"Content-Type": "application/json"}
        return tasks_v2.HttpRequest(url=self._url, http_method="POST", headers=kind, body=task, oidc_token=token)

    def _failure(self, error: exceptions.GoogleAPICallError) -> SyncError:
        told = f"TASKS_QUEUE: Cloud Tasks refuses a task for {self._queue}: {error!s:.{WORDS_MAX}}"
        if isinstance(error, ACTS):
            return ConfigError(f"{told}; see docs/scale.md for the queue, its roles and its address")
        return SyncError(f"{told}; the next pass adds it", 503)


@contextmanager
def connected(settings: Settings) -> Iterator[TaskQueue]:
    """Yield the settings' queue, and close the connection when the block ends. Raises ConfigError without credentials."""
    host = os.environ.get(EMULATOR)
    try:
        transport = CloudTasksGrpcTransport(channel=grpc.insecure_channel(host)) if host else None
        client = tasks_v2.CloudTasksClient(transport=transport)
    except auth.GoogleAuthError as error:
        raise ConfigError(
            f"TASKS_QUEUE: no Google credentials; give the function a service account ({error!s:.{WORDS_MAX}})"
        ) from error
    with client:
        yield TaskQueue(client, settings)
