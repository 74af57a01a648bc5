"""`.env.example` is what the settings are."""

import re
from pathlib import Path

from newsman.services import SERVICES
from newsman.settings import settings_of
from newsman.tools.operate.settings_example import settings_example

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"


def test_the_committed_example_is_the_current_one():
    assert EXAMPLE.read_text() == settings_example(), "newsman config example > .env.example"


def test_every_setting_of_every_service_is_in_it_once():
    named = re.findall(r"^#(NEWSMAN_\w+)=", settings_example(), re.MULTILINE)
    fields = {name for service in SERVICES for name in settings_of(service).model_fields}
    assert sorted(named) == sorted(f"NEWSMAN_{name.upper()}" for name in fields)
