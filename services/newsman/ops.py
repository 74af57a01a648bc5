"""Health, readiness and metrics, the same for every service."""

import logging
import os
import threading
import time
from collections.abc import Callable

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

log = logging.getLogger(__name__)

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes that serve together keep their metrics; prometheus_client reads it at import."""

Check = Callable[[], str | None]
"""Says what is wrong in one sentence, or None; may block for a second or two."""


class Pulse:
    """When the service last showed that its main loop still turns; safe across threads."""

    def __init__(
        self, *, limit_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit_seconds = limit_seconds
        self._clock = clock
        self._beat_at = clock()

    def beat(self) -> None:
        """The loop has turned once more."""
        self._beat_at = self._clock()

    def problem(self) -> str | None:
        """What is wrong, once the loop has stood still for longer than the limit."""
        silent_seconds = self._clock() - self._beat_at
        if silent_seconds <= self._limit_seconds:
            return None
        return f"the main loop has stood still for {silent_seconds:.0f} s"


def ops_routes(
    *,
    service: str,
    alive: Check,
    ready: dict[str, Check],
    notes: dict[str, Check] | None = None,
) -> list[Route]:
    """`/healthz` (the process works), `/readyz` (so does what it needs), `/metrics`.

    `notes` say in `/readyz` what an operator should know without failing it.
    """

    async def healthz(_: Request) -> Response:
        problem = alive()
        return _verdict(service, {"loop": problem})

    async def readyz(_: Request) -> Response:
        problems = {name: await run_in_threadpool(check) for name, check in ready.items()}
        told = {name: await run_in_threadpool(note) for name, note in (notes or {}).items()}
        return _verdict(service, {"loop": alive(), **problems}, told)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(_registry()), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]


def _registry() -> CollectorRegistry:
    """This process's metrics, or those of all that serve together."""
    if METRICS_FOLDER not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _verdict(
    service: str, problems: dict[str, str | None], notes: dict[str, str | None] | None = None
) -> Response:
    failing = {name: problem for name, problem in problems.items() if problem}
    told = {name: note for name, note in (notes or {}).items() if note}
    body = {"service": service, "status": "failing" if failing else "ok", "problems": failing}
    if told:
        body["notes"] = told
    return JSONResponse(body, status_code=503 if failing else 200)


def never() -> str | None:
    """The liveness of an HTTP server: that it answers at all."""
    return None


def serve_ops(routes: list[Route], *, host: str, port: int) -> Callable[[], None]:
    """Serves the routes from a thread of its own; returns what stops it."""
    config = uvicorn.Config(
        Starlette(routes=routes), host=host, port=port, log_level="warning", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="ops", daemon=True)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join(timeout=5)

    return stop
