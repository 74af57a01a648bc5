"""Page views over HTTP until they are seen: ingest and popularity beside GoatCounter.

Both are sent the same bytes: pushes of hits, as GoatCounter's clients send them.
"""

import itertools
import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from load import HOST, at_most
from stack import Process, answers, ended, free_port, service, used_seconds, wait_for
from stack import seconds as seconds_of

from newsman.kafka.topics import ensure_topics
from newsman.redis.client import build_client
from newsman.redis.keys import PopularityKeys, row
from newsman.tools.local.layout import Layout
from newsman.tools.local.supervisor import prepare
from newsman_schemas.articles import article_id
from newsman_schemas.topics import ARTICLE_VIEWED

from .sides import Asked, Done, Row, Side, Stand, Work, rows, take_turns, told, wait_until
from .taking import go_program

VERSION = "v2.7.0"
HITS, ARTICLES, CONNECTIONS = 100, 1_000, 16
KILLED_PUSHES, KILL_ROUNDS = 20, 3
RESTART_LIMIT_SECONDS = 15
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:126.0) Gecko/20100101 Firefox/126.0",
)
_readers = itertools.count()
Seen = Callable[[], int]


@dataclass(frozen=True)
class Counting:
    """A running counter of views: where they are sent, its processes, how many can be seen."""

    side: Side
    processes: tuple[Process, ...]
    seen: Seen


def page_views(stand: Stand, asked: Asked) -> Iterator[Row]:
    """Views a second until the last of them is seen, and those that a kill -9 takes away."""
    program = go_program("goatcounter", VERSION, "zgo.at/goatcounter/v2", "goatcounter")
    name = f"page views over HTTP until seen, {HITS} a request (GoatCounter {VERSION})"
    home = made_database(program, stand.folder / "goatcounter")
    with newsman(stand, "peer-views") as ours, goatcounter(program, home, store_every=1) as theirs:
        work = counted({ours.side: ours.seen, theirs.side: theirs.seen})
        yield from rows(name, take_turns(name, ours.side, theirs.side, work, asked.seconds))
    lost = [0, 0]
    for number in range(KILL_ROUNDS):
        home = made_database(program, stand.folder / f"goatcounter-killed-{number}")
        lost[0] += killed(lambda n=number: newsman(stand, f"peer-killed-{n}"))
        lost[1] += killed(lambda at=home: goatcounter(program, at, store_every=10))
        told(f"kill -9, round {number}: {lost[0]}, {lost[1]} lost so far")
    sent = KILL_ROUNDS * KILLED_PUSHES * HITS
    yield Row(f"of {sent:,} answered views, lost by kill -9 (GoatCounter)", *lost, None, "")


def pushes() -> Iterator[bytes]:
    """Views of some articles by ever new readers, HITS a push."""
    paths = [f"/articles/{article_id('demo', str(number))}" for number in range(ARTICLES)]
    while True:
        readers = itertools.islice(_readers, HITS)
        yield json.dumps(
            {
                "hits": [
                    {
                        "path": paths[reader % ARTICLES],
                        "session": f"reader-{reader}",
                        "user_agent": AGENTS[reader % len(AGENTS)],
                    }
                    for reader in readers
                ]
            }
        ).encode()


def counted(seen: dict[Side, Seen]) -> Work:
    """The work of taking pushes for some seconds, and of counting until all of them are seen.

    Where several pushes wait for GoatCounter to store, it answers some with 500 that it counts all
    the same (a WaitGroup of its own is used again too early); they are sent and seen as the others.
    """

    def work(side: Side, seconds: float) -> Done:
        before = seen[side]()
        outcome = at_most(
            side.url, "application/json", pushes(), connections=CONNECTIONS, seconds=seconds
        )
        failed, sent = outcome.statuses.total() - outcome.statuses[202], outcome.statuses.total()
        if failed:
            told(f"{failed} of {sent} pushes were not answered with 202")
        took = seconds_of(lambda: wait_for(lambda: seen[side]() >= before + sent * HITS))
        return Done(sent * HITS, outcome.seconds + took)

    return work


