"""Settings, one frozen class per service, read from the environment once in main()."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings

from newsman.kafka.access.addresses import require_addresses
from newsman.kafka.access.security import Bootstrap
from newsman.kafka.access.settings import KafkaAccessSettings, security_in
from newsman.own_names.names_file import read_names
from newsman.redis.servers.address import PATTERN, address_of
from newsman.runtime.environment import EnvironmentSettings, SecretSetting, variable
from newsman.runtime.instance import own_name
from newsman.runtime.settings_error import SettingsError
from newsman.site.plan import read_plan
from newsman.web.settings import HttpAddress, OutboundSettings, PublicServerSettings
from newsman_schemas.names.zones import zone_named

Namespace = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]


def _checked(url: str) -> str:
    address_of(url)
    return url


RedisUrl = Annotated[str, StringConstraints(pattern=PATTERN), AfterValidator(_checked)]


def _zone_name(name: str) -> str:
    zone_named(name)
    return name


def _site_file(path: Path | None) -> Path | None:
    if path is not None:
        read_plan(path)
    return path


def _names_file(path: Path | None) -> Path | None:
    if path is not None:
        read_names(path)
    return path


LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
EXAMPLES = {
    "NEWSMAN_KAFKA_BOOTSTRAP": "localhost:9092",
    "NEWSMAN_REDIS_URL": "redis://localhost:6379/0",
    "NEWSMAN_SOURCES_FILE": "/etc/newsman/sources.toml",
}


def _keys_file(path: Path | None) -> Path | None:
    if path is not None:
        # The library behind it takes its time, and few processes need it.
        from newsman.provenance.keys import read_keys_file

        read_keys_file(path)
    return path


S = TypeVar("S", bound=BaseSettings)


def _log_level(name: str) -> str:
    if name.upper() not in LOG_LEVELS:
        raise ValueError(f"{name} is no level")
    return name.upper()


class KafkaSettings(KafkaAccessSettings):
    """Address of the broker, the way into its cluster, and the namespace of this installation's
    topics."""

    kafka_bootstrap: str = Field(description="Kafka brokers, host:port, separated by commas")
    namespace: Namespace = Field(
        default="newsman",
        description="first part of every topic, consumer group and Redis key",
    )

    @field_validator("kafka_bootstrap")
    @classmethod
    def _with_its_security(cls, brokers: str, info: ValidationInfo) -> Bootstrap:
        require_addresses(brokers)
        return Bootstrap(brokers, security_in(info.data))


class ServiceSettings(KafkaSettings):
    """Settings that every service needs: the broker, Redis, and an address for health and
    metrics."""

    redis_url: SecretSetting[RedisUrl] = Field(
        description="Redis or Valkey: redis://, rediss://, unix://, redis+sentinel://, redis+cluster://"
    )
    host: str = Field(default="127.0.0.1", description="address that the HTTP server binds")
    port: int = Field(default=8080, ge=0, le=65_535, description="port of the HTTP server")
    instance: str = Field(
        default_factory=own_name,
        description="name of this process among its equals; a restart under the same name "
        "takes its partitions back at once; unset: the name of the machine or container",
    )
    log_level: Annotated[str, AfterValidator(_log_level)] = Field(
        default="INFO", description="DEBUG, INFO, WARNING or ERROR"
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="text, or json: an object a line"
    )


class SourcesFileSettings(EnvironmentSettings):
    """Path of the file that lists the sources allowed to push."""

    sources_file: Path = Field(description="TOML file of the sources that may push")


class AssetsSettings(EnvironmentSettings):
    """Folder or bucket of the newsrooms' pictures, sound, film and PDFs."""

    assets_url: str = Field(
        default="file:///var/lib/newsman/assets",
        description="fsspec URL of the folder of binary renditions: file:///… or s3://bucket/prefix",
    )


class ViewTokenSettings(EnvironmentSettings):
    """Tokens that tell loaded pages from scripts."""

    view_token_secret: SecretSetting[str | None] = Field(
        default=None,
        min_length=16,
        description="secret that signs the view tokens of pages, the same for ingest and feeds; "
        "unset: one of their own, kept in Redis",
    )


class PublicKeysSettings(EnvironmentSettings):
    """Public keys by which everybody can check what the site says it published."""

    signing_keys_file: Annotated[Path | None, AfterValidator(_keys_file)] = Field(
        default=None,
        description="JWK Set of the public keys of statements; unset: nothing is signed, and "
        "there are no pages of provenance",
    )


class SiteTimezoneSettings(EnvironmentSettings):
    """The time zone of the site."""

    site_timezone: Annotated[str, AfterValidator(_zone_name)] = Field(
        default="UTC",
        description="time zone in which pages tell times and days begin, for example Europe/Oslo",
    )


