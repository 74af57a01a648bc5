"""Reading JSON that anybody may have written."""

import json
import math
from typing import Any

from newsman.ingest.formats.model import BadDocument


def read_json(body: bytes) -> Any:
    """The value; raises BadDocument saying where it stops being JSON (RFC 8259)."""
    try:
        return json.loads(body, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise BadDocument(
            f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from error
    except RecursionError as error:
        raise BadDocument("not read: nested too deeply") from error
    except ValueError as error:
        raise BadDocument(f"not JSON: {error}"[:200]) from error


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:40]} is larger than any number here")
    return number
