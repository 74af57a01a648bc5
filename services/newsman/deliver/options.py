"""Command-line options of `newsman webhooks`."""

import argparse


def configure_webhooks(parser: argparse.ArgumentParser) -> None:
    """Adds the address to listen on, and the secret that senders share."""
    parser.add_argument("--port", type=int, help="instead of NEWSMAN_PORT (8086)")
    parser.add_argument("--secret", help="instead of NEWSMAN_WEBHOOK_SECRET")
