"""The queue of tasks on an emulator of Cloud Tasks: a task is given out by HTTP, again and again until it is answered 2xx."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from emulators.tasks_emulator import QUEUE
from google.api_core import exceptions
from google.cloud import tasks_v2
from msgspec.structs import replace

from langsmith_core.destinations.tasks import queue as queues
from langsmith_core.errors import ConfigError, SyncError
from langsmith_core.settings.config import Settings
from samples import settings

WAITING_SECONDS = 60
ACCOUNT = "tasks@my-project.iam.gserviceaccount.com"


class Receiver:
    """A target that answers with these statuses, one after the other, and keeps what came."""

    def __init__(self, statuses: list[int]) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.all_came, self.url, self.statuses = threading.Event(), "", statuses

    def took(self, headers: dict[str, str], task: bytes) -> int:
        """Keep a task, and return the status to answer."""
        self.came.append((headers, task))
        if len(self.came) == len(self.statuses):
            self.all_came.set()
        return self.statuses[min(len(self.came), len(self.statuses)) - 1]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A target on loopback that is busy once, fails once, and then is well."""
    one = Receiver([409, 503, 200])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            task = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(one.took({name.lower(): value for name, value in self.headers.items()}, task))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Be silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        one.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield one
        server.shutdown()


def of(url: str, queue: str = QUEUE) -> Settings:
    """Settings of a function that tasks call at an address."""
    return replace(settings(), tasks_queue=queue, tasks_url=url)


@pytest.mark.usefixtures("tasks_emulator")
def test_a_task_is_given_out_until_it_is_answered_well(receiver: Receiver) -> None:
    """It comes as JSON under its name, again after a 409 and a 503, and no more after a 200."""
    with queues.connected(of(receiver.url)) as queue:
        queue.add("abc", b'{"shard":"s","turn":3}')
    assert receiver.all_came.wait(WAITING_SECONDS)
    assert [json.loads(task) for _, task in receiver.came] == [{"shard": "s", "turn": 3}] * 3
    assert {headers["x-cloudtasks-taskname"] for headers, _ in receiver.came} == {"abc"}
    assert {headers["content-type"] for headers, _ in receiver.came} == {"application/json"}


@pytest.mark.usefixtures("tasks_emulator")
def test_a_missing_queue_is_a_mistake_of_the_configuration() -> None:
    """The message names the key, the queue and the page that explains it."""
    missing = QUEUE.replace("shards", "none")
    with (
        queues.connected(of("http://localhost/", missing)) as queue,
        pytest.raises(ConfigError, match=f"TASKS_QUEUE: .*{missing}"),
    ):
        queue.add("abc", b"{}")


class Refusing:
    """A client whose requests all fail."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked: list[tasks_v2.Task] = []

    def create_task(self, *, parent: str, task: tasks_v2.Task, timeout: float) -> None:
        """Fail."""
        assert (parent, timeout) == (QUEUE, queues.ADD_SECONDS)
        self.asked.append(task)
        raise self.error


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (exceptions.PermissionDenied("no"), ConfigError),
        (exceptions.NotFound("no"), ConfigError),
        (exceptions.ServiceUnavailable("later"), SyncError),
        (exceptions.ResourceExhausted("quota"), SyncError),
        (exceptions.DeadlineExceeded("slow"), SyncError),
    ],
)
def test_what_failures_mean(error: Exception, raised: type[SyncError]) -> None:
    """A person must act, or the next pass adds the task: 400 or 503."""
    client: Any = Refusing(error)
    queue = queues.TaskQueue(client, of("https://f"))
    with pytest.raises(raised) as caught:
        queue.add("abc", b"{}")
    assert caught.value.status == (400 if raised is ConfigError else 503)


def test_a_name_that_was_added_before_is_no_failure() -> None:
    """ALREADY_EXISTS means that nothing is to be done. The task carries the account's token for the address, and 30 minutes."""
    client: Any = Refusing(exceptions.AlreadyExists("it is there"))
    queues.TaskQueue(client, replace(of("https://f"), tasks_account=ACCOUNT)).add("abc", b"{}")
    (task,) = client.asked
    assert task.name == f"{QUEUE}/tasks/abc"
    assert (task.http_request.oidc_token.service_account_email, task.http_request.oidc_token.audience) == (ACCOUNT, "https://f")
    assert task.dispatch_deadline == queues.DEADLINE
