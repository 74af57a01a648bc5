"""Settings as the environment holds them."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class EnvironmentSettings(BaseSettings):
    """Settings that are read once, each from `NEWSMAN_` and its own name in capitals."""

    model_config = SettingsConfigDict(env_prefix="NEWSMAN_", frozen=True, extra="ignore")
