"""What runs in a worker process: the model and the rules, an article a line on standard input.

The parent ends a worker that takes too long or dies, so nothing here guards against bad texts.
"""

import ctypes
import json
import resource
import signal
import sys

from newsman.enrich.core import Findings, look
from newsman.enrich.knowledge import load_knowledge
from newsman_schemas.articles import Article

PR_SET_PDEATHSIG = 1
MEBIBYTE = 1024 * 1024


def main() -> int:
    """Loads everything, says so, and answers until standard input ends."""
    memory_mb = int(sys.argv[1])
    _die_with_parent()
    knowledge = load_knowledge()
    _limit_memory(memory_mb)
    _say({"ready": knowledge.method, "languages": sorted(knowledge.languages)})
    for line in sys.stdin.buffer:
        _say(_answer(look(Article.model_validate_json(line), knowledge)))
    return 0


def _answer(findings: Findings) -> dict[str, object]:
    return {
        "tags": [tag.model_dump(mode="json") for tag in findings.tags],
        "entities": [entity.model_dump(mode="json") for entity in findings.entities],
    }


def _say(message: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def _die_with_parent() -> None:
    # A worker that hangs never sees the end of its input, so the kernel must end it (Linux).
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_memory(memory_mb: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
        used = max(used, int(statm.read().split()[0]) * resource.getpagesize())
    limit = used + memory_mb * MEBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())
