"""Settings as `newsman config` checks and prints them."""

import pytest

from newsman.cli import main
from newsman.runtime.settings_error import SettingsError
from newsman.services import SERVICES
from newsman.settings import read_settings, settings_of
from newsman.tools.operate.config import problems_of, redacted
from newsman.tools.operate.options import PROCESSES
from newsman.tools.operate.settings import OperatorSettings


def test_nothing_secret_is_printed():
    assert redacted("NEWSMAN_WEBHOOK_SECRET", "whsec_abc") == "(hidden)"
    assert redacted("NEWSMAN_REDIS_URL", "redis://u:p@host:1/0") == "redis://(hidden)@host:1/0"
    assert redacted("NEWSMAN_REDIS_URL", "redis://host:1/0") == "redis://host:1/0"
    assert redacted("NEWSMAN_OPERATOR_TOKEN_FILE", "/a/file") == "/a/file"
    assert redacted("NEWSMAN_PORT", 80) == 80
    assert redacted("NEWSMAN_MAIL_FROM", "desk@news.example") == "desk@news.example"


@pytest.mark.parametrize(
    "address",
    [
        "redis://u:hush@host:1/0",
        "redis://host:1/0?password=hush",
        "unix:///run/redis.sock?db=1&password=hush",
        "redis+sentinel://u:hush@one:1,u:hush@two:2/master/0",
        "redis+sentinel://one:1/master/0?sentinel_username=u&sentinel_password=hush",
        "rediss+cluster://u:a,hush@one:1,two:2",
        "https://hush@hook.example/in",
        "https://hook.example/in?token=hush",
        "smtp://me:hu/hush@mail.example:587",
    ],
)
def test_an_address_is_shown_without_the_secrets_in_it(address):
    shown = redacted("NEWSMAN_REDIS_URL", address)
    assert "hush" not in shown
    assert shown.startswith(address.partition("://")[0])


def test_a_file_that_a_setting_names_and_that_cannot_be_read_is_told(monkeypatch, tmp_path):
    for name, value in {
        "KAFKA_BOOTSTRAP": "127.0.0.1:9092",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "SOURCES_FILE": str(tmp_path / "no-such"),
        "DATACENTRE_RANGES_FILE": str(tmp_path),
    }.items():
        monkeypatch.setenv(f"NEWSMAN_{name}", value)
    told = [problem for _, problem in problems_of(["ingest"])]
    assert sorted(told) == [
        f"NEWSMAN_DATACENTRE_RANGES_FILE: {tmp_path} cannot be read: Is a directory",
        f"NEWSMAN_SOURCES_FILE: {tmp_path}/no-such cannot be read: No such file or directory",
    ]
    assert list(problems_of(["publish"])) == []


@pytest.mark.parametrize("action", ["check", "print"])
def test_settings_of_nothing_are_a_wrong_call(action, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["config", action, "kafka"])
    assert ended.value.code == 2
    assert "there is no kafka; there are deliver, " in capsys.readouterr().err


@pytest.mark.parametrize("process", PROCESSES)
def test_every_process_has_settings(process):
    assert settings_of(process)


@pytest.fixture
def reached(monkeypatch):
    """The operator's settings with such addresses of services."""
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", "127.0.0.1:9092")
    monkeypatch.setenv("NEWSMAN_REDIS_URL", "redis://127.0.0.1:6379/0")

    def read(ops_urls):
        monkeypatch.setenv("NEWSMAN_OPS_URLS", ops_urls)
        return read_settings(OperatorSettings).addresses()

    return read


def test_services_are_reached_where_the_setting_says(reached):
    assert reached("feeds=http://a:1/, x = https://b") == [
        ("feeds", "http://a:1"),
        ("x", "https://b"),
    ]
    assert [name for name, _ in reached("http://{service}:{port}")] == list(SERVICES)
    assert [name for name, _ in reached("")] == list(SERVICES)


@pytest.mark.parametrize(
    "urls",
    [
        "feeds",
        "=",
        "feeds=",
        "=http://a:1",
        "feeds=a:1",
        "feeds=http://a:99999",
        "feeds=http://[::1",
    ]
    + ["feeds=ftp://a", "http://{service}:{port},feeds=http://a:1"],
)
def test_addresses_of_services_that_make_no_sense_are_a_wrong_setting(urls, reached):
    with pytest.raises(SettingsError, match=r"NEWSMAN_OPS_URLS: .* is not written name=http://"):
        reached(urls)
