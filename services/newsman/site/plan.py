"""A site's own file: the blocks of its front page and the names that it gives to things."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from newsman_schemas.names.slugs import slugify
from newsman_schemas.popularity import WindowName

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
USUAL_WINDOWS: tuple[WindowName, ...] = ("1h", "24h", "7d")
NamedSection = tuple[str, str]
"""Slug and name."""


class PlanPart(BaseModel):
    """A table of the file; a key that is unknown is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class SectionBlock(PlanPart):
    """A section on the front page, in the place where it stands in the file."""

    section: Name
    name: Name | None = None
    stories: Annotated[int, Field(ge=1, le=20)] = 4

    @property
    def slug(self) -> str:
        """The section as addresses have it."""
        return slugify(self.section)


class FrontPlan(PlanPart):
    """The front page: the stories below the lead, the blocks, the column beside them."""

    top: Annotated[int, Field(ge=0, le=20)] = 6
    sections: Annotated[tuple[SectionBlock, ...], Field(max_length=50, strict=False)] = ()
    other_sections: bool = True
    """True if sections that are not named follow those that are, the largest eight in all."""
    windows: Annotated[tuple[WindowName, ...], Field(max_length=6, strict=False)] = USUAL_WINDOWS
    popular: Annotated[int, Field(ge=0, le=20)] = 5
    corrections: Annotated[int, Field(ge=0, le=20)] = 3
    topics: Annotated[int, Field(ge=0, le=50)] = 8


class SitePlan(PlanPart):
    """All that the file says."""

    front: FrontPlan = FrontPlan()
    sources: dict[str, Name] = Field(default_factory=dict)
    """Names of sources by their ids."""

    def source_name(self, source: str) -> str:
        """The name of a source; its id where the file gives none."""
        return self.sources.get(source, source)

    def ordered(self, sections: Sequence[NamedSection]) -> list[NamedSection]:
        """The sections in the order and by the names of the file, then the others."""
        there = dict(sections)
        planned = [
            (block.slug, block.name or there[block.slug])
            for block in self.front.sections
            if block.slug in there
        ]
        chosen = {slug for slug, _ in planned}
        return planned + [section for section in sections if section[0] not in chosen]


def read_plan(path: Path) -> SitePlan:
    """The plan in a TOML file; raises ValueError, saying which key is wrong and why."""
    try:
        return SitePlan.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        key = ".".join(map(str, wrong["loc"]))
        raise ValueError(f"{path}: {key}: {wrong['msg']}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise ValueError(f"{path} is no TOML file: {error}") from error
