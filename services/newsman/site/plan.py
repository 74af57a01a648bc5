"""A site's own file: the blocks of its front page and the names that it gives to things."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from newsman_schemas.names.slugs import slugify
from newsman_schemas.popularity import WindowName

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{3,8}$")]
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


class Theme(PlanPart):
    """Colours as CSS writes them with #, and a logo in a file beside the plan."""

    accent: Colour | None = None
    paper: Colour | None = None
    ink: Colour | None = None
    dark_accent: Colour | None = None
    dark_paper: Colour | None = None
    dark_ink: Colour | None = None
    logo: Annotated[str, StringConstraints(pattern=r"(?i)^[^/].*\.(svg|png)$")] | None = None

    @property
    def css(self) -> str:
        """The colours as a style sheet; "" where none is named."""
        light = self._variables("")
        dark = self._variables("dark_")
        css = f":root{{{light}}}" if light else ""
        if dark:
            css += f"@media (prefers-color-scheme: dark){{:root{{{dark}}}}}"
        return css

    def _variables(self, prefix: str) -> str:
        named = {name: getattr(self, prefix + name) for name in ("accent", "paper", "ink")}
        return "".join(f"--{name}:{colour};" for name, colour in named.items() if colour)


class OwnPage(PlanPart):
    """A page of the site's own, whose text is an HTML fragment in a file beside the plan."""

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
    title: Name
    file: Name
    body: str = ""
    """The text of the file, which is read with the plan."""


class SitePlan(PlanPart):
    """All that the file says."""

    front: FrontPlan = FrontPlan()
    theme: Theme = Theme()
    logo_body: bytes = b""
    """The logo, which is read with the plan."""
    sources: dict[str, Name] = Field(default_factory=dict)
    """Names of sources by their ids."""

    pages: Annotated[tuple[OwnPage, ...], Field(max_length=20, strict=False)] = ()
    """The site's own pages, such as one about it, in the order of the footer."""

    def source_name(self, source: str, otherwise: str = "") -> str:
        """The name of a source by its id, or by its slug where `otherwise` is the id; what it has
        otherwise where the file gives none."""
        return self.sources.get(source) or self.sources.get(otherwise) or otherwise or source

    def page(self, slug: str) -> "OwnPage | None":
        """The site's own page of an address."""
        return next((page for page in self.pages if page.slug == slug), None)

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
        plan = SitePlan.model_validate(tomllib.loads(path.read_text("utf-8")))
        pages = tuple(page.model_copy(update={"body": _text(path, page)}) for page in plan.pages)
        return plan.model_copy(update={"pages": pages, "logo_body": _logo(path, plan)})
    except OSError as error:
        raise ValueError(f"{error.filename} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        key = ".".join(map(str, wrong["loc"]))
        raise ValueError(f"{path}: {key}: {wrong['msg']}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise ValueError(f"{path} is no TOML file: {error}") from error


def _logo(path: Path, plan: SitePlan) -> bytes:
    return path.parent.joinpath(plan.theme.logo).read_bytes() if plan.theme.logo else b""


def _text(path: Path, page: OwnPage) -> str:
    return path.parent.joinpath(page.file).read_text("utf-8")


def files_of(path: Path, plan: SitePlan) -> tuple[Path, ...]:
    """The file of a plan and those that it names."""
    named = [page.file for page in plan.pages]
    named += [plan.theme.logo] if plan.theme.logo else []
    return (path, *(path.parent / name for name in named))
