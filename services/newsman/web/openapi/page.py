"""The document as a page: one file, no script, nothing from anywhere else."""

import json
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader

from newsman.web.security_headers import style_only_policy

FOLDER = "templates"
BASE_HEADERS = {"Cache-Control": "no-cache", "Referrer-Policy": "no-referrer"}


def render_page(described: dict[str, Any]) -> str:
    """The page of a document, the same for the same document."""
    loader = PackageLoader("newsman.web.openapi", FOLDER)
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(phrase=_phrase, schema_name=_schema_name, pretty=_pretty)
    return environment.get_template("docs.html").render(
        info=described["info"],
        tags=described["tags"],
        operations=list(_operations(described)),
        schemas=described["components"]["schemas"],
        securities=described["components"].get("securitySchemes", {}),
        style=_style(),
    )


@cache
def page_headers() -> dict[str, str]:
    """Headers that allow nothing but the page's own style."""
    policy = style_only_policy(_style())
    return {**BASE_HEADERS, "Content-Security-Policy": policy}


@cache
def _style() -> str:
    file = files("newsman.web.openapi").joinpath(FOLDER, "docs.css")
    return file.read_text(encoding="utf-8")


def _operations(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in described["paths"].items():
        for method, entry in methods.items():
            yield {"path": path, "method": method.upper(), "anchor": entry["operationId"], **entry}


def _phrase(status: str) -> str:
    return HTTPStatus(int(status)).phrase


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _schema_name(schema: dict[str, Any]) -> list[tuple[str, str | None]]:
    """A schema in a few words: pairs of a text and the component that it names."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return [(name, name)]
    if "anyOf" in schema:
        words: list[tuple[str, str | None]] = []
        for option in schema["anyOf"]:
            words += [*([(" or ", None)] if words else []), *_schema_name(option)]
        return words
    if schema.get("type") == "array" and "items" in schema:
        return [("array of (", None), *_schema_name(schema["items"]), (")", None)]
    named = schema.get("type", "const" if "const" in schema else "any value")
    return [(named if isinstance(named, str) else " or ".join(named), None)]
