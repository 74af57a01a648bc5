"""Folders and ports of the embedded stack."""

import os
from dataclasses import dataclass
from pathlib import Path

from newsman.runtime.settings_error import SettingsError
from newsman.services import SERVICES
from newsman.settings import settings_of

PROCESSES = (*SERVICES, "webhooks")
"""Commands of Newsman that the stack runs: the services, and a subscriber for deliver."""


def ports_of(process: str) -> dict[str, int]:
    """The default ports in a process's settings by name; its port for operators ends in -ops."""
    fields = settings_of(process).model_fields
    names = {"port": process, "ops_port": f"{process}-ops"}
    return {name: fields[field].default for field, name in names.items() if field in fields}


MOST_OFFSET = 50_000

PORTS: dict[str, int] = {
    **{name: port for process in PROCESSES for name, port in ports_of(process).items()},
    "kafka": 9092,
    "kafka-controller": 9093,
    "valkey": 6379,
}


@dataclass(frozen=True)
class Layout:
    """One installation of the embedded stack: a folder and an offset for all its ports."""

    home: Path
    port_offset: int = 0

    def port(self, name: str) -> int:
        """The port of a service, the broker or Valkey."""
        return PORTS[name] + self.port_offset

    def url(self, name: str) -> str:
        """The address of a service on this machine."""
        return f"http://127.0.0.1:{self.port(name)}"

    def ops_port(self, service: str) -> int:
        """The port of a service's health and metrics."""
        name = f"{service}-ops"
        return self.port(name if name in PORTS else service)

    def ops_url(self, service: str) -> str:
        """The address of a service's health and metrics."""
        return f"http://127.0.0.1:{self.ops_port(service)}"

    @property
    def jars(self) -> Path:
        """The broker's JARs."""
        return self.home / "kafka-jars"

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.home / "logs"

    @property
    def state(self) -> Path:
        """The file of running processes: name, pid and start time, as JSON."""
        return self.home / "state.json"

    @property
    def supervisor(self) -> Path:
        """The file of the process that looks after the others, as JSON."""
        return self.home / "supervisor.json"

    @property
    def used_offset(self) -> Path:
        """The file of the offset that the processes were started with."""
        return self.home / "port-offset"

    @property
    def sources(self) -> Path:
        """The sources that may push."""
        return self.home / "sources.toml"

    @property
    def site_file(self) -> Path:
        """The names that the site gives to things."""
        return self.home / "site.toml"

    @property
    def webhook_secret(self) -> Path:
        """The secret that deliver signs with."""
        return self.home / "webhook-secret"

    @property
    def operator_token(self) -> Path:
        """The file of the token that deliver knows the operator by."""
        return self.home / "operator-token"

    @property
    def signing_key(self) -> Path:
        """The key that publish signs statements with."""
        return self.home / "signing-key.pem"

    @property
    def signing_keys(self) -> Path:
        """The public keys of statements."""
        return self.home / "signing-keys.json"

    @property
    def bootstrap(self) -> str:
        """The broker's address."""
        return f"127.0.0.1:{self.port('kafka')}"

    @property
    def redis_url(self) -> str:
        """Valkey's address."""
        return f"redis://127.0.0.1:{self.port('valkey')}/0"


def layout_from_environment() -> Layout:
    """`NEWSMAN_HOME` (default `.newsman` here) and `NEWSMAN_PORT_OFFSET` (default 0)."""
    offset = os.environ.get("NEWSMAN_PORT_OFFSET", "0")
    if not (offset.isascii() and offset.isdigit() and int(offset) <= MOST_OFFSET):
        raise SettingsError(
            f"NEWSMAN_PORT_OFFSET is {offset!r}; it takes a number up to {MOST_OFFSET}"
        )
    home = Path(os.environ.get("NEWSMAN_HOME", ".newsman")).resolve()
    return Layout(home, int(offset))
