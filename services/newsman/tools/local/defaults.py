"""The settings by which commands reach the embedded stack that runs here."""

import os
import shlex
from collections.abc import MutableMapping

from newsman.services import SERVICES
from newsman.tools.local.layout import Layout, layout_from_environment
from newsman.tools.local.processes import is_running, load

DEMO_KEY = "demo-key"
ADDRESSES = ("NEWSMAN_KAFKA_BOOTSTRAP", "NEWSMAN_REDIS_URL", "NEWSMAN_REDIS_URL_FILE")
"""Where one of these is set, commands are meant for another installation."""


def set_defaults(environment: MutableMapping[str, str] = os.environ) -> None:
    """Adds what is not set to the environment, where the stack runs and no other one is named."""
    if any(name in environment for name in ADDRESSES):
        return
    layout = layout_from_environment()
    supervisor = load(layout.supervisor)
    if not (supervisor and is_running(supervisor[0])):
        return
    for name, value in operator_settings(layout).items():
        environment.setdefault(name, value)


def operator_settings(layout: Layout) -> dict[str, str]:
    """The settings of an operator of the embedded stack, by their names."""
    feeds = layout.url("feeds")
    return {
        "NEWSMAN_KAFKA_BOOTSTRAP": layout.bootstrap,
        "NEWSMAN_REDIS_URL": layout.redis_url,
        "NEWSMAN_SOURCES_FILE": str(layout.sources),
        "NEWSMAN_ASSETS_URL": (layout.home / "assets").absolute().as_uri(),
        "NEWSMAN_PUBLIC_URL": feeds,
        "NEWSMAN_DELIVER_URL": layout.url("deliver"),
        "NEWSMAN_OPERATOR_TOKEN_FILE": str(layout.operator_token),
        "NEWSMAN_SIGNING_KEY_FILE": str(layout.signing_key),
        "NEWSMAN_SIGNING_KEYS_FILE": str(layout.signing_keys),
        "NEWSMAN_PUSH_URL": layout.url("ingest"),
        "NEWSMAN_PUSH_KEY": DEMO_KEY,
        "NEWSMAN_OPS_URLS": ",".join(f"{name}={layout.ops_url(name)}" for name in SERVICES),
    }


def exports(layout: Layout) -> str:
    """The settings as lines for a shell: `eval "$(newsman local env)"`."""
    settings = operator_settings(layout).items()
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings)
