"""Secrets from the files that the environment names."""

import pytest

from newsman import settings
from newsman.runtime.environment import EnvironmentSettings, secret_fields, secret_file_variable
from newsman.runtime.settings_error import SettingsError
from newsman.services import SERVICES
from newsman.settings import ServiceSettings, read_settings, settings_of

REDIS = "redis://desk:of-the-desk@127.0.0.1:6379/0"


@pytest.fixture(autouse=True)
def broker(monkeypatch):
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", "127.0.0.1:9092")
    for name in ("NEWSMAN_REDIS_URL", "NEWSMAN_REDIS_URL_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_a_secret_is_read_from_its_file(monkeypatch, tmp_path):
    (tmp_path / "redis").write_text(f"{REDIS}\n")
    monkeypatch.setenv("NEWSMAN_REDIS_URL_FILE", str(tmp_path / "redis"))
    assert read_settings(ServiceSettings).redis_url == REDIS


def test_the_content_of_a_file_is_checked_as_the_variable_is(monkeypatch, tmp_path):
    (tmp_path / "redis").write_text("http://127.0.0.1\n")
    monkeypatch.setenv("NEWSMAN_REDIS_URL_FILE", str(tmp_path / "redis"))
    with pytest.raises(SettingsError, match="NEWSMAN_REDIS_URL: String should match"):
        read_settings(ServiceSettings)


def test_a_file_that_is_not_there_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("NEWSMAN_REDIS_URL_FILE", str(tmp_path / "nothing"))
    with pytest.raises(SettingsError, match="NEWSMAN_REDIS_URL_FILE cannot be read"):
        read_settings(ServiceSettings)


def test_a_secret_comes_from_one_place(monkeypatch, tmp_path):
    (tmp_path / "redis").write_text(REDIS)
    monkeypatch.setenv("NEWSMAN_REDIS_URL", REDIS)
    monkeypatch.setenv("NEWSMAN_REDIS_URL_FILE", str(tmp_path / "redis"))
    with pytest.raises(SettingsError, match="NEWSMAN_REDIS_URL_FILE are both set; unset one"):
        read_settings(ServiceSettings)


@pytest.mark.parametrize("name", ["redis_url", "kafka_password", "kafka_key_password"])
@pytest.mark.parametrize("service", SERVICES)
def test_every_service_takes_its_secrets_from_files(service, name):
    assert name in secret_fields(settings_of(service))


def test_whatever_is_called_a_secret_may_be_in_a_file():
    words = ("secret", "salt", "password", "smtp_url", "redis_url")
    for found in vars(settings).values():
        if isinstance(found, type) and issubclass(found, EnvironmentSettings):
            named = {f for f in found.model_fields if any(word in f for word in words)}
            assert named <= set(secret_fields(found)), found


def test_the_variable_of_a_file():
    assert secret_file_variable("redis_url") == "NEWSMAN_REDIS_URL_FILE"


@pytest.mark.parametrize(
    ("service", "name", "value", "said"),
    [
        ("feeds", "LOG_LEVEL", "foo", "foo is no level"),
        ("publish", "LOG_LEVEL", "", "is no level"),
        ("enrich", "KAFKA_BOOTSTRAP", "", "no broker is named"),
        ("deliver", "KAFKA_BOOTSTRAP", "host:port", "is not written host:port"),
        ("feeds", "PUBLIC_URL", "news.example", "is no http or https address"),
        ("feeds", "HUB_URL", "http://[::1", "is no http or https address"),
        ("publish", "PUBLIC_URL", "ftp://news.example", "is no http or https address"),
        ("deliver", "FEEDS_URL", "http://feeds:99999", "is no http or https address"),
        ("subscription", "DELIVER_URL", "http://", "is no http or https address"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_before_anything_starts(
    service, name, value, said, monkeypatch
):
    monkeypatch.setenv("NEWSMAN_REDIS_URL", REDIS)
    monkeypatch.setenv(f"NEWSMAN_{name}", value)
    with pytest.raises(SettingsError, match=f"^NEWSMAN_{name}: .*{said}"):
        read_settings(settings_of(service))


def test_a_level_is_taken_in_small_letters_and_an_empty_address_as_none(monkeypatch):
    monkeypatch.setenv("NEWSMAN_REDIS_URL", REDIS)
    monkeypatch.setenv("NEWSMAN_LOG_LEVEL", "debug")
    monkeypatch.setenv("NEWSMAN_HUB_URL", "")
    settings = read_settings(settings_of("feeds"))
    assert (settings.log_level, settings.hub_url) == ("DEBUG", "")
