"""What a poller remembers survives a restart, and nonsense in its file does no harm."""

import json
import os
import stat

import pytest

from newsman.runtime.settings_error import SettingsError
from newsman.tools.push.fetching import Validators
from newsman.tools.push.poll.poll_state import Feed, PollState

INGEST = "http://ingest"
FEED = Feed("http://f/x", '"1"', sha256="ab", moved_to="http://f/x", not_before=7.5, failures=2)


@pytest.fixture
def opened(tmp_path):
    states = []

    def open_state(ingest=INGEST):
        state = PollState(tmp_path / "deep" / "poll.json", ingest)
        states.append(state)
        state.open()
        return state

    yield open_state
    for state in states:
        state.close()


def test_what_was_remembered_is_there_after_a_restart_for_that_ingest_alone(opened):
    state = opened()
    state.put("http://f", FEED)
    state.close()
    other = opened("http://other")
    assert other.get("http://f") == Feed()
    other.put("http://g", Feed(gone=True))
    other.close()
    assert opened().get("http://f") == FEED


def test_addresses_with_tokens_are_kept_for_their_owner_alone(opened, tmp_path):
    before = os.umask(0)
    try:
        opened().put("http://f/x?token=secret", FEED)
    finally:
        os.umask(before)
    folder = tmp_path / "deep"
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (folder, *folder.iterdir())}
    assert modes == {"deep": 0o700, "poll.json": 0o600, "poll.json.lock": 0o600}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"ingests": []}',
        '{"ingests": {"http://ingest": {"http://f": 1}}}',
        '{"ingests": {"http://ingest": {"http://f": {"etag": 5}}}}',
        '{"ingests": {"http://ingest": {"http://f": {"not_before": "x"}}}}',
    ],
)
def test_a_broken_file_means_beginning_again(opened, tmp_path, text):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "poll.json").write_text(text)
    assert opened().get("http://f") == Feed()
    assert json.loads((tmp_path / "deep" / "poll.json").read_text()) == {"ingests": {}}


def test_one_poller_a_file(opened):
    opened()
    with pytest.raises(SettingsError, match="in use"):
        opened()


def test_a_place_that_cannot_be_written_is_told_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="--state"):
        PollState(tmp_path / "file" / "poll.json", INGEST).open()


def test_conditions_go_to_the_address_that_they_came_from_only():
    validators = Validators("http://f/x", '"1"', "yesterday")
    assert validators.headers("http://f/x") == {
        "If-None-Match": '"1"',
        "If-Modified-Since": "yesterday",
    }
    assert validators.headers("http://f/y") == {}
