"""Command-line options of `newsman deliver` and `newsman webhooks`."""

import argparse


def configure_deliver(parser: argparse.ArgumentParser) -> None:
    """deliver takes everything else from the environment."""
    parser.add_argument(
        "--enable",
        action="store_true",
        help="send to the subscriber again although it answered 410 Gone",
    )


def configure_webhooks(parser: argparse.ArgumentParser) -> None:
    """Adds the address to listen on, and the secret that senders share."""
    parser.add_argument("--port", type=int, help="instead of NEWSMAN_PORT (8086)")
    parser.add_argument("--secret", help="instead of NEWSMAN_WEBHOOK_SECRET")
