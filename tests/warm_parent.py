"""The program that has imported a service and forks a process of it for each line that it reads.

A line is JSON: `env`, the whole environment, and `log`, the file for standard output and error. It
answers `started PID`, and later `ended PID STATUS`, a negative signal where one ended it.
"""

import gc
import json
import os
import select
import signal
import sys
from importlib import import_module
from pathlib import Path

from newsman.cli import COMMANDS, main
from newsman.runtime.private_files import UMASK, open_private


def serve(name: str) -> int | None:
    """Forks until standard input ends; returns in each child, with what its command is."""
    import_module(COMMANDS[name].module)
    gc.freeze()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    waiting = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 4_096)
            _reap()
        if 0 not in ready:
            continue
        chunk = os.read(0, 1 << 20)
        if not chunk:
            return None
        *lines, waiting = (waiting + chunk).split(b"\n")
        for line in lines:
            if not (pid := os.fork()):
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.close(woken)
                os.close(wake)
                return _become(name, **json.loads(line))
            _say(f"started {pid}")


def _reap() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _say(f"ended {pid} {os.waitstatus_to_exitcode(status)}")


def _say(line: str) -> None:
    os.write(1, line.encode() + b"\n")


def _become(name: str, env: dict[str, str], log: str) -> int:
    gc.unfreeze()
    os.setsid()
    os.umask(UMASK)
    nothing, output = os.open(os.devnull, os.O_RDONLY), open_private(log, _APPENDING)
    for number, descriptor in ((0, nothing), (1, output), (2, output)):
        os.dup2(descriptor, number)
    os.close(nothing)
    os.close(output)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [str(Path(sys.argv[0]).with_name("newsman")), name]
    return main([name])


_APPENDING = os.O_WRONLY | os.O_CREAT | os.O_APPEND

if __name__ == "__main__":
    sys.exit(serve(sys.argv[1]))
