"""What runs in a worker process: the model and the rules, an article a line on standard input.

The parent ends a worker that takes too long or dies, so nothing here guards against bad texts.
"""

import ctypes
import json
import resource
import signal
import sys
from pathlib import Path

from newsman.enrich.core import look
from newsman.enrich.knowledge import load_knowledge
from newsman_schemas.articles import Article

PR_SET_PDEATHSIG = 1
MEBIBYTE = 1024 * 1024


def main() -> int:
    """Loads everything, says so, and answers until standard input ends."""
    memory_mb = int(sys.argv[1])
    _die_with_parent()
    sections_model = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    knowledge = load_knowledge(sections_model)
    _limit_memory(memory_mb)
    _say(json.dumps({"ready": knowledge.method}))
    for line in sys.stdin.buffer:
        _say(look(Article.model_validate_json(line), knowledge).model_dump_json())
    return 0


def _say(message: str) -> None:
    sys.stdout.buffer.write(message.encode() + b"\n")
    sys.stdout.buffer.flush()


def _die_with_parent() -> None:
    # A worker that hangs never sees the end of its input, so the kernel must end it (Linux).
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_memory(memory_mb: int) -> None:
    # Not `ru_maxrss`: a process inherits its parent's peak, and that would widen the limit.
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
        used = int(statm.read().split()[0]) * resource.getpagesize()
    limit = used + memory_mb * MEBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())
