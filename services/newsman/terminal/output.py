"""Results of commands: JSON for programs where it was asked for, text for people otherwise."""

import argparse
import json
import sys
from typing import Any


def show(arguments: argparse.Namespace, document: Any, text: str = "") -> None:
    """Prints the document as JSON where `--json` was given, otherwise the text.

    A list is printed as its members, each a line.
    """
    if getattr(arguments, "json", False):
        for each in document if isinstance(document, list) else [document]:
            print_json(each)
    elif text:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")


def print_json(document: Any) -> None:
    """Prints one line of JSON; times and paths are written as text.

    Where standard output is not of Unicode, JSON's own escapes stand for what it lacks.
    """
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(document, ensure_ascii=not is_unicode, default=str), flush=True)
