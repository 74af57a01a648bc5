"""The way into a cluster, as settings say it."""

import pickle

import pytest

from newsman.kafka.access.blocking import client_config
from newsman.kafka.access.security import Bootstrap, KafkaSecurity, security_of
from newsman.kafka.access.streaming import credentials
from newsman.runtime.settings_error import SettingsError
from newsman.settings import KafkaSettings, read_settings


@pytest.fixture
def settings(monkeypatch):
    def settings(**values: str) -> KafkaSettings:
        for name, value in {"BOOTSTRAP": "a:9092, b:9092", **values}.items():
            monkeypatch.setenv(f"NEWSMAN_KAFKA_{name}", value)
        return read_settings(KafkaSettings)

    return settings


def test_without_settings_nobody_asks(settings):
    bootstrap = settings().kafka_bootstrap
    assert bootstrap == "a:9092, b:9092"
    assert client_config(security_of(bootstrap)) == {}
    assert credentials(security_of(bootstrap)) is None
    assert security_of("a:9092") == KafkaSecurity()


def test_the_way_goes_with_the_addresses(settings):
    bootstrap = settings(
        SECURITY="sasl_plaintext", MECHANISM="SCRAM-SHA-256", USERNAME="desk", PASSWORD="a secret"
    ).kafka_bootstrap
    config = client_config(security_of(pickle.loads(pickle.dumps(bootstrap))))
    assert config == {
        "security_protocol": "SASL_PLAINTEXT",
        "ssl_context": None,
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "desk",
        "sasl_plain_password": "a secret",
    }
    assert "a secret" not in repr(security_of(bootstrap))
    assert isinstance(bootstrap, Bootstrap)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"SECURITY": "tls"}, "NEWSMAN_KAFKA_SECURITY: Input should be"),
        ({"SECURITY": "sasl_ssl"}, "NEWSMAN_KAFKA_USERNAME is not set"),
        ({"SECURITY": "sasl_ssl", "USERNAME": "desk"}, "NEWSMAN_KAFKA_PASSWORD is not set"),
        ({"SECURITY": "sasl_ssl", "MECHANISM": "OAUTHBEARER"}, "NEWSMAN_KAFKA_TOKEN_FILE is not"),
        ({"SECURITY": "ssl", "CA_FILE": "/nowhere.pem"}, "NEWSMAN_KAFKA_CA_FILE: /nowhere.pem"),
        (
            {"SECURITY": "ssl", "CERTIFICATE_FILE": "/nowhere.pem"},
            "NEWSMAN_KAFKA_CERTIFICATE_FILE: /nowhere.pem with the key in the same file",
        ),
    ],
)
def test_what_is_missing_is_named(settings, values, said):
    with pytest.raises(SettingsError, match=said):
        settings(**values)


def test_a_token_is_read_each_time(tmp_path):
    path = tmp_path / "token"
    security = KafkaSecurity("sasl_ssl", "OAUTHBEARER", token_file=path)
    for token in ("first", "second"):
        path.write_text(f"{token}\n")
        assert client_config(security)["sasl_oauth_token_provider"].token() == token
    path.write_text("\n")
    with pytest.raises(SettingsError, match="is empty"):
        security.read_token()
