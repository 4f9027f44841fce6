"""Passes of a backfill that several instances read: the scheduled pass gives it out, and each task runs one turn of a shard.

A scheduled pass takes over what the shards leave once all are done. Then it runs as ever. Then it makes the shards' documents fit
its state: it makes what is missing, each with a task, and removes what belongs to no backfill. Every step may be repeated.

A task names its shard and a turn. A turn is one bounded pass. Its last save counts the turn, and then the next turn's task is
made, by a name that only depends on shard and turn. So a repeated task finds its turn made, and makes sure of the next one.

Here: whose turn it is. Not here: the pass (one_pass), the windows (sync.shards), documents and tasks (destinations).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta, Struct

from langsmith_core.errors import ConfigError
from langsmith_core.faces import body, destination, one_pass
from langsmith_core.faces.account import Account
from langsmith_core.faces.one_pass import Ended
from langsmith_core.faces.process import Process
from langsmith_core.faces.standalone import Store
from langsmith_core.prepared import prepared
from langsmith_core.settings.config import Settings
from langsmith_core.streams.bounds import Count
from langsmith_core.sync import scope, shards, state_json
from langsmith_core.sync.shards import Standing
from langsmith_core.sync.state import Pass, State

STILL_SECONDS = 3_600.0
"""A shard that has not moved for so long gets another task, and one more for each time as long. Its own may be lost."""
_log = logging.getLogger(__name__)


class Turn(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The body of a task: one turn of a shard, of a workspace where there are several."""

    shard: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}-[0-9]{1,3}\Z")]
    turn: Count
    workspace: str | None = None


_TURN = prepared(Turn)


class Heads(Protocol):
    """The documents of a position's shards."""

    def standing(self) -> dict[str, Standing]:
        """Return where each existing shard stands, by its id."""

    def state(self, shard: str) -> Any:
        """Return a shard's state, as plain values."""

    def create(self, shard: str, state: State) -> None:
        """Make a shard's document. One that exists stays as it is."""

    def remove(self, shard: str) -> None:
        """Remove a shard's document. A pass that holds it can then write no more."""

    def opened(self, shard: str) -> AbstractContextManager[Store | None]:
        """Hold a shard until the block ends; None where it does not exist. Raises BusyError where another pass holds it."""


class Queue(Protocol):
    """The queue of tasks."""

    def add(self, name: str, task: bytes) -> None:
        """Add a task with this body. Where one of this name was added before, nothing is to be done."""


def asked(request_body: bytes) -> Turn | None:
    """Return the turn that a body names; None where it names no shard. Raises ConfigError for one that no task has."""
    if b"shard" not in request_body:
        return None
    try:
        return msgspec.convert(body.fields(request_body), _TURN)
    except msgspec.ValidationError as error:
        raise ConfigError(f'body: it is not a task of this program ({error}); send {{"shard": "...", "turn": 0}}') from error


def scheduled(settings: Settings, account: Account, process: Process, workspace: str | None = None) -> Ended:
    """Run the scheduled pass. Its answer has more while a shard has. Tasks name the `workspace` where there are several."""
    with ExitStack() as held:
        limits = one_pass.limits(settings, process, instances=settings.shards)
        places = held.enter_context(destination.opened(settings, limits.seconds_left))
        heads = held.enter_context(destination.shards(settings))
        part = held.enter_context(destination.share(settings, looks=True))
        state = _taken_over(one_pass.loaded(places[1], settings), settings, heads)
        ended = one_pass.run(settings, account, process, places, state, limits, part=part)
        add = partial(_add, held.enter_context(destination.queue(settings)), settings, workspace)
        waiting = _fitted(ended.state, heads, add)
    return Ended(msgspec.structs.replace(ended.done, has_more=ended.done.has_more or waiting), ended.state)


def turn(settings: Settings, account: Account, process: Process, task: Turn) -> Pass:
    """Run one turn of a shard, unless it is made already, and add the task of the next one. Nothing is done past the end."""
    with ExitStack() as held:
        heads = held.enter_context(destination.shards(settings))
        store = held.enter_context(heads.opened(task.shard))
        state = one_pass.loaded(store, settings) if store else None
        if store is None or state is None or state.turn is None or shards.is_done(state) or state.scope != scope.of(settings):
            _log.info("shard %s has nothing left to read", task.shard)
            return account.closed(has_more=False)
        done = account.closed(has_more=True)
        if state.turn <= task.turn:
            limits = one_pass.limits(settings, process)
            places = (held.enter_context(destination.sink(settings, limits.seconds_left)), store)
            part = held.enter_context(destination.share(settings, looks=False))
            ended = one_pass.run(settings, account, process, places, state, limits, part=part)
            done, state = ended.done, ended.state
    if not shards.is_done(state):
        with destination.queue(settings) as queue:
            _add(queue, settings, task.workspace, task.shard, state.turn or 0)
    return msgspec.structs.replace(done, has_more=not shards.is_done(state))


def _taken_over(state: State, settings: Settings, heads: Heads) -> State:
    """End the backfill where all its shards are done."""
    given = shards.begun(state)
    if not given:
        return state
    standing = heads.standing()
    done = [one for one in given if one in standing and standing[one].done]
    _log.info("%d of %d shards of the backfill are done", len(done), len(given))
    if len(done) < len(given):
        return state
    return shards.absorbed(state, [state_json.load(heads.state(one), settings.source) for one in given])


def _fitted(state: State, heads: Heads, add: Callable[..., None]) -> bool:
    """Make the shards' documents and tasks fit the state. Return whether shards are still to be waited for."""
    given, standing = shards.begun(state), heads.standing()
    for one in standing.keys() - given.keys():
        heads.remove(one)
    for one in reversed(list(given)):  # the newest first, as people need them
        found = standing.get(one)
        if found is None:
            heads.create(one, given[one])
            add(one, 0)
        elif not found.done and found.still_seconds >= STILL_SECONDS:
            add(one, found.turn, int(found.still_seconds // STILL_SECONDS))
    return bool(given)


def _add(queue: Queue, settings: Settings, workspace: str | None, shard: str, number: int, again: int = 0) -> None:
    queue.add(_name((settings.position, shard, number, again)), msgspec.json.encode(Turn(shard, number, workspace)))


def _name(parts: Iterable[object]) -> str:
    """Name a task by all that tells it from others. Google advises against names in sequence."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]
