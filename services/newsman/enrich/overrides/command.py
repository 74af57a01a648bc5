"""`newsman override`: an editor's word on an article's tags and entities, which sticks."""

import argparse
from contextlib import closing

from newsman.enrich.commands import reenrich as reenrich_command
from newsman.enrich.commands.options import configure_reenrich
from newsman.enrich.overrides.log import CLIENT_ID, open_log, override_in
from newsman.enrich.overrides.overrides import NOTHING, Override, extended
from newsman.kafka.clients import build_producer
from newsman.kafka.commands.command_errors import (
    asks_kafka,
    event_said_now,
    require_article_id,
)
from newsman.kafka.compacted_logs.compacted_log import say_all
from newsman.settings import KafkaSettings
from newsman.terminal.output import show
from newsman_schemas.editing import ArticleOverridden
from newsman_schemas.topics import ARTICLE_OVERRIDDEN


@asks_kafka
def run(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
    """Keeps it and has the article enriched again; without a change it shows what holds."""
    require_article_id(arguments.id)
    if not _keep(arguments, settings):
        return 0
    parser = argparse.ArgumentParser()
    configure_reenrich(parser)
    return reenrich_command.run(
        parser.parse_args([arguments.id], argparse.Namespace(json=arguments.json))
    )


def _keep(arguments: argparse.Namespace, settings: KafkaSettings) -> bool:
    """Says what holds now; whether that is something new."""
    with closing(open_log(settings.kafka_bootstrap, settings.namespace)) as log:
        log.catch_up()
        before = override_in(log, arguments.id)
    after = extended(NOTHING if arguments.clear else before, arguments.add, arguments.remove)
    if after != before:
        with closing(build_producer(settings.kafka_bootstrap, client_id=CLIENT_ID)) as producer:
            topic = ARTICLE_OVERRIDDEN.full_name(settings.namespace)
            say_all(producer, topic, _event(arguments, after))
    added, removed = (", ".join(names) or "nothing" for names in (after.added, after.removed))
    document = {"id": arguments.id, "added": after.added, "removed": after.removed}
    show(arguments, document, f"added: {added}\nremoved: {removed}")
    return after != before


def _event(arguments: argparse.Namespace, override: Override) -> ArticleOverridden:
    return event_said_now(
        ArticleOverridden,
        article_id=arguments.id,
        added=override.added,
        removed=override.removed,
        by=arguments.by,
        reason=arguments.reason,
    )
