"""An OpenAPI document from YAML files, with what models say put in."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from newsman.web.query import QueryModel, query_parameters

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML that was built without libyaml, ten times as slow
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

Part = dict[str, Any]
INLINED = ("responses", "parameters", "examples")
"""The kinds of components that stand in the files once, and in the document where they are used."""


def read_document(
    package: str, schemas: Mapping[str, Part], queries: Iterable[type[QueryModel]]
) -> Part:
    """The document of a package's YAML files, which may each hold some paths and components.

    `schemas` are added to the components. An operation's `x-query` names one of the `queries`,
    whose parameters are added to its own; one without `security` has that of the document.
    """
    described = _read_files(package)
    paths, components = described.pop("paths"), described.pop("components")
    shared = {kind: components.pop(kind, {}) for kind in INLINED}
    models = {query.__name__: query for query in queries}
    security = described.pop("security", None)

    def complete(operation: Part) -> Part:
        parameters = operation.pop("parameters", [])
        if (name := operation.pop("x-query", None)) is not None:
            parameters = [*query_parameters(models[name]), *parameters]
        more = {"parameters": parameters} if parameters else {}
        more |= {} if security is None else {"security": operation.get("security", security)}
        return {**operation, **more}

    return {
        **described,
        "info": {**described["info"], "version": version("newsman")},
        "paths": {
            path: {
                method: complete(operation) for method, operation in _inlined(each, shared).items()
            }
            for path, each in paths.items()
        },
        "components": {
            **components,
            "schemas": dict(sorted({**components.get("schemas", {}), **schemas}.items())),
        },
    }


def model_schemas(models: Iterable[type[BaseModel]], mode: JsonSchemaMode) -> dict[str, Part]:
    """The schemas of models, and of the models in them, as components of a document."""
    _, together = models_json_schema(
        [(model, mode) for model in models], ref_template="#/components/schemas/{model}"
    )
    return dict(together["$defs"])


def _read_files(package: str) -> Part:
    described: Part = {}
    folder = files(package)
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            text = file.read_text(encoding="utf-8")
            _add(described, yaml.load(text, Loader), file.name)
    return described


def _add(described: Part, more: Part, name: str) -> None:
    """Adds what a file holds; raises ValueError where another file has said it."""
    for key, value in more.items():
        if key not in described:
            described[key] = value
        elif isinstance(value, dict) and isinstance(described[key], dict):
            _add(described[key], value, name)
        else:
            raise ValueError(f"{name}: {key} is in another file, too")


def _inlined(value: Any, shared: Mapping[str, Mapping[str, Any]]) -> Any:
    """The value with components in place of references to them; what is beside one overrides."""
    if isinstance(value, list):
        return [_inlined(each, shared) for each in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _inlined(each, shared) for key, each in value.items()}
    kind, _, name = str(inner.get("$ref", "")).removeprefix("#/components/").partition("/")
    if kind not in shared:
        return inner
    del inner["$ref"]
    return {**_inlined(shared[kind][name], shared), **inner}
