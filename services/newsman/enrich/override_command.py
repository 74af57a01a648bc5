"""`newsman override`: an editor's word on an article's tags and entities, which sticks."""

import argparse
import sys

from redis.exceptions import RedisError

from newsman.enrich import reenrich_command
from newsman.enrich.override_store import read_override, write_override
from newsman.enrich.overrides import NOTHING, extended
from newsman.redis.client import build_client
from newsman.settings import ServiceSettings, read_settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Which article, and what is to be there or not."""
    parser.add_argument("id", help="the article's id")
    parser.add_argument("--add", action="append", default=[], help="a tag by its name")
    parser.add_argument("--remove", action="append", default=[], help="a tag or entity, its slug")
    parser.add_argument("--clear", action="store_true", help="forget what was said before")


def run(arguments: argparse.Namespace) -> int:
    """Keeps it and has the article enriched again; without a change it shows what holds."""
    settings = read_settings(ServiceSettings)
    try:
        client = build_client(settings.redis_url)
        before = read_override(client, settings.namespace, arguments.id)
        after = extended(NOTHING if arguments.clear else before, arguments.add, arguments.remove)
        if after != before:
            write_override(client, settings.namespace, arguments.id, after)
    except RedisError as error:
        print(f"Redis at {settings.redis_url}: {error}", file=sys.stderr)
        return 1
    print(f"added: {', '.join(after.added) or 'nothing'}")
    print(f"removed: {', '.join(after.removed) or 'nothing'}")
    if after == before:
        return 0
    parser = argparse.ArgumentParser()
    reenrich_command.configure(parser)
    return reenrich_command.run(parser.parse_args([arguments.id]))