class IngestSettings(
    ServiceSettings,
    SourcesFileSettings,
    AssetsSettings,
    PublicServerSettings,
    ViewTokenSettings,
    SiteTimezoneSettings,
):
    """The HTTP edge for pushes."""

    port: int = Field(default=8080, ge=0, le=65_535, description="port of the HTTP server")
    public_url: HttpAddress[str] = Field(
        default="http://127.0.0.1:8081",
        description="where readers reach the feeds service; links in answers start with it",
    )
    max_body_bytes: int = Field(
        default=15 * 1024 * 1024, gt=0, description="largest request body, in bytes"
    )
    ack_timeout_seconds: float = Field(
        default=4.0, gt=0, lt=5, description="how long a push waits for Kafka before a 503"
    )
    max_in_flight_bytes: int = Field(
        default=64 * 1024 * 1024, gt=0, description="bytes waiting for Kafka before a 503"
    )
    reading_cpu_seconds: float = Field(
        default=2.0,
        gt=0,
        description="processor time that reading one push may take before it is refused and "
        "parked; JSON may take 0.4 s more a MB",
    )
    reading_memory_mb: int = Field(
        default=128, ge=64, description="memory that reading one push may take, in MiB"
    )
    ingest_workers: int = Field(
        default=1, ge=1, le=64, description="processes that serve on the one port"
    )
    views_per_minute: int = Field(
        default=60,
        ge=0,
        description="more views than this of one reader in a minute don't count; 0: all do",
    )
    views_per_address: int = Field(
        default=600,
        ge=0,
        description="more views than this of one address in a minute, without a key, don't count; "
        "0: all do",
    )
    agents_per_address: int = Field(
        default=250,
        ge=0,
        description="readers of one article at one address in a quarter of an hour, without a "
        "key; others don't count; 0: all do",
    )
    readers_per_network: int = Field(
        default=500,
        ge=0,
        description="readers of one article in one network (/24, /48) in a quarter of an hour, "
        "without a key; beyond that only as many count as all other networks have; 0: all do",
    )
    count_untokened: bool = Field(
        default=True,
        description="whether views without a key count that come without the token of a page",
    )
    datacentre_ranges_file: Path | None = Field(
        default=None,
        description="file of networks (CIDR, one a line) from which no reader comes; unset: none",
    )
    reader_salt: SecretSetting[str | None] = Field(
        default=None,
        min_length=16,
        description="secret that keys reader hashes; unset: a fresh one each day, kept in Redis",
    )


class NamesFileSettings(EnvironmentSettings):
    """Path of the file of the newsroom's own names."""

    names_file: Annotated[Path | None, AfterValidator(_names_file)] = Field(
        default=None,
        description="TOML, CSV or NDJSON file of the newsroom's own names, read again when it "
        "changes; unset: none but those of `newsman names`",
    )


class EnrichSettings(ServiceSettings, NamesFileSettings):
    """Tags and entities."""

    port: int = Field(default=8082, ge=0, le=65_535, description="port of health and metrics")
    nlp_workers: int = Field(default=1, ge=1, le=64, description="processes that run the model")
    nlp_timeout_seconds: float = Field(
        default=2.0,
        gt=0,
        description="processor time that one article may take before it goes on without",
    )
    nlp_silence_seconds: float = Field(
        default=30.0,
        gt=0,
        description="how long an NLP process may be silent about an article without using up its "
        "processor time, before the article goes on without",
    )
    nlp_memory_mb: int = Field(
        default=1_500, ge=256, description="address space one NLP process may add, in MiB"
    )
    sections_model: Path | None = Field(
        default=None,
        description="file that `newsman sections train` wrote; unset: no sections are guessed",
    )


class PopularitySettings(ServiceSettings):
    """Counts and rankings."""

    port: int = Field(default=8083, ge=0, le=65_535, description="port of health and metrics")
    view_window_seconds: int = Field(
        default=1_800,
        ge=0,
        le=28_800,
        description="a reader's views of one article closer together than this count once, up to "
        "8 hours; 0: every view counts",
    )
    decay_half_life_seconds: int = Field(
        default=21_600,
        ge=900,
        le=604_800,
        description="after so long a view is worth half as much in the time-decayed ranking",
    )
    surge_views: int = Field(
        default=300,
        ge=0,
        description="an article with so many views in 15 minutes is held out of the rankings "
        "while they look artificial; 0: none is",
    )
    ranking_size: int = Field(default=20, ge=1, le=100, description="rows in ranking-changed")


