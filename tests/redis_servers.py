"""Valkey as others run it: a cluster of three masters and their replicas; one with a Sentinel."""

import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import redis
from tests.ports import free_port

from newsman.tools.local.valkey import find_server

HOST = "127.0.0.1"
SLOTS = 16_384
NODE_TIMEOUT_MS = 2_000
LIMIT_SECONDS = 60.0


@dataclass(eq=False)
class Node:
    """A server of several."""

    folder: Path
    options: dict[str, str]
    words: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = {"port": str(self.port), "bind": HOST, "dir": str(self.folder), **self.options}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [find_server(), *self.words, *words], stdout=log, stderr=log, start_new_session=True
            )

    def ask(self, *words: str | int) -> object:
        """A command's answer; raises RedisError."""
        with redis.Redis(HOST, self.port, socket_timeout=10) as client:
            return client.execute_command(*words)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class ValkeyCluster:
    """Three masters, each with a replica that takes over when it dies; or without replicas, each
    known to clients by another port than its own."""

    def __init__(self, folder: Path, announced: Sequence[int] = ()) -> None:
        self._options = {
            "cluster-enabled": "yes",
            "cluster-node-timeout": str(NODE_TIMEOUT_MS),
            "cluster-replica-validity-factor": "0",
            "repl-diskless-sync-delay": "0",
            "appendonly": "yes",
            "save": "",
        }
        ports = [{"cluster-announce-port": str(port)} for port in announced] or [{}] * 6
        self.nodes = [
            Node(folder / str(n), {**self._options, "cluster-port": str(free_port()), **own})
            for n, own in enumerate(ports)
        ]
        self._moved: dict[int, Node] = {}

    @property
    def url(self) -> str:
        """The address of two of the masters; a client asks them for the others."""
        return "redis+cluster://" + ",".join(f"{HOST}:{node.port}" for node in self.nodes[:2])

    @property
    def masters(self) -> list[Node]:
        """Those that the slots were given to."""
        return self.nodes[:3]

    def start(self) -> None:
        """Starts the nodes and makes a cluster of them; returns once every slot is served."""
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            _until(lambda node=node: node.ask("PING"), f"node {node.port} answers")
        masters, replicas = self.masters, self.nodes[3:]
        share = SLOTS // 3 + 1
        for number, node in enumerate(masters):
            last = min((number + 1) * share, SLOTS) - 1
            node.ask("CLUSTER", "ADDSLOTSRANGE", number * share, last)
        first = self.nodes[0]
        for node in self.nodes[1:]:
            node.ask("CLUSTER", "MEET", HOST, first.port, first.options["cluster-port"])
        _until(lambda: all(map(self._knows_all, self.nodes)), "all know all")
        for master, replica in zip(masters, replicas, strict=False):
            replica.ask("CLUSTER", "REPLICATE", _text(master.ask("CLUSTER", "MYID")))
        _until(lambda: all(self._is_whole(node) for node in self.nodes), "every slot is served")
        _until(lambda: all(_follows(node) for node in replicas), "the replicas follow")

    def kill_master_of(self, key: str) -> int:
        """Kills the master that has a key; answers its port."""
        node = self._holder(self._slot(key))
        # A replica is told a moment later: what was written in between would go with its master.
        _until(lambda: _is_copied(node), "the replica has what its master has")
        node.kill()
        return node.port

    @contextmanager
    def slots_moving(self, keys: Iterable[str]) -> Iterator[None]:
        """Meanwhile the slots of the keys move to the next master and back, again and again."""
        slots, over = {self._slot(key) for key in keys}, threading.Event()

        def move() -> None:
            homes = {slot: self._holder(slot) for slot in slots}
            while not over.is_set():
                for slot, home in homes.items():
                    self._move(slot, self.masters[self.masters.index(home) - 1])
                    self._move(slot, home)

        with ThreadPoolExecutor(1) as beside:
            moving = beside.submit(move)
            try:
                yield
            finally:
                over.set()
                moving.result()

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()

    def _slot(self, key: str) -> int:
        return int(str(self.nodes[0].ask("CLUSTER", "KEYSLOT", key)))

    def _holder(self, slot: int) -> Node:
        return self._moved.get(slot, self.nodes[slot // (SLOTS // 3 + 1)])

    def _move(self, slot: int, target: Node) -> None:
        source = self._holder(slot)
        ids = [_text(node.ask("CLUSTER", "MYID")) for node in (source, target)]
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
        # One key at a time: meanwhile those of one command lie on two nodes.
        while keys := source.ask("CLUSTER", "GETKEYSINSLOT", slot, 1):
            source.ask("MIGRATE", HOST, target.port, keys[0], 0, 10_000)
        for node in (target, source, *(set(self.masters) - {target, source})):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[1])
        self._moved[slot] = target

    def _knows_all(self, node: Node) -> bool:
        told = _text(node.ask("CLUSTER", "NODES")).splitlines()
        known = sum("handshake" not in line and " connected" in line for line in told)
        return known == len(self.nodes)

    def _is_whole(self, node: Node) -> bool:
        return "cluster_state:ok" in _text(node.ask("CLUSTER", "INFO"))


class WatchedValkey:
    """A master and its replica, which a Sentinel puts in its place when it dies."""

    def __init__(self, folder: Path, password: str) -> None:
        self._folder, self._password = folder, password
        options = {"requirepass": password, "masterauth": password, "repl-diskless-sync-delay": "0"}
        self.master = Node(folder / "master", options)
        replicaof = {"replicaof": f"{HOST} {self.master.port}"}
        self.replica = Node(folder / "replica", {**options, **replicaof})
        self.sentinel = Node(folder / "sentinel", {}, (str(folder / "sentinel.conf"), "--sentinel"))

    @property
    def url(self) -> str:
        return f"redis+sentinel://:{self._password}@{HOST}:{self.sentinel.port}/newsman/0"

    def start(self) -> None:
        """Returns once the Sentinel knows both."""
        self._folder.mkdir(parents=True)
        (self._folder / "sentinel.conf").write_text(
            f"sentinel monitor newsman {HOST} {self.master.port} 1\n"
            f"sentinel auth-pass newsman {self._password}\n"
            "sentinel down-after-milliseconds newsman 1000\n"
            "sentinel failover-timeout newsman 5000\n"
        )
        self.master.start()
        self.replica.start()
        # A Sentinel asks a master for its replicas at once, and then every ten seconds.
        _until(lambda: _follows(self.replica, self._password), "the replica follows")
        self.sentinel.start()
        _until(lambda: self._knows() == "1", "the Sentinel knows the replica")

    def stop(self) -> None:
        for node in (self.sentinel, self.replica, self.master):
            node.kill()

    def _knows(self) -> str:
        told = self.sentinel.ask("SENTINEL", "MASTER", "newsman")
        words = [_text(word) for word in told] if isinstance(told, list) else []
        pairs = dict(zip(words[::2], words[1::2], strict=True)) or {
            _text(key): _text(value) for key, value in told.items()
        }
        return pairs["num-slaves"]


def _follows(node: Node, password: str | None = None) -> bool:
    with redis.Redis(HOST, node.port, password=password) as client:
        return client.info("replication")["master_link_status"] == "up"


def _is_copied(node: Node) -> bool:
    with redis.Redis(HOST, node.port) as client:
        told = client.info("replication")
    return told["master_repl_offset"] == told["slave0"]["offset"]


def _text(answer: object) -> str:
    if isinstance(answer, dict):
        return "\n".join(f"{key}:{value}" for key, value in answer.items())
    return answer.decode() if isinstance(answer, bytes) else str(answer)


def _until(condition, what: str) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except redis.RedisError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not within {LIMIT_SECONDS} s: {what}")


Servers = TypeVar("Servers", ValkeyCluster, WatchedValkey)


@contextmanager
def started(servers: Servers) -> Iterator[Servers]:
    """The servers, started, until the end."""
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()
