"""The pieces that the document's schemas are put together from."""

from typing import Any

from pydantic import BaseModel

from newsman_schemas.agenda import AGENDA_KINDS

Schema = dict[str, Any]

_SEEN = r"[^\s\u0000-\u001f\u007f-\u009f\ufeff\ufffe\uffff]"
"""A character that is neither white space nor taken out."""
NAME = {"type": "string", "pattern": _SEEN, "maxLength": 2_000}
WORDS = {"type": "string", "minLength": 1}
URGENCY = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 9}, {"type": "string", "pattern": "^[1-9]$"}
    ]
}  # fmt: skip
MOMENT = {
    "type": "string",
    "format": "date-time",
    "description": "RFC 3339. What newsrooms send otherwise is read too where it names one moment: "
    "RFC 5322, +0000 without a colon, English dates, the source's zone where none is named.",
}


def ref(name: str | type[BaseModel]) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name if isinstance(name, str) else name.__name__}"}


def array(of: Schema) -> Schema:
    """An array of at least one."""
    return {"type": "array", "items": of, "minItems": 1}


def either(*schemas: Schema) -> Schema:
    """Whatever fits one of the schemas."""
    return {"anyOf": list(schemas)}


DIALECT = either(ref("SuperdeskItem"), ref("AgendaItem"))
NINJS = either(*DIALECT["anyOf"], ref("NinjsItem"))

AGENDA_NOTE = f"Items of the types {', '.join(AGENDA_KINDS)} are passed on and not published."
