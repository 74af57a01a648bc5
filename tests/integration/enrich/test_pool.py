"""A text that hangs, crashes or bloats its worker costs itself and nobody else."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsman.enrich.workers.pool import Pool, WorkerFailed
from newsman.enrich.workers.process import CannotStart, Worker
from newsman.enrich.workers.worker import worker_command
from newsman_schemas.articles import Article

BOMBS = """
import json, os, signal, sys, time
from newsman.enrich.workers.fork_server import Limits, serve_forks

def answer(line):
    headline = json.loads(line)["article"]["headline"]
    if headline == "burn":
        while True: pass
    if headline == "hang":
        signal.pause()
    if headline == "bloat":
        x = []
        while True: x.append(bytearray(10_000_000))
    if headline == "crash":
        os._exit(3)
    if headline == "nonsense":
        return b"no json"
    return json.dumps({"tags": [], "entities": [], "method": "bombs"}).encode()

serve_forks(answer, hello="bombs", limits=Limits(cpu_seconds=0.5, memory_mb=300))
"""


def article(headline: str, body: str = "The council met in Oslo.") -> Article:
    return Article(
        id="a" * 16,
        source="desk",
        uri="urn:1",
        version_created=datetime(2026, 3, 2, tzinfo=UTC),
        headline=headline,
        slug="x",
        body_text=body,
    )


def in_pool(
    scenario: Callable[[Pool], Awaitable[None]],
    command: tuple[str, ...] = (sys.executable, "-c", BOMBS),
    *,
    size: int = 1,
    silence_seconds: float = 30,
) -> None:
    async def run() -> None:
        pool = Pool(command, size=size, cpu_seconds=0.5, silence_seconds=silence_seconds)
        await pool.start()
        try:
            await scenario(pool)
        finally:
            await pool.close()

    asyncio.run(run())


def idle_worker(pool: Pool) -> Worker:
    worker = pool._idle.get_nowait()
    pool._idle.put_nowait(worker)
    assert worker is not None
    return worker


@pytest.mark.parametrize("bomb", ["burn", "bloat", "crash", "nonsense"])
def test_a_bomb_costs_only_itself(bomb):
    async def scenario(pool: Pool) -> None:
        headlines = ["good", bomb, "good", bomb, "good", bomb, "good", "good"]
        results = await asyncio.gather(
            *(pool.look(article(headline)) for headline in headlines), return_exceptions=True
        )
        got = [type(result).__name__ for result in results]
        assert got == ["WorkerFailed" if n in (1, 3, 5) else "Findings" for n in range(8)]

    in_pool(scenario, size=2)


def test_a_text_that_burns_processor_time_is_given_up_for_that():
    async def scenario(pool: Pool) -> None:
        with pytest.raises(WorkerFailed, match=r"0\.5 s of processor time"):
            await pool.look(article("burn"))

    in_pool(scenario)


def test_a_text_that_hangs_without_using_the_processor_is_given_up_too():
    async def scenario(pool: Pool) -> None:
        with pytest.raises(WorkerFailed, match="no answer within 1 s"):
            await pool.look(article("hang"))
        await pool.look(article("good"))

    in_pool(scenario, silence_seconds=1)


def test_processor_time_is_counted_for_each_article_anew():
    async def scenario(pool: Pool) -> None:
        first = idle_worker(pool).pid
        for _ in range(400):
            await pool.look(article("Council"))
        assert idle_worker(pool).pid == first

    command = worker_command(1_500, 0.5)
    in_pool(scenario, command)


def test_the_real_worker_finds_names_and_ends_with_its_pool(eventually):
    pids = []

    async def scenario(pool: Pool) -> None:
        findings = await pool.look(article("Council"))
        assert {entity.name for entity in findings.entities} == {"Oslo"}
        pids.append(idle_worker(pool).pid)

    in_pool(scenario, worker_command(1_500, 5))
    eventually(lambda: not _runs(pids[0]))


@pytest.mark.alone
def test_after_three_poisons_in_a_row_the_next_article_is_read_at_once():
    poison = article("poison", "Oslo and the council met. " * 200_000)

    async def scenario(pool: Pool) -> None:
        for _ in range(3):
            with pytest.raises(WorkerFailed, match="processor time"):
                await pool.look(poison)
        began = time.monotonic()
        findings = await pool.look(article("Council"))
        assert {entity.name for entity in findings.entities} == {"Oslo"}
        assert time.monotonic() - began < 1

    in_pool(scenario, worker_command(4_000, 0.05))


def test_a_text_too_large_for_the_real_worker_costs_only_itself():
    bomb = article("bomb", "🚢 " + "The council met. " * 3_000_000)
    # A process begins with the peak memory of its parent, which must not widen its own limit.
    ballast = b"x" * 1_000_000_000

    async def scenario(pool: Pool) -> None:
        # Without memory a process may hang before it dies; then the clock ends it.
        with pytest.raises(WorkerFailed, match=r"died|processor time|no answer"):
            await pool.look(bomb)
        findings = await pool.look(article("Council"))
        assert {entity.name for entity in findings.entities} == {"Oslo"}

    in_pool(scenario, worker_command(120, 5), silence_seconds=10)
    del ballast


def test_models_that_do_not_load_are_no_bad_article():
    async def scenario(pool: Pool) -> None: ...

    with pytest.raises(CannotStart):
        in_pool(scenario, (sys.executable, "-c", "raise SystemExit(1)"))


def test_a_worker_that_died_while_it_waited_costs_no_article():
    async def scenario(pool: Pool) -> None:
        worker = idle_worker(pool)
        os.kill(worker.pid, signal.SIGKILL)
        await asyncio.wait_for(asyncio.shield(worker.ended), 5)
        await pool.look(article("good"))

    in_pool(scenario)


def test_when_the_process_with_the_models_dies_they_are_loaded_again():
    async def scenario(pool: Pool) -> None:
        worker = idle_worker(pool)
        os.kill(pool._models.pid, signal.SIGKILL)
        await asyncio.wait_for(asyncio.shield(worker.ended), 5)
        await pool.look(article("good"))

    in_pool(scenario)


PARENT = """
import asyncio, sys
from newsman.enrich.workers.pool import Pool
from newsman.enrich.workers.worker import worker_command
async def main():
    pool = Pool(worker_command(1_500, 60), size=2, cpu_seconds=60, silence_seconds=600)
    await pool.start()
    print(*(pool._idle.get_nowait().pid for _ in range(2)), pool._models.pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def test_workers_end_with_a_parent_that_was_killed_even_when_they_hang(eventually):
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(workers) == 3
        # A stopped process sees no end of its input, just like one that hangs.
        os.kill(workers[0], signal.SIGSTOP)
        parent.kill()
    eventually(lambda: not any(_runs(pid) for pid in workers))


FROZEN = """
import asyncio, sys
from newsman.enrich.workers.pool import Pool
from newsman_schemas.articles import Article
async def main():
    pool = Pool((sys.executable, "-c", sys.argv[1]), size=1, cpu_seconds=5, silence_seconds=3)
    await pool.start()
    worker = pool._idle.get_nowait()
    pool._idle.put_nowait(worker)
    looking = asyncio.ensure_future(pool.look(Article.model_validate_json(sys.argv[2])))
    print(worker.pid, flush=True)
    print((await looking).method, flush=True)
asyncio.run(main())
"""


def test_time_in_which_all_of_it_was_frozen_is_counted_against_no_article(eventually):
    patient = BOMBS.replace("signal.pause()", "signal.sigwait({signal.SIGUSR1})").replace(
        "def answer", "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})\n\ndef answer"
    )
    command = (sys.executable, "-c", FROZEN, patient, article("hang").model_dump_json())
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        worker = int(parent.stdout.readline())
        os.killpg(parent.pid, signal.SIGSTOP)
        thaw_at = time.monotonic() + 6
        eventually(lambda: time.monotonic() > thaw_at)
        os.killpg(parent.pid, signal.SIGCONT)
        os.kill(worker, signal.SIGUSR1)
        assert parent.stdout.read().split() == ["bombs"]


def _runs(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
