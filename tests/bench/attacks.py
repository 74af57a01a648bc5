"""The table of attacks: each sent to the running services, with what it costs them.

`tests/bench/run.py --only attacks`. An attack is one entry in `attack_list.py`;
those on views are in `attack_views.py`.
"""

import hashlib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from attack_list import ATTACKS
from attack_senders import SECRET, Attack, Sent, Target
from stack import MARK, answers, free_port, ops_url, started_service, used_seconds, wait_for
from watching import Watch

from newsman.kafka.topics import ensure_topics
from newsman.services import SERVICES
from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey

LONGEST_SILENCE_SECONDS = 1.0
MOST_MIB = 150
IDLE_SHARE, IDLE_SECONDS, IDLE_LIMIT_SECONDS = 0.2, 1.0, 60


@dataclass(frozen=True)
class Row:
    """What an attack cost the service."""

    attack: Attack
    sent: Sent
    silent_seconds: float
    cpu_seconds: float
    grown_mib: float

    @property
    def is_bad(self) -> bool:
        """Whether it cost more than a stranger's bytes may."""
        return self.silent_seconds >= LONGEST_SILENCE_SECONDS or self.grown_mib >= MOST_MIB


def attacks(broker: Broker, valkey: Valkey, folder: Path, *, named: str = "") -> str:
    """Every attack whose name has `named` in it, and what it cost; bad rows are marked."""
    chosen = [attack for attack in ATTACKS if named in attack.name]
    with running(broker, valkey, folder / "attacks") as targets:
        rows = [measured(attack, targets) for attack in chosen]
    head = (
        "| attack | service | sent, kB | answer | longest silence, s | CPU, s | MiB more |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
    )
    return head + "".join(line(row) for row in rows)


def measured(attack: Attack, targets: dict[str, Target]) -> Row:
    """One attack: until it was answered and the service is idle again."""
    target = targets[attack.service]
    wait_idle(target)
    before = used_seconds(target.process.pid)
    watch = Watch(target.health_url, target.process)
    sent = attack.send(targets[attack.through or attack.service])
    wait_idle(target)
    seen = watch.end()
    used = used_seconds(target.process.pid) - before
    row = Row(attack, sent, seen.silent_seconds, used, seen.grown_mib)
    print(line(row), end="", file=sys.stderr, flush=True)
    return row


def line(row: Row) -> str:
    """The row in Markdown, marked if it is bad."""
    mark = f"{MARK} " if row.is_bad else ""
    cells = (
        f"{mark}{row.attack.name}",
        row.attack.service,
        f"{row.sent.size_bytes / 1000:,.0f}",
        row.sent.answer,
        f"{row.silent_seconds:.2f}",
        f"{row.cpu_seconds:.2f}",
        f"{row.grown_mib:.0f}",
    )
    return f"| {' | '.join(cells)} |\n"


def wait_idle(target: Target) -> None:
    """Returns once the service uses hardly any processor, or after a minute."""
    deadline = time.monotonic() + IDLE_LIMIT_SECONDS
    used = used_seconds(target.process.pid)
    while time.monotonic() < deadline:
        time.sleep(IDLE_SECONDS)
        before, used = used, used_seconds(target.process.pid)
        if used - before < IDLE_SHARE * IDLE_SECONDS:
            return


@contextmanager
def running(broker: Broker, valkey: Valkey, folder: Path) -> Iterator[dict[str, Target]]:
    """All services, ready."""
    folder.mkdir()
    ensure_topics(broker.bootstrap, "newsman", replication=1)
    digest = hashlib.sha256(b"demo-key").hexdigest()
    sources = folder / "sources.toml"
    sources.write_text(
        f'[sources.demo]\nkeys = ["sha256:{digest}"]\nlanguage = "en"\n'
        f'[sources.desk]\nsecrets = ["{SECRET}"]\nlanguage = "en"\n'
    )
    sources.chmod(0o600)
    with ExitStack() as stack:
        targets: dict[str, Target] = {}
        for name in SERVICES:
            settings = {
                "NEWSMAN_SOURCES_FILE": str(sources),
                "NEWSMAN_ASSETS_URL": (folder / "assets").as_uri(),
                "NEWSMAN_WEBHOOK_URL": f"http://127.0.0.1:{free_port()}/",
                "NEWSMAN_WEBHOOK_SECRET": "whsec_" + "c2VjcmV0" * 6,
            }
            process, url = stack.enter_context(
                started_service(name, broker, valkey, folder, **settings)
            )
            targets[name] = Target(process, url, f"{ops_url(name, url)}/healthz")
        wait_for(_all(targets, answers))
        yield targets


def _all(targets: dict[str, Target], check: Callable[[str], bool]) -> Callable[[], bool]:
    return lambda: all(
        check(each.health_url.replace("/healthz", "/readyz")) for each in targets.values()
    )