class PublishSettings(ServiceSettings, PublicKeysSettings):
    """The one gate for order, embargo and kill."""

    port: int = Field(default=8084, ge=0, le=65_535, description="port of health and metrics")
    retention_days: int = Field(
        default=0,
        ge=0,
        description="articles that were published and came last longer ago leave the store; "
        "0: none do",
    )
    public_url: HttpAddress[str] = Field(
        default="http://127.0.0.1:8081",
        description="where readers reach the feeds service; statements are signed in its name",
    )
    signing_key_file: Path | None = Field(
        default=None,
        description="file of the Ed25519 key that signs statements of what is published (PEM); "
        "unset: nothing is signed",
    )

    @field_validator("signing_key_file")
    @classmethod
    def _with_its_public_key(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        if path is not None and "signing_keys_file" in info.data:
            from newsman.provenance.keys import check_key, read_signing_key

            check_key(read_signing_key(path), info.data["signing_keys_file"], datetime.now(UTC))
        return path


class FeedsSettings(
    ServiceSettings,
    AssetsSettings,
    PublicServerSettings,
    ViewTokenSettings,
    PublicKeysSettings,
    SiteTimezoneSettings,
):
    """The read side."""

    port: int = Field(default=8081, ge=0, le=65_535, description="port of the HTTP server")
    ops_port: int = Field(
        default=8091, ge=0, le=65_535, description="port of health, metrics and the API's page"
    )
    public_url: HttpAddress[str] = Field(
        default="http://127.0.0.1:8081", description="where readers reach this service"
    )
    views_url: HttpAddress[str | None] = Field(
        default=None,
        description="where reader pages send their views: ingest's /v1/views; unset: nowhere",
    )
    site_name: str = Field(default="Newsman", description="name in pages and feeds")
    site_language: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
        description="language of feeds whose articles share none, for example en or pt-BR; "
        "unset: those feeds name none",
    )
    site_file: Annotated[Path | None, AfterValidator(_site_file)] = Field(
        default=None,
        description="TOML file of the front page and of names, read again when it changes; "
        "unset: the largest sections, and sources by their ids",
    )
    robots_refused: str = Field(
        default="",
        pattern=r"^( *(search|ai-assistant|ai-training|feed-reader|monitor) *(,|$))*$",
        description="kinds of programs that robots.txt asks to stay away, separated by commas: "
        "search, ai-assistant, ai-training, feed-reader, monitor; empty: none",
    )
    updated_prefix: str = Field(
        default="",
        max_length=40,
        description="text before the titles of updated articles in feeds, for example Updated:; "
        "empty: they are marked by their dates only",
    )
    picture_hosts: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9.:, -]*$",
        description="hosts from which reader pages load pictures beside their own assets, "
        "separated by commas; empty: none, a link stands in their place",
    )
    cors_origins: str = Field(
        default="",
        description="origins whose pages may read feeds and the API, separated by commas; "
        "* for all; empty: none",
    )
    api_requests_per_minute: int = Field(
        default=120_000, ge=1, description="requests of /v1 that one address may make in a minute"
    )
    hub_url: HttpAddress[str | None] = Field(
        default=None, description="WebSub hub that feeds name; unset: they name none"
    )
    catalogue_file: str | None = Field(
        default=None,
        description="SQLite file of the index behind search and combined feeds, kept over "
        "restarts; unset: a temporary one, made anew from the log at every start",
    )
    stream_buffer_events: int = Field(
        default=1_000, ge=1, description="events that one live stream may lag behind"
    )
    streams_per_address: int = Field(
        default=100, ge=1, description="live streams that one address may have open"
    )
    stream_heartbeat_seconds: float = Field(
        default=15.0, gt=0, description="silence after which the live stream sends a comment"
    )

    @property
    def refused_kinds(self) -> tuple[str, ...]:
        """The kinds of programs that are asked to stay away."""
        return tuple(kind.strip() for kind in self.robots_refused.split(",") if kind.strip())


class EmailSettings(EnvironmentSettings):
    """E-mails to subscribers."""

    smtp_url: SecretSetting[str | None] = Field(
        default=None,
        description="mail server, smtp://user:password@host:587 or smtps://…; unset: no e-mails",
    )
    mail_from: str | None = Field(
        default=None,
        pattern=r"^[^@\s]+@[^@\s]+$",
        description="address that e-mails are from; needed with NEWSMAN_SMTP_URL",
    )
    mail_bounces: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]{0,15}@[A-Za-z0-9.-]+$",
        description="address at which e-mails that come back arrive, bounce@host (each as "
        "bounce+TOKEN@host) or @host (as TOKEN@host); unset: NEWSMAN_MAIL_FROM, and none are read",
    )
    unsubscribe_secret: SecretSetting[str | None] = Field(
        default=None,
        min_length=16,
        description="secret that signs the addresses that end e-mails and that they come back to; "
        "needed with NEWSMAN_SMTP_URL",
    )
    site_name: str = Field(default="Newsman", description="name that e-mails are from")
    deliver_url: HttpAddress[str | None] = Field(
        default=None,
        description="where recipients of e-mails reach this service; needed with NEWSMAN_SMTP_URL",
    )


