"""The options that push, watch and poll share."""

import argparse
import os
from pathlib import Path
from urllib.parse import urlsplit

from newsman.runtime.settings_error import SettingsError
from newsman.terminal.numbers import amount, count
from newsman.tools.push.client import Target
from newsman.web.urls import is_http_address

URL = "http://127.0.0.1:8080"
NO_KEY = "dry-run"


def configure_poll(parser: argparse.ArgumentParser) -> None:
    """Adds the options of polling: feeds, intervals, and the file of their state."""
    parser.add_argument("urls", nargs="+", metavar="URL", help="a feed: RSS, Atom or JSON Feed")
    add_ingest_options(parser)
    parser.add_argument(
        "--every", type=amount, default=300.0, metavar="SECONDS", help="default 300"
    )
    parser.add_argument(
        "--state",
        type=Path,
        metavar="FILE",
        help="what is remembered of the feeds (default poll.json in NEWSMAN_HOME, .newsman)",
    )
    parser.add_argument("--once", action="store_true", help="ask each feed that is due, and end")


def add_ingest_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of sending: address, key, format, and patience."""
    parser.add_argument("--url", help=f"ingest; else NEWSMAN_PUSH_URL, else {URL}")
    parser.add_argument(
        "--key", help="the source's key; better set NEWSMAN_PUSH_KEY, which `ps` does not show"
    )
    parser.add_argument("--format", help="name of the format; else told from name and content")
    parser.add_argument(
        "--retry-for",
        type=amount,
        default=300.0,
        metavar="SECONDS",
        help="how long one request is tried again while ingest is away (default 300)",
    )
    parser.add_argument(
        "--max-bytes",
        type=count,
        default=15 * 1024 * 1024,
        metavar="BYTES",
        help="what ingest takes at most, its NEWSMAN_MAX_BODY_BYTES (default 15 MiB)",
    )


def read_target(arguments: argparse.Namespace, *, needs_key: bool = True) -> Target:
    """The target that options and environment name; raises SettingsError."""
    key = (arguments.key or os.environ.get("NEWSMAN_PUSH_KEY") or "").strip()
    secret = "" if key else os.environ.get("NEWSMAN_PUSH_SECRET", "").strip()
    if not key and (secret or not needs_key):
        key = NO_KEY
    key = _checked_key(key)
    url = arguments.url or os.environ.get("NEWSMAN_PUSH_URL") or URL
    return Target(
        url=checked_url(url, "--url"),
        key=key,
        secret=secret or None,
        format_name=arguments.format,
        retry_for_seconds=arguments.retry_for,
        max_body_bytes=arguments.max_bytes,
    )


def _checked_key(key: str) -> str:
    """A key that fits into a header; raises SettingsError."""
    if not key:
        raise SettingsError(
            "NEWSMAN_PUSH_KEY is not set; set it to the key of your source, "
            "or NEWSMAN_PUSH_SECRET to its signing secret"
        )
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise SettingsError("NEWSMAN_PUSH_KEY is no key: it has spaces or signs outside ASCII")
    return key


def checked_url(url: str, what: str) -> str:
    """An http or https address with a host and without a password; raises SettingsError."""
    if not is_http_address(url):
        raise SettingsError(f"{what}: {url!r} is no http or https address; example: {URL}")
    if urlsplit(url).username is not None:
        raise SettingsError(f"{what}: an address with a name and password in it is not taken")
    return url
