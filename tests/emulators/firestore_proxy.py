"""A gRPC server between the product and the Firestore emulator: it counts requests, and refuses or loses them by plan.

Whoever sets FIRESTORE_EMULATOR_HOST to `address` uses it. With a `shift` these clients see a wrong server clock.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

import grpc
from google.cloud.firestore_v1 import types

TABLES: dict[str, tuple[Any, str]] = {
    "BatchGetDocuments": (types.BatchGetDocumentsResponse, "found"),
    "RunQuery": (types.RunQueryResponse, "document"),
}
SECONDS = 30


class Fault(NamedTuple):
    """A fault of one request: its method, the status it gets, and whether the emulator gets it all the same."""

    method: str
    code: grpc.StatusCode
    words: str
    applied: bool


class Proxy(grpc.GenericRpcHandler):  # type: ignore[misc]  # gRPC has no types
    """The server's one handler. `counts`: documents read, written and deleted, as Firestore bills them."""

    def __init__(self, emulator: str) -> None:
        self.address = ""
        self.counts: Counter[str] = Counter()
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self.channel = grpc.insecure_channel(emulator)
        self.shift = timedelta()

    def refuse(
        self, method: str, code: grpc.StatusCode, *, times: int = 1, words: str = "refused", applied: bool = False
    ) -> None:
        """Let the next requests of a method fail. If `applied`, the emulator does what they ask, and only the answer is lost."""
        self._faults += [Fault(method, code, words, applied)] * times

    def mend(self) -> None:
        """Remove all faults that are left."""
        self._faults.clear()

    def left(self) -> int:
        """Count the faults that have not happened yet."""
        return len(self._faults)

    def service(self, handler_call_details: Any) -> grpc.RpcMethodHandler[bytes, bytes]:
        """Handle a method as bytes."""
        path = handler_call_details.method
        name = path.rpartition("/")[2]

        def unary(request: bytes, context: grpc.ServicerContext) -> bytes:
            fault = self._fault(name)
            if fault and not fault.applied:
                context.abort(fault.code, fault.words)
            request = self._committed(request) if name == "Commit" else request
            try:
                answer: bytes = self.channel.unary_unary(path)(request, metadata=_metadata(context), timeout=SECONDS)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())
            if fault:
                context.abort(fault.code, fault.words)
            return self._written(answer) if name == "Commit" else answer

        def stream(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
            fault = self._fault(name)
            if fault:
                context.abort(fault.code, fault.words)
            try:
                for answer in self.channel.unary_stream(path)(request, metadata=_metadata(context), timeout=SECONDS):
                    yield self._read(name, answer)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())

        if name in TABLES:
            return grpc.unary_stream_rpc_method_handler(stream)
        return grpc.unary_unary_rpc_method_handler(unary)

    def _fault(self, method: str) -> Fault | None:
        with self._lock:
            found = next((one for one in self._faults if one.method == method), None)
            if found:
                self._faults.remove(found)
            return found

    def _committed(self, request: bytes) -> bytes:
        """Count the request's writes, and set its conditions by the server's own clock."""
        message = types.CommitRequest.deserialize(request)
        with self._lock:
            self.counts.update("deletes" if write.delete else "writes" for write in message.writes)
        for write in message.writes:
            if "update_time" in write.current_document:
                write.current_document.update_time -= self.shift
        return bytes(types.CommitRequest.serialize(message))

    def _written(self, answer: bytes) -> bytes:
        message = types.CommitResponse.deserialize(answer)
        for result in message.write_results:
            if "update_time" in result:
                result.update_time += self.shift
        return bytes(types.CommitResponse.serialize(message))

    def _read(self, method: str, answer: bytes) -> bytes:
        kind, field = TABLES[method]
        message = kind.deserialize(answer)
        message.read_time += self.shift
        with self._lock:
            self.counts["reads"] += field in message or bool(getattr(message, "missing", ""))
        if field in message:
            getattr(message, field).update_time += self.shift
        return bytes(kind.serialize(message))


def _metadata(context: grpc.ServicerContext) -> tuple[tuple[str, str | bytes], ...]:
    own = ("user-agent", "grpc-")
    return tuple((name, value) for name, value in context.invocation_metadata() if not name.startswith(own))


@contextmanager
def running(emulator: str) -> Iterator[Proxy]:
    """Run a proxy in front of the emulator at that address."""
    proxy = Proxy(emulator)
    server = grpc.server(futures.ThreadPoolExecutor(8), handlers=[proxy])
    proxy.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield proxy
    finally:
        server.stop(None).wait()
        proxy.channel.close()
