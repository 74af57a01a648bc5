"""Wiring of deliver: the consumer here, the sender in a thread beside it."""

import argparse
import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Iterable

import aiohttp
from kafka import KafkaProducer
from redis.exceptions import RedisError

from newsman.deliver.consumer import PublishedReader, tell_nobody, tell_subscriber
from newsman.deliver.queue import Intake, Outlet
from newsman.deliver.sender import WebhookSender
from newsman.deliver.signing import parse_secret
from newsman.kafka.clients import build_consumer, build_producer
from newsman.kafka.progress.log_end_watch import EndsOfLog, PartitionWatch
from newsman.kafka.ready import TopicsCheck
from newsman.kafka.rejects import build_park
from newsman.redis.client import build_async_client, build_client, build_impatient_client
from newsman.redis.ready import redis_check
from newsman.runtime.crash import bugs_crash
from newsman.runtime.health import Check, Pulse, first_problem, ops_routes, serve_ops
from newsman.runtime.logs import configure_logging
from newsman.runtime.settings_error import SettingsError
from newsman.runtime.startup import wait_for
from newsman.runtime.watchdog import LoopWatch, watch_pulse
from newsman.settings import DeliverSettings, read_settings
from newsman_schemas.topics import ARTICLE_PUBLISHED, REJECTED

log = logging.getLogger(__name__)

STALLED_SECONDS = 30.0
SENDER_STOP_SECONDS = 8.0
CLOSE_SECONDS = 5
GROUP = "deliver"
TOPICS = (ARTICLE_PUBLISHED, REJECTED)


def run(arguments: argparse.Namespace) -> int:
    """Reads, queues and sends until a signal ends it."""
    settings = read_settings(DeliverSettings)
    key = _key(settings)
    configure_logging(settings.log_level)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    reading, sending = (Pulse(limit_seconds=STALLED_SECONDS) for _ in range(2))
    pulses = (reading, sending) if settings.webhook_url else (reading,)
    needs = _needs(settings)
    ends = EndsOfLog(settings.kafka_bootstrap, "newsman-deliver-watch")
    watch = PartitionWatch(ends, needs=needs.values())
    sender_watch = LoopWatch("deliver's sender")
    alive = first_problem(sender_watch.problem, *(pulse.problem for pulse in pulses))
    stop_ops = _serve_ops(settings, needs, watch, alive)
    if not wait_for(needs, stopping, beat=lambda: _beat(pulses)):
        stop_ops()
        return 0
    if arguments.enable and settings.webhook_url:
        asyncio.run(_enable(settings, settings.webhook_url))
    producer = build_producer(settings.kafka_bootstrap, client_id="newsman-deliver")
    reader = _reader(settings, producer, reading, watch)
    sender = _start_sender(settings, key, sending, stopping, sender_watch)
    reader.subscribe(ARTICLE_PUBLISHED.full_name(settings.namespace))
    watch_pulse(GROUP, reading)
    watch.start(stopping)
    with bugs_crash():
        while not stopping.is_set():
            reader.turn()
    with reading.excused():
        reader.close()
        producer.close(timeout=CLOSE_SECONDS)
        if sender:
            sender.join(SENDER_STOP_SECONDS)
        stop_ops()
    return 0


def _beat(pulses: Iterable[Pulse]) -> None:
    for pulse in pulses:
        pulse.beat()


def _key(settings: DeliverSettings) -> bytes:
    """The signing key; raises SettingsError unless address and secret make sense together."""
    if settings.webhook_url is None:
        return b""
    if not settings.webhook_url.startswith(("http://", "https://")):
        raise SettingsError("NEWSMAN_WEBHOOK_URL is no address that begins with http or https")
    if settings.webhook_secret is None:
        raise SettingsError(
            "NEWSMAN_WEBHOOK_SECRET is not set although NEWSMAN_WEBHOOK_URL is; "
            'make one: echo "whsec_$(openssl rand -base64 32)"'
        )
    try:
        return parse_secret(settings.webhook_secret)
    except ValueError as error:
        raise SettingsError(f"NEWSMAN_WEBHOOK_SECRET: {error}") from error


def _needs(settings: DeliverSettings) -> dict[str, Check]:
    return {
        "kafka": TopicsCheck(settings.kafka_bootstrap, settings.namespace, TOPICS),
        "redis": redis_check(settings.redis_url),
    }


def _reader(
    settings: DeliverSettings, producer: KafkaProducer, pulse: Pulse, watch: PartitionWatch
) -> PublishedReader:
    group = f"{settings.namespace}.{GROUP}"
    consumer = build_consumer(
        bootstrap=settings.kafka_bootstrap,
        group=group,
        client_id="newsman-deliver",
        group_instance_id=f"{group}-{settings.instance}",
    )
    return PublishedReader(
        consumer,
        Intake(build_client(settings.redis_url), settings.namespace),
        tell_subscriber if settings.webhook_url else tell_nobody,
        build_park(producer, REJECTED.full_name(settings.namespace), pulse),
        pulse,
        watch,
    )


def _serve_ops(
    settings: DeliverSettings,
    needs: dict[str, Check],
    watch: PartitionWatch,
    alive: Check,
) -> Callable[[], None]:
    ready = {
        **needs,
        "partitions": watch.problem,
    }

    intake = Intake(build_impatient_client(settings.redis_url), settings.namespace)
    notes: dict[str, Check] = {"subscriber": lambda: _subscriber_note(settings, intake)}
    routes = ops_routes(service=GROUP, alive=alive, ready=ready, notes=notes)
    return serve_ops(routes, host=settings.host, port=settings.port)


def _subscriber_note(settings: DeliverSettings, intake: Intake) -> str | None:
    if settings.webhook_url is None:
        return "NEWSMAN_WEBHOOK_URL is not set: what is published is delivered nowhere"
    try:
        if intake.is_disabled(settings.webhook_url):
            return "the subscriber answered 410 Gone and is off; newsman deliver --enable"
    except RedisError as problem:
        return f"unknown, Redis does not answer: {problem}"
    return None


def _start_sender(
    settings: DeliverSettings,
    key: bytes,
    pulse: Pulse,
    stopping: threading.Event,
    watch: LoopWatch,
) -> threading.Thread | None:
    if settings.webhook_url is None:
        log.warning("NEWSMAN_WEBHOOK_URL is not set: delivering nowhere")
        return None
    url = settings.webhook_url

    async def watched() -> None:
        await watch.begin()
        await _send_until(settings, url, key, pulse, stopping)

    def send() -> None:
        with bugs_crash():
            asyncio.run(watched())

    thread = threading.Thread(target=send, name="sender", daemon=True)
    thread.start()
    return thread


async def _send_until(
    settings: DeliverSettings, url: str, key: bytes, pulse: Pulse, stopping: threading.Event
) -> None:
    client = build_async_client(settings.redis_url)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        sender = WebhookSender(
            session,
            Outlet(client, settings.namespace, url),
            url=url,
            key=key,
            timeout_seconds=settings.webhook_timeout_seconds,
            pulse=pulse,
        )
        await sender.run_until(stopping.is_set)
    await client.aclose()


async def _enable(settings: DeliverSettings, url: str) -> None:
    client = build_async_client(settings.redis_url)
    try:
        await Outlet(client, settings.namespace, url).enable()
    finally:
        await client.aclose()
