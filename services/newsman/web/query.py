"""Queries as models: a model reads the parameters of a request and describes them for OpenAPI."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import Enum
from types import MappingProxyType
from typing import Any, ClassVar, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from newsman_schemas.events import unix_ms
from newsman_schemas.names.identity import ADDED_BY_ANYBODY

Part = dict[str, Any]


class BadParameter(Exception):
    """A query parameter that makes no sense; its name and what is wrong with it."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.detail = detail


@dataclass(frozen=True)
class Parameter:
    """The annotation of a field: `read` makes its value of the text, or raises ValueError with
    what is wrong; `schema` describes the text."""

    read: Callable[[str], Any]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> Part:
        return dict(self.schema)


def read_number(text: str, least: int, most: int) -> int:
    """A whole number within bounds, in digits alone; raises ValueError."""
    is_short_number = text.isdecimal() and text.isascii() and len(text) <= len(str(most))
    if not is_short_number or not least <= int(text) <= most:
        raise ValueError(f"is a number from {least} to {most}")
    return int(text)


def whole_number(least: int, most: int) -> Parameter:
    """A parameter that is a whole number within bounds."""
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Parameter(lambda text: read_number(text, least, most), schema)


def one_of(values: Iterable[str], detail: str = "") -> Parameter:
    """A parameter that is one of some words; `detail` says so in other words."""
    words = tuple(values)
    refusal = detail or f"is one of {', '.join(words)}"

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(refusal)
        return text

    return Parameter(read, {"type": "string", "enum": list(words)})


MAX_MOMENT_DIGITS = 15


def read_moment(text: str) -> int:
    """Unix ms from a text: ms, or ISO 8601 with a zone; raises ValueError."""
    if text.isascii() and text.isdecimal() and len(text) <= MAX_MOMENT_DIGITS:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("is a time: ISO 8601 with a zone, or Unix milliseconds")
    return max(0, unix_ms(moment))


TEXT = Parameter(str, {"type": "string"})
PRESENT = Parameter(lambda _: True, {"type": "string"})
"""A parameter that is there or not, with any text."""


class OtherNames(Enum):
    """The treatment of parameters of a name that the query does not know."""

    IGNORED = "ignored"
    REFUSED_IF_NEAR = "refused if they look like a known name that was mistyped"
    REFUSED = "refused"


NEAR = 0.8
LONGEST_NAME = 40


class QueryModel(BaseModel):
    """The parameters of a route, by their aliases; what becomes of those of other names is said
    by `other_names`."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    names: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Every name that a parameter may come under -> the name that its field is validated by."""
    other_names: ClassVar[OtherNames] = OtherNames.IGNORED
    names_of_others: ClassVar[frozenset[str]] = frozenset()
    """Names that mean something at similar addresses, and nothing here."""
    _required: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        fields = {_names(name, field): field for name, field in cls.model_fields.items()}
        cls.names = {name: names[0] for names in fields for name in names}
        cls._required = tuple(names[0] for names, field in fields.items() if field.is_required())

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """The query of a request; raises BadParameter.

        A parameter that is required and missing is read as an empty one.
        """
        cls._check_names(parameters)
        values = dict.fromkeys(cls._required, "")
        for name, text in parameters.items():
            main_name = cls.names.get(name)
            if main_name is not None and (text or main_name not in values):
                values[main_name] = text
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            detail = str(first.get("ctx", {}).get("error", first["msg"]))
            raise BadParameter(str(first["loc"][0]), detail) from None

    @classmethod
    def _check_names(cls, parameters: Iterable[str]) -> None:
        """Raises BadParameter for the first name that is refused."""
        if cls.other_names is OtherNames.IGNORED:
            return
        for name in parameters:
            if name in cls.names or name in cls.names_of_others or ADDED_BY_ANYBODY.has(name):
                continue
            near = get_close_matches(name[:LONGEST_NAME].lower(), cls.names, n=1, cutoff=NEAR)
            if near or cls.other_names is OtherNames.REFUSED:
                raise BadParameter(name[:LONGEST_NAME], _unknown(near, cls.names))


def _unknown(near: list[str], names: Iterable[str]) -> str:
    meant = f"; is {near[0]} meant?" if near else ";"
    return f"is unknown here{meant} there are {', '.join(names)}"


def _names(name: str, field: FieldInfo) -> tuple[str, ...]:
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias or name]
    return tuple(str(choice) for choice in choices)


def query_parameters(model: type[QueryModel]) -> list[Part]:
    """The parameters of a query as OpenAPI describes them."""
    schema = model.model_json_schema()
    required = schema.get("required", ())
    return [
        _parameter(name, dict(described), is_required=name in required)
        for name, described in schema["properties"].items()
    ]


def _parameter(name: str, schema: Part, *, is_required: bool) -> Part:
    schema.pop("title", None)
    parameter = {"name": name, "in": "query", "description": schema.pop("description")}
    if is_required:
        parameter["required"] = True
    if examples := schema.pop("examples", None):
        parameter["example"] = examples[0]
    # None, False and "" stand for a parameter that is absent: nobody writes them in a query.
    default = schema.pop("default", None)
    if default not in (None, "") and default is not False:
        schema["default"] = default
    return {**parameter, "schema": schema}
