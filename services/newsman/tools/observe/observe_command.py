"""`newsman observe`: numbers of an installation for Prometheus, and notices of its sources."""

import argparse
import logging
import signal
import threading
import time
from contextlib import closing

from redis.exceptions import RedisError

from newsman.kafka.clients import build_producer
from newsman.kafka.log import AWAY
from newsman.runtime.health import Check, Pulse, ops_routes, serve_ops
from newsman.runtime.logs import configure_logging
from newsman.runtime.outage import Outage
from newsman.settings import ObserveSettings, read_settings
from newsman.terminal.endings import CommandFailed
from newsman.tools import metrics
from newsman.tools.observe.installation_metrics import InstallationLook
from newsman.tools.observe.source_watch import SourceWatch, sender
from newsman.tools.observe.span_export import otlp_exporter
from newsman.tools.observe.trace_watch import TraceWatch
from newsman.tools.operate.installation import open_installation
from newsman_schemas.topics import SOURCE_NOTICED

log = logging.getLogger(__name__)

STALLED_SECONDS = 300.0
"""A first look reads a month of articles."""
AGAIN_SECONDS = 2.0
UNTIL_THEN = "the first look is not over"


class Observer:
    """Looks until it is told to stop, and again after whatever it looks at was away."""

    def __init__(self, settings: ObserveSettings, every_seconds: float) -> None:
        self._settings = settings
        self._exporter = otlp_exporter(settings.otlp_url) if settings.otlp_url else None
        self._every_seconds = every_seconds
        self._stopping = threading.Event()
        self.pulse = Pulse(limit_seconds=STALLED_SECONDS)
        self._problem: str | None = UNTIL_THEN

    def problem(self) -> str | None:
        """The reason why it cannot look, while there is one."""
        return self._problem

    def stop(self, *_: object) -> None:
        """Has the shape of a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Looks until the end."""
        outage = Outage(log, "the installation cannot be looked at")
        while not self._stopping.is_set():
            try:
                self._look_on(outage)
            except (*AWAY, RedisError, CommandFailed) as error:
                self._problem = str(error) or type(error).__name__
                metrics.looks.labels("away").inc()
                outage.failed(self._problem)
                self.pulse.beat()
                self._stopping.wait(AGAIN_SECONDS)

    def _look_on(self, outage: Outage) -> None:
        bootstrap, namespace = self._settings.kafka_bootstrap, self._settings.namespace
        with (
            open_installation() as there,
            closing(build_producer(bootstrap, client_id="newsman-observe")) as producer,
        ):
            numbers = InstallationLook(there)
            sources = SourceWatch(there, sender(producer, namespace, SOURCE_NOTICED))
            traces = TraceWatch(there, self._exporter) if self._exporter else None
            while not self._stopping.is_set():
                numbers.look()
                sources.look(time.time())
                if traces:
                    traces.look()
                metrics.looks.labels("whole").inc()
                self._problem = None
                outage.over()
                self.pulse.beat()
                self._stopping.wait(self._every_seconds)


def run(arguments: argparse.Namespace) -> int:
    """Looks until a signal ends it."""
    settings = read_settings(ObserveSettings)
    configure_logging(settings.log_level, settings.log_format, service="observe")
    observer = Observer(settings, arguments.every)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, observer.stop)
    ready: dict[str, Check] = {"installation": observer.problem}
    routes = ops_routes(service="observe", alive=observer.pulse.problem, ready=ready)
    stop_ops = serve_ops(routes, host=settings.host, port=settings.port)
    observer.run()
    stop_ops()
    return 0
