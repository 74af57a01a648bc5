"""The ends of commands: each fault of the world around them in one line, and a status for it."""

import os
import signal
import sys
from collections.abc import Callable

from newsman.runtime.settings_error import SettingsError

FAILED, WRONG_CALL, INTERRUPTED, CLOSED_PIPE = 1, 2, 130, 141
"""Exit statuses; the last two are those that a shell reports of SIGINT and SIGPIPE."""
_AWAY = (
    ("kafka.errors", "KafkaError", "Kafka"),
    ("aiokafka.errors", "KafkaError", "Kafka"),
    ("redis.exceptions", "RedisError", "Redis"),
)
_WHERE = {"Kafka": "NEWSMAN_KAFKA_BOOTSTRAP", "Redis": "NEWSMAN_REDIS_URL"}


class CommandFailed(Exception):
    """A command cannot do what was asked; the text says why, and what to do."""


def served(service: Callable[[], int]) -> int:
    """Runs a service to its end; only a wrong setting is told, everything else ends it loudly.

    Told to end before it looks after that by itself, it ends at once. The first process of a
    container would go on: to it signals without a handler mean nothing (pid_namespaces(7)).
    """
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    try:
        return service()
    except SettingsError as error:
        return _told(error, WRONG_CALL)


def ended(command: Callable[[], int]) -> int:
    """Runs a command to its end; a broken surrounding costs one line on standard error.

    1: it could not be done; 2: the call or a setting is wrong; 130: interrupted; 141: nobody reads
    its output any more. Bugs are raised.
    """
    try:
        status = command()
        sys.stdout.flush()
    except SettingsError as error:
        return _told(error, WRONG_CALL)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return CLOSED_PIPE
    except _errors_of_the_world() as error:
        return _told(_in_words(error), FAILED)
    return status


def _errors_of_the_world() -> tuple[type[Exception], ...]:
    """Errors that are no bugs, with those of the client libraries that the command has imported."""
    found = [
        getattr(sys.modules[module], name) for module, name, _ in _AWAY if module in sys.modules
    ]
    return (CommandFailed, OSError, *found)


def _in_words(error: Exception) -> str:
    text = str(error) or type(error).__name__
    for module, name, server in _AWAY:
        if module in sys.modules and isinstance(error, getattr(sys.modules[module], name)):
            return f"{server}: {text}; {_WHERE[server]} says where it is"
    return text


def _told(error: object, status: int) -> int:
    print(error, file=sys.stderr)
    return status


def _discard_output() -> None:
    """Lets the interpreter flush what is left at its end without another error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
