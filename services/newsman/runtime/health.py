"""Health, readiness and metrics, the same for every service."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsman.runtime.instance import own_name
from newsman.web.server.serve import serve_in_thread
from newsman.web.slash_redirects import redirect_slashes

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes that serve together keep their metrics; prometheus_client reads it at import."""

READY_SECONDS = 0.9
"""`/readyz` answers within a second, whatever it asks."""

Check = Callable[[], str | None]
"""Says what is wrong in one sentence, or None; may block for a second or two."""


class Pulse:
    """The service's last sign that its main loop still turns; safe across threads."""

    def __init__(
        self, *, limit_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit_seconds = limit_seconds
        self._clock = clock
        self._beat_at = clock()
        self._beats = 0
        self._excuses = 0

    @property
    def beats(self) -> int:
        """A number that grows with every turn, and while a wait is excused."""
        if self._excuses:
            self._beats += 1
        return self._beats

    def beat(self) -> None:
        """The loop has turned once more."""
        self._beat_at = self._clock()
        self._beats += 1

    @contextmanager
    def excused(self) -> Iterator[None]:
        """For a wait that ends by itself, however long: nobody is to end the process for it."""
        self._excuses += 1
        try:
            yield
        finally:
            self._excuses -= 1
            self.beat()

    def problem(self) -> str | None:
        """The problem, once the loop has stood still for longer than the limit."""
        silent_seconds = self._clock() - self._beat_at
        if silent_seconds <= self._limit_seconds:
            return None
        return f"the main loop has stood still for {silent_seconds:.0f} s"


class TimedCheck:
    """A check asked in a thread, once at a time however many requests wait for its answer."""

    def __init__(self, check: Check) -> None:
        self._check = check
        self._asking: asyncio.Future[str | None] | None = None

    async def problem(self) -> str | None:
        """The problem that the check reports; silence is one after `READY_SECONDS`."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(run_in_threadpool(self._check))
        await asyncio.wait({self._asking}, timeout=READY_SECONDS)
        if not self._asking.done():
            return f"no answer within {READY_SECONDS:g} s"
        return self._asking.result()


async def _problems(checks: Mapping[str, TimedCheck]) -> dict[str, str | None]:
    answers = await asyncio.gather(*(check.problem() for check in checks.values()))
    return dict(zip(checks, answers, strict=True))


def ops_routes(
    *,
    service: str,
    alive: Check,
    ready: dict[str, Check],
    notes: dict[str, Check] | None = None,
    registry: Callable[[], CollectorRegistry] | None = None,
) -> list[Route]:
    """`/healthz` (the process works), `/readyz` (so does what it needs), `/metrics`.

    `notes` say in `/readyz` what an operator should know without failing it.
    """
    needs = {name: TimedCheck(check) for name, check in {"loop": alive, **ready}.items()}
    remarks = {name: TimedCheck(note) for name, note in (notes or {}).items()}

    async def healthz(_: Request) -> Response:
        problem = await run_in_threadpool(alive)
        return _verdict(service, {"loop": problem})

    async def readyz(_: Request) -> Response:
        problems, notes_now = await asyncio.gather(_problems(needs), _problems(remarks))
        return _verdict(service, problems, notes_now)

    async def metrics(_: Request) -> Response:
        collected = (registry or own_registry)()
        return Response(generate_latest(collected), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]


def own_registry() -> CollectorRegistry:
    """This process's metrics, or those of all that serve together."""
    return registry_of(os.environ[METRICS_FOLDER]) if METRICS_FOLDER in os.environ else REGISTRY


def registry_of(folder: str) -> CollectorRegistry:
    """The metrics of all processes that keep theirs in this folder."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return registry


def _verdict(
    service: str, problems: dict[str, str | None], notes: dict[str, str | None] | None = None
) -> Response:
    failing = {name: problem for name, problem in problems.items() if problem}
    remarks = {name: note for name, note in (notes or {}).items() if note}
    body = {
        "service": service,
        "instance": own_name(),
        "version": version("newsman"),
        "status": "failing" if failing else "ok",
        "problems": failing,
    }
    if remarks:
        body["notes"] = remarks
    return JSONResponse(body, status_code=503 if failing else 200)


def never() -> str | None:
    """The liveness of an HTTP server: that it answers at all."""
    return None


def first_problem(*checks: Check) -> Check:
    """The first problem that one of the checks has."""

    def check() -> str | None:
        return next((problem for each in checks if (problem := each())), None)

    return check


def serve_ops(
    routes: list[Route], *, host: str, port: int, variable: str = "NEWSMAN_PORT"
) -> Callable[[], None]:
    """Serves the routes from a thread of its own; returns what stops it.

    Raises SettingsError, naming the variable, if nothing can listen there.
    """
    app = redirect_slashes(Starlette(routes=routes))
    return serve_in_thread(app, host=host, port=port, variable=variable)
