"""A text that hangs, crashes or bloats its worker costs itself and nobody else."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsman.enrich.pool import CannotStart, Pool, WorkerFailed, worker_command
from newsman_schemas.articles import Article

BOMBS = """
import json, os, sys, time
print(json.dumps({"ready": "bombs"}), flush=True)
for line in sys.stdin.buffer:
    headline = json.loads(line)["headline"]
    if headline == "hang":
        while True: pass
    if headline == "crash":
        os._exit(3)
    if headline == "nonsense":
        print("no json", flush=True)
        continue
    print(json.dumps({"tags": [], "entities": [], "method": "bombs"}), flush=True)
"""


def article(headline: str) -> Article:
    return Article(
        id="a" * 16,
        source="desk",
        uri="urn:1",
        version_created=datetime(2026, 3, 2, tzinfo=UTC),
        headline=headline,
        slug="x",
        body_text="The council met in Oslo.",
    )


@pytest.mark.parametrize("bomb", ["hang", "crash", "nonsense"])
def test_a_bomb_costs_only_itself(bomb):
    async def scenario() -> list[str]:
        pool = Pool((sys.executable, "-c", BOMBS), size=2, timeout_seconds=1)
        await pool.start()
        headlines = ["good", bomb, "good", bomb, "good", bomb, "good", "good"]
        results = await asyncio.gather(
            *(pool.look(article(headline)) for headline in headlines), return_exceptions=True
        )
        await pool.close()
        return [type(result).__name__ for result in results]

    got = asyncio.run(scenario())
    assert got == ["WorkerFailed" if n in (1, 3, 5) else "Findings" for n in range(8)]


def test_the_real_worker_finds_names_and_ends_with_its_pool():
    async def scenario() -> tuple[set[str], int]:
        pool = Pool(worker_command(1_500), size=1, timeout_seconds=5)
        await pool.start()
        findings = await pool.look(article("Council"))
        worker = pool._idle.get_nowait()
        pool._idle.put_nowait(worker)
        await pool.close()
        return {entity.name for entity in findings.entities}, worker.process.pid

    names, pid = asyncio.run(scenario())
    assert names == {"Oslo"}
    assert not Path(f"/proc/{pid}").exists()


def test_a_worker_may_not_take_more_memory_than_its_limit():
    bloat = "x = []\nwhile True: x.append(bytearray(10_000_000))"
    code = BOMBS.replace("while True: pass", bloat.replace("\n", "\n        "))
    limited = "import resource; resource.setrlimit(resource.RLIMIT_AS, (300_000_000,) * 2)\n" + code

    async def scenario() -> None:
        pool = Pool((sys.executable, "-c", limited), size=1, timeout_seconds=10)
        await pool.start()
        with pytest.raises(WorkerFailed, match="died"):
            await pool.look(article("hang"))
        await pool.look(article("good"))
        await pool.close()

    asyncio.run(scenario())


def test_a_text_too_large_for_the_real_worker_costs_only_itself():
    bomb = article("bomb").model_copy(update={"body_text": "🚢 " + "The council met. " * 3_000_000})
    # A process begins with the peak memory of its parent, which must not widen its own limit.
    ballast = b"x" * 1_000_000_000

    async def scenario() -> set[str]:
        pool = Pool(worker_command(120), size=1, timeout_seconds=5)
        await pool.start()
        # Without memory a process may hang before it dies; then the clock ends it.
        with pytest.raises(WorkerFailed, match=r"died|took longer"):
            await pool.look(bomb)
        findings = await pool.look(article("Council"))
        await pool.close()
        return {entity.name for entity in findings.entities}

    assert asyncio.run(scenario()) == {"Oslo"}
    del ballast


def test_a_worker_that_does_not_load_is_no_bad_article():
    async def scenario() -> None:
        pool = Pool((sys.executable, "-c", "raise SystemExit(1)"), size=1, timeout_seconds=1)
        await pool.start()

    with pytest.raises(CannotStart):
        asyncio.run(scenario())


def test_a_worker_that_died_while_it_waited_costs_no_article():
    async def scenario() -> None:
        pool = Pool((sys.executable, "-c", BOMBS), size=1, timeout_seconds=5)
        await pool.start()
        worker = pool._idle.get_nowait()
        pool._idle.put_nowait(worker)
        os.kill(worker.process.pid, signal.SIGKILL)
        await asyncio.wait_for(worker.process.wait(), 5)
        await pool.look(article("good"))
        await pool.close()

    asyncio.run(scenario())


PARENT = """
import asyncio, sys
from newsman.enrich.pool import Pool, worker_command
async def main():
    pool = Pool(worker_command(1_500), size=2, timeout_seconds=60)
    await pool.start()
    print(*(pool._idle.get_nowait().process.pid for _ in range(2)), flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def test_workers_end_with_a_parent_that_was_killed_even_when_they_hang(eventually):
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(workers) == 2
        # A stopped process sees no end of its input, just like one that hangs.
        os.kill(workers[0], signal.SIGSTOP)
        parent.kill()
    eventually(lambda: not any(_runs(pid) for pid in workers), timeout=10)


def _runs(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
