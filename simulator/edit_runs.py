"""Create and change runs: the defaults of a run, and the fields that follow from others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Unpack

from simulator.fields import RunFields
from simulator.names import split_names
from simulator.records import Run
from simulator.store import Store, optional_moment
from simulator.times import order_stamp

COLUMNS = split_names(
    "name run_type status inputs outputs events serialized error tags total_tokens prompt_tokens completion_tokens "
    "prompt_token_details completion_token_details total_cost prompt_cost completion_cost prompt_cost_details "
    "completion_cost_details reference_example_id offloaded attachments"
)
MOMENTS = ("end_time", "first_token_time", "visible_at")
THREAD_KEYS = ("session_id", "thread_id", "conversation_id")  # metadata keys that put a run into a thread


class RunEdits(Store):
    """Editing methods for runs."""

    def add_run(self, project_id: str, **fields: Unpack[RunFields]) -> str:
        """Add a run; returns its id. It is a root unless it has a parent, and finished unless it is pending."""
        ident = fields.get("id") or self.new_id()
        start = self.moment(fields.get("start_time"), self.clock.now())
        parent = self.runs.get(fields.get("parent_run_id") or "")
        run = Run(
            id=ident,
            project_id=project_id,
            trace_id=fields.get("trace_id") or (parent.trace_id if parent else ident),
            dotted_order=fields.get("dotted_order") or _dotted_order(parent, start, ident),
            name=fields.get("name", "run"),
            run_type=fields.get("run_type", "chain"),
            start_time=start,
            end_time=self._end(start, fields),
            status="pending",
            parent_run_id=fields.get("parent_run_id"),
            inputs={"question": "what is it?"},
        )
        run.parent_run_ids = _ancestors(run)
        if run.end_time is not None:
            run.outputs = {"answer": "it is that"}
        self._change_run(run, fields)
        run.status = fields.get("status") or _status(run)
        self.index_run(run)
        return ident

    def update_run(self, run_id: str, **fields: Unpack[RunFields]) -> str:
        """Change a run; no timestamp announces it."""
        run = self.runs[run_id]
        if "start_time" in fields or "reference_example_id" in fields:
            self.unindex_run(run)
            run.start_time = self.moment(fields.get("start_time"), run.start_time)
            self._change_run(run, fields)
            self.index_run(run)
        else:
            self._change_run(run, fields)
        self.touch_usage(run)
        if "status" not in fields and ({"end_time", "error"} & fields.keys()):
            run.status = _status(run)
        self.touch_project(run.project_id)
        return run_id

    def finish_run(self, run_id: str, **fields: Unpack[RunFields]) -> str:
        """End a pending run with outputs or an error, now unless an end time is given."""
        fields.setdefault("end_time", self.clock.now())
        if fields.get("error") is None:
            fields.setdefault("outputs", {"answer": "it is that"})
        return self.update_run(run_id, **fields)

    def delete_run(self, run_id: str) -> str:
        """Delete a run with its feedback; nothing announces it."""
        self.drop_feedback({feedback.id for feedback in self.run_feedback[run_id]})
        self.touch_project(self.runs[run_id].project_id)
        self.unindex_run(self.runs[run_id])
        return run_id

    def _end(self, start: datetime, fields: RunFields) -> datetime | None:
        if "end_time" in fields or fields.get("status") == "pending":
            return optional_moment(fields.get("end_time"))
        return max(start, min(start + timedelta(seconds=1), self.clock.now()))

    @staticmethod
    def _change_run(run: Run, fields: RunFields) -> None:
        given: dict[str, Any] = dict(fields)
        for column in COLUMNS:
            if column in given:
                setattr(run, column, given[column])
        for column in MOMENTS:
            if column in given:
                setattr(run, column, optional_moment(given[column]))
        _change_extra(run, given)
        run.renderings.clear()
        run.payloads.clear()


def _change_extra(run: Run, given: dict[str, Any]) -> None:
    """Set `extra`, and merge separately given metadata and thread into it."""
    if "extra" in given:
        run.extra = given["extra"]
    added = {key: given[key] for key in ("metadata",) if given.get(key) is not None}
    if given.get("thread_id") is not None:
        base = added.get("metadata", metadata_of(run) or {})
        added["metadata"] = {**base, "thread_id": given["thread_id"]} if isinstance(base, dict) else base
    if added:
        run.extra = {**(run.extra or {}), **added} if not _opaque(run.extra) else run.extra
    metadata = metadata_of(run)
    named = [metadata[key] for key in THREAD_KEYS if metadata.get(key)] if isinstance(metadata, dict) else []
    run.thread_id = given.get("thread_id") or (str(named[0]) if named else run.thread_id)


def metadata_of(run: Run) -> Any:
    """The run's metadata; None if it stands inside a RawJson, which is never parsed."""
    return run.extra.get("metadata") if isinstance(run.extra, dict) else None


def _opaque(extra: object) -> bool:
    return extra is not None and not isinstance(extra, dict)


def _status(run: Run) -> str:
    if run.error is not None:
        return "error"
    return "pending" if run.end_time is None else "success"


def _dotted_order(parent: Run | None, start: datetime, ident: str) -> str:
    own = order_stamp(start) + ident
    return f"{parent.dotted_order}.{own}" if parent else own


def _ancestors(run: Run) -> tuple[str, ...]:
    """The ids of the ancestors from a dotted order, the root first and the direct parent last."""
    return tuple(part.split("Z", 1)[1] for part in run.dotted_order.split(".")[:-1])
