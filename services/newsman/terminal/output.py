"""Results of commands: JSON for programs where it was asked for, text for people otherwise."""

import argparse
import json
import sys
from typing import Any


def show(arguments: argparse.Namespace, document: Any, text: str = "") -> None:
    """Prints the document in one line of JSON where `--json` was given, otherwise the text."""
    if getattr(arguments, "json", False):
        print_json(document)
    elif text:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")


def print_json(document: Any) -> None:
    """Prints one line of JSON; times and paths are written as text."""
    print(json.dumps(document, ensure_ascii=False, default=str), flush=True)
