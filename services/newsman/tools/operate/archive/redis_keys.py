"""Keys that Redis alone holds: all but those that services make again from the log."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import redis

from newsman.runtime.private_files import replace_private

REBUILT = re.compile(
    r":(g\d+:)?(article|index|gone|store):|:(popularity|ranking|feeds):|:deliver:(?!fetch:)"
)
"""The article store, counts, rankings and queues."""


def kept_keys(client: "redis.Redis", namespace: str) -> Iterator[bytes]:
    """The keys that a backup takes."""
    for key in client.scan_iter(match=f"{namespace}:*", count=1_000):
        name = key if isinstance(key, bytes) else key.encode()
        if not REBUILT.match(name.decode("utf-8", "replace").removeprefix(namespace)):
            yield name


def dump_keys(client: "redis.Redis", namespace: str, path: Path) -> int:
    """Writes the keys, each a line of JSON; the number of them."""
    lines = []
    for key in kept_keys(client, namespace):
        content, left_ms = client.dump(key), client.pttl(key)
        if isinstance(content, bytes):
            name = key.decode("utf-8", "surrogateescape").removeprefix(namespace)
            shown = {"key": name, "left_ms": left_ms, "dump": base64.b64encode(content).decode()}
            lines.append(json.dumps(shown))
    replace_private(path, "".join(f"{line}\n" for line in lines).encode())
    return len(lines)


def restore_keys(client: "redis.Redis", namespace: str, path: Path) -> int:
    """Puts the keys back, in the place of those that are there; the number of them."""
    number = 0
    for line in path.read_text().splitlines():
        kept = json.loads(line)
        key = f"{namespace}{kept['key']}".encode("utf-8", "surrogateescape")
        content = base64.b64decode(kept["dump"])
        client.restore(key, max(0, kept["left_ms"]), content, replace=True)
        number += 1
    return number
