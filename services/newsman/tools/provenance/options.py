"""Command-line options of `newsman provenance` and `newsman verify`."""

import argparse
from pathlib import Path

VERIFY_ENDS = """\
Ends with 0 where everything holds, 3 where the check found a fault, 1 where there is nothing to
check or it cannot be read or fetched, 2 where the call is wrong.
"""


def configure_provenance(parser: argparse.ArgumentParser) -> None:
    """Adds the actions on keys."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    making = actions.add_parser("keygen", help="make a key, and add its public key to the set")
    making.add_argument(
        "key", type=Path, metavar="FILE", help="file that is made, for NEWSMAN_SIGNING_KEY_FILE"
    )
    making.add_argument(
        "--overlap-hours",
        type=_hours,
        default=24,
        metavar="N",
        help="keys before it may sign so long still (default 24)",
    )
    making.add_argument(
        "--if-missing",
        action="store_true",
        help="only if FILE is not there; may be called again and again",
    )
    listing = actions.add_parser("keys", help="the public keys, and until when each signs")
    revoking = actions.add_parser("revoke", help="say that a key proves nothing any more")
    revoking.add_argument("id", help="the key's id, as `newsman provenance keys` lists it")
    revoking.add_argument("--reason", default="", help="why")
    for action in (making, listing, revoking):
        action.add_argument(
            "--keys",
            type=Path,
            metavar="FILE",
            help="the set of public keys (default NEWSMAN_SIGNING_KEYS_FILE)",
        )


def configure_verify(parser: argparse.ArgumentParser) -> None:
    """Adds what to check, and by which keys."""
    parser.add_argument(
        "what",
        metavar="FILE|URL",
        help="an article's address; or a file: its provenance or its JSON from the API, an event "
        "of article-published, a statement; - is standard input",
    )
    parser.add_argument(
        "--keys",
        metavar="FILE|URL",
        help="the public keys (default: those of the address's site; for a file "
        "NEWSMAN_SIGNING_KEYS_FILE)",
    )
    parser.epilog = VERIFY_ENDS


def _hours(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 8_784:
        raise argparse.ArgumentTypeError("0 to 8784 hours")
    return number