class DeliverSettings(ServiceSettings, OutboundSettings, EmailSettings, PublicServerSettings):
    """Subscriptions and deliveries."""

    port: int = Field(default=8085, ge=0, le=65_535, description="port of the HTTP server")
    ops_port: int = Field(
        default=8095, ge=0, le=65_535, description="port of health, metrics and the API's page"
    )
    operator_token_file: Path | None = Field(
        default=None,
        description="file that holds the operator's token for /v1/subscriptions; unset: none",
    )
    fetches_per_subscriber: int = Field(
        default=300,
        ge=1,
        description="long polls and streams that one subscriber may have open at a process",
    )
    stream_heartbeat_seconds: float = Field(
        default=15.0, gt=0, description="silence after which a stream sends a comment"
    )
    ledger_file: str | None = Field(
        default=None,
        description="SQLite file of who was sent what, kept over restarts; unset: a temporary one, "
        "read again from the log at every start",
    )
    webhook_url: HttpAddress[str | None] = Field(
        default=None, description="address of a webhook that is told of everything; unset: none"
    )
    webhook_secret: SecretSetting[str | None] = Field(
        default=None, description="Standard Webhooks secret, whsec_ and base64 of 24 to 64 bytes"
    )
    webhook_timeout_seconds: float = Field(
        default=15.0, gt=0, description="how long a receiver may take to answer"
    )
    most_waiting: int = Field(
        default=10_000,
        ge=1,
        description="deliveries that wait for one subscription before it catches up from the log",
    )
    public_url: HttpAddress[str] = Field(
        default="http://127.0.0.1:8081",
        description="where readers reach the feeds service; topics of the hub start with it",
    )
    site_name: str = Field(default="Newsman", description="name in NewsML-G2 and other formats")
    feeds_url: HttpAddress[str] = Field(
        default="http://127.0.0.1:8081", description="where this service reads feeds for its hub"
    )
    hub_signature: Literal["sha1", "sha256", "sha384", "sha512"] = Field(
        default="sha256", description="method by which the hub signs content for a secret"
    )


class SubscriptionSettings(EnvironmentSettings):
    """`newsman subscription`: where deliver is, and with which token it is asked."""

    deliver_url: HttpAddress[str] = Field(
        default="http://127.0.0.1:8085", description="where deliver's API is reached"
    )
    subscriber_token: SecretSetting[str | None] = Field(
        default=None, description="a subscriber's token, nmsub_…; before the operator's"
    )
    operator_token_file: Path | None = Field(
        default=None,
        description="file that holds the operator's token for /v1/subscriptions; unset: none",
    )


class ObserveSettings(ServiceSettings):
    """The watcher of an installation (`newsman observe`)."""

    port: int = Field(default=8096, ge=0, le=65_535, description="port of health and metrics")
    otlp_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="collector of traces (OTLP over HTTP), http://host:4318; unset: none are made",
    )


class WebhooksSettings(EnvironmentSettings):
    """The listener that shows what webhooks arrive (`newsman webhooks`)."""

    host: str = Field(default="127.0.0.1", description="address that the HTTP server binds")
    port: int = Field(default=8086, ge=0, le=65_535, description="port of the HTTP server")
    webhook_secret: SecretSetting[str | None] = Field(
        default=None, description="Standard Webhooks secret, whsec_ and base64 of 24 to 64 bytes"
    )


def settings_of(process: str) -> type[BaseSettings]:
    """The class that is called after a service or another process: `feeds` has `FeedsSettings`."""
    named: type[BaseSettings] = globals()[f"{process.capitalize()}Settings"]
    return named


def read_settings(settings: type[S]) -> S:
    """The settings from the environment; raises SettingsError naming the variable and the fix."""
    try:
        return settings()
    except ValidationError as error:
        problems = [_problem(settings, issue) for issue in error.errors()]
        raise SettingsError("\n".join(problems)) from error


def _problem(settings: type[BaseSettings], issue: Mapping[str, Any]) -> str:
    field = str(issue["loc"][0]) if issue["loc"] else ""
    name = variable(field)
    if issue["type"] == "missing":
        return f"{name} is not set; example: {EXAMPLES.get(name, '…')}"
    description = settings.model_fields[field].description if field in settings.model_fields else ""
    message = issue["msg"].removeprefix("Value error, ")
    return f"{name}: {message} ({description})"
