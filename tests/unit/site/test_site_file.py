"""The site's own file: what it may say, and what becomes of it when it changes."""

import os

import pytest

from newsman.runtime.settings_error import SettingsError
from newsman.settings import FeedsSettings, read_settings
from newsman.site.plan import SitePlan, read_plan
from newsman.site.site_file import SiteFile

PLAN = """
[front]
top = 3
windows = ["24h"]
[[front.sections]]
section = "World News"
name = "The world"
stories = 2
[[front.sections]]
section = "never-seen"
[sources]
demo = "The Harbour Post"
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "site.toml"
    path.write_text(PLAN)
    return path


def test_sections_stand_in_the_order_and_by_the_names_of_the_file(file):
    plan = read_plan(file)
    bar = [("arts", "Arts"), ("world-news", "World News")]
    assert plan.ordered(bar) == [("world-news", "The world"), ("arts", "Arts")]
    assert SitePlan().ordered(bar) == bar
    assert (plan.front.top, plan.front.windows) == (3, ("24h",))
    assert [plan.source_name(source) for source in ("demo", "other")] == [
        "The Harbour Post",
        "other",
    ]
    # Addresses have the slug of an id.
    assert SitePlan(sources={"AFP_Sport": "AFP"}).source_name("afp-sport", "AFP_Sport") == "AFP"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[front", "no TOML"),
        ("[fornt]", "fornt"),
        ("[front]\ntop = 'six'", "front.top"),
        ("[[front.sections]]\nstories = 3", "front.sections.0.section"),
        ("[front]\nwindows = ['2h']", "front.windows.0"),
    ],
)
def test_a_wrong_file_names_its_key_and_the_setting(file, monkeypatch, text, said):
    file.write_text(text)
    with pytest.raises(ValueError, match=said):
        read_plan(file)
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("NEWSMAN_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("NEWSMAN_SITE_FILE", str(file))
    with pytest.raises(SettingsError, match=f"NEWSMAN_SITE_FILE.*{said}"):
        read_settings(FeedsSettings)


def test_a_changed_file_is_read_again_and_a_wrong_one_leaves_what_was(file):
    now = [0.0]
    site_file = SiteFile(file, clock=lambda: now[0])

    def write(text: str) -> None:
        file.write_text(text)
        os.utime(file, ns=(1, int(now[0] * 10**9) + 1))
        now[0] += 2

    write("[front]\ntop = 9")
    assert (site_file.plan.front.top, site_file.changes) == (9, 1)
    write("[front]\ntop = 'wrong'")
    assert (site_file.plan.front.top, site_file.changes) == (9, 1)
    write("[front]\ntop = 2")
    assert (site_file.plan.front.top, site_file.changes) == (2, 2)
    file.unlink()
    now[0] += 2
    assert (site_file.plan.front.top, site_file.changes) == (2, 2)
