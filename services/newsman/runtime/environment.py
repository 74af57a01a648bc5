"""Settings as the environment holds them, secrets also as files do."""

import os
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from newsman.runtime.settings_error import SettingsError

PREFIX = "NEWSMAN_"

T = TypeVar("T")


class IsSecret:
    """Marks a setting that may come from a file."""


SecretSetting = Annotated[T, IsSecret()]
"""A setting that `NEWSMAN_…_FILE` may name a file of, as Docker and Kubernetes hand out secrets."""


class EnvironmentSettings(BaseSettings):
    """Settings that are read once, each from `NEWSMAN_` and its own name in capitals.

    A secret may also stand in the file that `NEWSMAN_` and its name and `_FILE` names.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments come first, then the environment, then the files that it names."""
        return init_settings, env_settings, SecretFiles(settings_cls)


def variable(field: str) -> str:
    """The variable of a setting."""
    return f"{PREFIX}{field.upper()}"


def secret_file_variable(field: str) -> str:
    """The variable that names the file of a secret."""
    return f"{variable(field)}_FILE"


def secret_fields(settings: type[BaseSettings]) -> list[str]:
    """The settings of a class that may come from files."""
    return [name for name, field in settings.model_fields.items() if _is_secret(field)]


def _is_secret(field: FieldInfo) -> bool:
    return any(isinstance(mark, IsSecret) for mark in field.metadata)


class SecretFiles(PydanticBaseSettingsSource):
    """Secrets in the files that the environment names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The content of the file without the white space around it; raises SettingsError."""
        name = secret_file_variable(field_name)
        path = os.environ.get(name) if _is_secret(field) else None
        if not path:
            return None, field_name, False
        if os.environ.get(variable(field_name)):
            raise SettingsError(f"{variable(field_name)} and {name} are both set; unset one")
        try:
            return Path(path).read_text().strip(), field_name, False
        except (OSError, ValueError) as problem:
            raise SettingsError(f"{name} cannot be read: {problem}") from problem

    def __call__(self) -> dict[str, Any]:
        """The secrets that are in files."""
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}
