"""Editors' decisions: on an article's tags and entities, and on names in every article."""

import unicodedata
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from newsman_schemas.articles import ArticleId, ShortText, Slug
from newsman_schemas.events import Event, Value
from newsman_schemas.names.slugs import slugify, stream_safe

NameType = Literal["person", "place", "organisation", "event", "work"]
"""The types of entities."""
NeverType = Literal["person", "place", "organisation", "event", "work", "anything"]
MOST_NAME_CHARACTERS = 100
MOST_ALIASES = 50
_JOINERS = "\u200c\u200d"
"""Invisible, but a part of how words of some scripts are written."""
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


class ArticleOverridden(Event):
    """All that editors have decided of an article: it replaces what was decided before.

    `added` are names of tags to be there, `removed` slugs of tags and entities not to be there;
    with neither nothing is decided any more.
    """

    NAME: ClassVar[str] = "article-overridden"

    article_id: ArticleId
    added: tuple[ShortText, ...] = ()
    removed: tuple[Slug, ...] = ()
    by: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    reason: Annotated[str, StringConstraints(max_length=500)] = ""

    @property
    def key(self) -> str:
        return self.article_id


def _spelling(text: str) -> str:
    """The text as it is compared (NFC, one space between words); raises ValueError."""
    for character in text:
        if unicodedata.category(character) in _UNSEEN and character not in _JOINERS:
            raise ValueError(f"has a character that nobody sees (U+{ord(character):04X})")
    words = " ".join(unicodedata.normalize("NFC", stream_safe(text)).split())
    if sum(character.isalnum() for character in words) < 2:
        raise ValueError("needs two letters or digits")
    return words


Spelling = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MOST_NAME_CHARACTERS),
    AfterValidator(_spelling),
]
"""A way to write a name."""


class OwnName(Value):
    """A newsroom's decision on a name: what it is, or what it never is.

    `aliases` are further spellings that mean the same. `identifier` is SCHEME:CODE. `never` has
    the types that the name never is of; `anything`: it is no entity at all.
    """

    name: Spelling
    type: NameType | None = None
    identifier: (
        Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,30}:[!-~]{1,200}$")] | None
    ) = None
    aliases: Annotated[tuple[Spelling, ...], Field(max_length=MOST_ALIASES)] = ()
    never: Annotated[tuple[NeverType, ...], Field(max_length=6)] = ()

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.type is None and not self.never:
            raise ValueError("says nothing: give it a type, or what it never is")
        if self.type is not None and {self.type, "anything"} & {*self.never}:
            raise ValueError(f"is a {self.type} and never one")
        if self.type is None and self.identifier is not None:
            raise ValueError("has an identifier and no type")
        return self

    @property
    def name_id(self) -> str:
        """The slug of the name, by which it is changed and removed."""
        return slugify(self.name)


class NameDefined(Event):
    """All that the newsroom has decided on one name: it replaces what was decided before.

    Without a `definition` nothing is decided any more.
    """

    NAME: ClassVar[str] = "name-defined"

    name_id: Annotated[Slug, StringConstraints(min_length=1)]
    definition: OwnName | None = None
    by: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    reason: Annotated[str, StringConstraints(max_length=500)] = ""

    @property
    def key(self) -> str:
        return self.name_id
