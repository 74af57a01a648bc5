"""A Faust agent that forwards every message as it is: what publish is compared with.

Written as one would: an event at a time, on asyncio's own loop, with publish's settings of Faust.
"""

from newsman.kafka.progress.reckoning import ConsumerProgress
from newsman.kafka.streams import build_stream_app, bytes_topic, in_order, run_worker
from newsman.settings import KafkaSettings, read_settings
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_PUBLISHED


def main() -> None:
    """Runs until a signal ends it."""
    settings = read_settings(KafkaSettings)
    namespace = settings.namespace
    progress = ConsumerProgress(limit_seconds=60)
    app = build_stream_app(
        bootstrap=settings.kafka_bootstrap,
        group=f"{namespace}.forwarding",
        instance="0",
        progress=progress,
    )
    public = bytes_topic(app, ARTICLE_PUBLISHED.full_name(namespace))

    @app.agent(bytes_topic(app, ARTICLE_ENRICHED.full_name(namespace)), name="forwarding")
    async def forward(stream):
        async def start(event):
            return event.message

        async def finish(_, message):
            headers = list(message.headers or ())
            return await public.send(key=message.key, value=message.value, headers=headers)

        await in_order(stream, start, finish, limit=256, progress=progress)

    run_worker(app)


if __name__ == "__main__":
    main()
