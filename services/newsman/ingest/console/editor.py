"""The editor who asks for a page: a name and the key of a source, by HTTP Basic (RFC 7617)."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field

from starlette.requests import Request

from newsman.ingest.context import IngestContext
from newsman.ingest.sources.sources_file import Source

MAX_NAME_CHARACTERS = 90
CHALLENGE = {
    "WWW-Authenticate": 'Basic realm="Newsman: your name, and the key of a source", charset="UTF-8"'
}
_FORM = b"newsman: a form of the console"


class UnknownEditor(Exception):
    """No key of a source that may edit came with the request."""


@dataclass(frozen=True)
class Editor:
    """An editor, by the name that was typed, and the source whose key it is."""

    source: Source
    name: str | None
    key: str = field(repr=False)

    @property
    def form_token(self) -> str:
        """The text that a form of the editor's brings back.

        A browser sends the key along whichever site sent it there; only a page that was made for
        the key has this.
        """
        return hmac.new(self.key.encode(), _FORM, hashlib.sha256).hexdigest()

    def sent(self, token: str) -> bool:
        """True if a form with this token is one of the editor's."""
        return hmac.compare_digest(self.form_token.encode(), token.encode())


def read_editor(edge: IngestContext, request: Request) -> Editor:
    """The editor of the request; raises UnknownEditor unless the source edits rankings."""
    name, key = _credentials(request.headers.get("authorization", ""))
    source = edge.sources.find(f"Bearer {key}")
    if source is None or not source.edits_rankings:
        raise UnknownEditor("a source's key is needed whose entry says edits_rankings = true")
    return Editor(source, name[:MAX_NAME_CHARACTERS] or None, key)


def _credentials(authorization: str) -> tuple[str, str]:
    """The name and the key; both empty where there are none."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, key = text.partition(":")
    return "".join(filter(str.isprintable, name)).strip(), key.strip()
