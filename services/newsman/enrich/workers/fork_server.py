"""A process that loads the models once and forks workers, each ready in milliseconds.

The service passes it one socket per worker over its standard input (unix(7), SCM_RIGHTS), and reads
on its standard output, as lines of JSON, which workers began and how they ended.
"""

import ctypes
import gc
import json
import os
import resource
import selectors
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass

COMMAND = struct.Struct("<q")
"""The worker that is to be ended, or FORK together with a socket."""
FORK = 0
CONTROL, STANDARD_OUTPUT = 0, 1
PR_SET_PDEATHSIG = 1
MEBIBYTE = 1024 * 1024

Answer = Callable[[bytes], bytes]
"""The answer to one line, itself a line without its end."""


@dataclass(frozen=True)
class Limits:
    """Bounds of a worker: processor seconds for each line, MiB beyond what was loaded."""

    cpu_seconds: float
    memory_mb: int


def serve_forks(answer: Answer, *, hello: str, limits: Limits) -> None:
    """Forks and ends workers as told until standard input ends; its workers end with it."""
    # Reference counts of what is loaded stay shared; a collection would copy all of it.
    gc.collect()
    gc.freeze()
    die_with_parent()
    _ForkServer(answer, limits).run(hello)


class _ForkServer:
    def __init__(self, answer: Answer, limits: Limits) -> None:
        self._answer = answer
        self._limits = limits
        self._control = socket.socket(fileno=CONTROL)
        self._woken, self._waking = socket.socketpair()
        self._children: set[int] = set()

    def run(self, hello: str) -> None:
        os.set_blocking(self._waking.fileno(), False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waking.fileno(), warn_on_full_buffer=False)
        _report(ready=hello)
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ, self._obey)
            selector.register(self._woken, selectors.EVENT_READ, self._reap)
            while all([key.data() for key, _ in selector.select()]):
                pass

    def _obey(self) -> bool:
        command, sockets, _, _ = socket.recv_fds(self._control, COMMAND.size, 1)
        if len(command) < COMMAND.size:
            return False
        pid = COMMAND.unpack(command)[0]
        if pid == FORK:
            self._fork(socket.socket(fileno=sockets[0]))
        elif pid in self._children:
            os.kill(pid, signal.SIGKILL)
        return True

    def _fork(self, channel: socket.socket) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_worker(channel)
        channel.close()
        self._children.add(pid)
        _report(forked=pid)

    def _reap(self) -> bool:
        self._woken.recv(4_096)
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            self._children.discard(pid)
            _report(ended=pid, status=os.waitstatus_to_exitcode(status))
        return True

    def _become_worker(self, channel: socket.socket) -> None:
        """Never returns: what follows in this process is the parent's."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for inherited in (self._control, self._woken, self._waking):
                inherited.close()
            os.dup2(os.open(os.devnull, os.O_WRONLY), STANDARD_OUTPUT)
            die_with_parent()
            _work(channel, self._answer, self._limits)
            status = 0
        except BaseException:  # noqa: BLE001 - nothing is swallowed: the process ends
            traceback.print_exc()
        finally:
            os._exit(status)


def _work(channel: socket.socket, answer: Answer, limits: Limits) -> None:
    _limit_memory(limits.memory_mb)
    with channel.makefile("rb") as lines:
        for line in lines:
            # The kernel enforces the limit, whatever code is running.
            signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
            answered = answer(line)
            signal.setitimer(signal.ITIMER_PROF, 0)
            channel.sendall(answered + b"\n")


def die_with_parent() -> None:
    """Has the kernel end this process when its parent ends, even while it hangs (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit_memory(memory_mb: int) -> None:
    # Not `ru_maxrss`: a process inherits its parent's peak, and that would widen the limit.
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
        used = int(statm.read().split()[0]) * resource.getpagesize()
    limit = used + memory_mb * MEBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _report(**facts: object) -> None:
    os.write(STANDARD_OUTPUT, json.dumps(facts).encode() + b"\n")