def killed(start: Callable[[], AbstractContextManager[Counting]]) -> int:
    """How many answered views are not seen after all processes were killed and started again."""
    sent = KILLED_PUSHES * HITS
    with start() as counting:
        at_most(
            counting.side.url,
            "application/json",
            pushes(),
            connections=CONNECTIONS,
            pushes=KILLED_PUSHES,
        ).must_be_taken()
        for process in counting.processes:
            process.kill()
    with start() as counting:
        wait_until(lambda: counting.seen() >= sent, RESTART_LIMIT_SECONDS)
        return sent - counting.seen()


@contextmanager
def newsman(stand: Stand, namespace: str) -> Iterator[Counting]:
    """ingest and popularity; the broker's and Valkey's processor time is part of theirs."""
    ensure_topics(stand.broker.bootstrap, namespace, replication=1)
    layout = Layout(stand.folder / namespace)
    prepare(layout)
    settings = {"NEWSMAN_NAMESPACE": namespace, "NEWSMAN_SOURCES_FILE": str(layout.sources)}
    start = partial(service, broker=stand.broker, valkey=stand.valkey, logs=layout.logs, **settings)
    with start("ingest") as (ingest, url), start("popularity") as (popularity, _):
        stores = (stand.broker.process, stand.valkey.process)

        def cpu() -> float:
            return sum(used_seconds(each.pid) for each in (ingest, popularity, *stores))

        side = Side(f"{url}/api/v0/count", cpu)
        yield Counting(side, (ingest, popularity), partial(in_rows, stand, namespace))


def in_rows(stand: Stand, namespace: str) -> int:
    """The views of all time that rankings show."""
    client = build_client(stand.valkey.url)
    keys = [PopularityKeys(namespace, number) for number in range(ARTICLE_VIEWED.partitions)]
    scores = [
        score
        for each in keys
        for _, score in client.zrange(each.count("all"), 0, -1, withscores=True)
    ]
    client.close()
    return sum(row(score)[0] for score in scores)


def made_database(program: Path, home: Path) -> Path:
    """A folder with the database of the site HOST, and a token that may count."""
    home.mkdir()
    database = f"sqlite+{home / 'db.sqlite3'}"
    login = ["-user.email", "bench@example.org", "-user.password", "bench-password"]
    for words in (
        ["site", "-createdb", "-vhost", HOST, *login],
        ["apitoken", "-user", "1", "-name", "bench", "-perm", "count"],
    ):
        command = [str(program), "db", "create", words[0], "-db", database, *words[1:]]
        subprocess.run(command, cwd=home, check=True, capture_output=True)
    return home


@contextmanager
def goatcounter(program: Path, home: Path, *, store_every: int) -> Iterator[Counting]:
    """It, on that database; `store_every` so many seconds it stores what it has in memory."""
    port = free_port()
    command = [str(program), "serve", "-db", f"sqlite+{home / 'db.sqlite3'}", "-tls", "http"]
    command += ["-listen", f"127.0.0.1:{port}", "-store-every", str(store_every)]
    command += ["-ratelimit", "api-count:1000000000/1"]
    token = asked_of(home, "select token from api_tokens")
    with (
        (home / "log").open("ab") as log,
        ended(subprocess.Popen(command, cwd=home, stdout=log, stderr=log)) as process,
    ):
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/status"))
        url = f"http://{token}@127.0.0.1:{port}/api/v0/count"
        side = Side(url, lambda: used_seconds(process.pid))
        total = "select coalesce(sum(total), 0) from hit_counts"
        yield Counting(side, (process,), lambda: asked_of(home, total))


def asked_of(home: Path, query: str) -> Any:
    """The one value of a query."""
    with closing(sqlite3.connect(f"file:{home / 'db.sqlite3'}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchone()[0]
