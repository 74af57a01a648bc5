"""Idempotency-Key: the first answer to a push is the answer to its repetitions.

After the IETF draft draft-ietf-httpapi-idempotency-key-header. Keys are scoped to the source and
kept in Redis, so that every process and every restart knows them.
"""

import hashlib
import json
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from starlette.responses import Response

from newsman.ingest.formats.model import BadDocument
from newsman.ingest.sources.signatures import TOLERANCE_SECONDS
from newsman.redis.keys import IngestKeys
from newsman.web.problems import problem

HEADER = "idempotency-key"
REPLAYED_HEADER = "Idempotency-Replayed"
KEEP_SECONDS = 24 * 3600
SIGNED_ID_HEADER = "X-Newsman-Id"
KEEP_SIGNED_SECONDS = 2 * TOLERANCE_SECONDS + 60
"""A signature of a clock that is ahead counts until then."""
IN_FLIGHT_SECONDS = 30
"""After this long a push whose process died may be repeated."""
MAX_KEY_CHARACTERS = 255
KEPT_HEADERS = ("content-type", "location")
CONFLICT_RETRY_SECONDS = 1
FIRST_ERROR_THAT_MAY_PASS = 500

Push = Callable[[], Awaitable[Response]]


@dataclass(frozen=True)
class _Entry:
    fingerprint: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""

    def pack(self) -> bytes:
        return zlib.compress(json.dumps(vars(self)).encode())

    @classmethod
    def unpack(cls, packed: bytes) -> "_Entry":
        return cls(**json.loads(zlib.decompress(packed)))


@dataclass(frozen=True)
class SignedUse:
    """The id of a signed request, and a digest of all else that it is."""

    request_id: str
    fingerprint: str


@dataclass(frozen=True)
class _Use:
    """A key in use: where its answer is kept and for how long, and what it was used for."""

    name: str
    fingerprint: str
    header: str
    keep_seconds: int


class IdempotencyKeys:
    """The answers of the last 24 hours by source and key, and of signed requests by their ids."""

    def __init__(self, client: Redis, namespace: str) -> None:
        self._client = client
        self._keys = IngestKeys(namespace)

    async def once(
        self,
        source: str,
        key: str,
        pushed: Sequence[bytes],
        push: Push,
    ) -> Response:
        """The push's answer; the first one, if the key was used for the same push before.

        409 while the first is under way, 422 when the key was used for something else. What failed
        on this side (5xx) may be tried again under the same key.
        """
        name = self._keys.answer(source, _digest([_checked(key).encode()]))
        return await self._once(_Use(name, _digest(pushed), HEADER.title(), KEEP_SECONDS), push)

    async def once_signed(self, source: str, signed: SignedUse, push: Push) -> Response:
        """`once` for a signed request under the id that its signature covers."""
        name = self._keys.answer(source, _digest([b"signed", signed.request_id.encode()]))
        use = _Use(name, signed.fingerprint, SIGNED_ID_HEADER, KEEP_SIGNED_SECONDS)
        return await self._once(use, push)

    async def _once(self, use: _Use, push: Push) -> Response:
        entry = _Entry(use.fingerprint).pack()
        if not await self._client.set(use.name, entry, nx=True, ex=IN_FLIGHT_SECONDS):
            return await self._repeated(use)
        answer = None
        try:
            answer = await push()
        finally:
            if answer is None or answer.status_code >= FIRST_ERROR_THAT_MAY_PASS:
                await self._client.delete(use.name)
        if answer.status_code < FIRST_ERROR_THAT_MAY_PASS:
            record = _kept(use.fingerprint, answer).pack()
            await self._client.set(use.name, record, ex=use.keep_seconds)
        return answer

    async def _repeated(self, use: _Use) -> Response:
        packed: Any = await self._client.get(use.name)
        entry = _Entry.unpack(packed) if packed else None
        if entry is not None and entry.fingerprint != use.fingerprint:
            return problem(422, f"this {use.header} was used for another push")
        if entry is None or entry.status is None:
            return problem(
                409,
                f"the first push with this {use.header} is still under way",
                headers={"Retry-After": str(CONFLICT_RETRY_SECONDS)},
            )
        headers = {**dict(entry.headers), REPLAYED_HEADER: "true"}
        return Response(entry.body, status_code=entry.status, headers=headers)


def _checked(key: str) -> str:
    if not 0 < len(key) <= MAX_KEY_CHARACTERS:
        raise BadDocument(f"an Idempotency-Key has 1 to {MAX_KEY_CHARACTERS} characters")
    return key


def _kept(fingerprint: str, answer: Response) -> _Entry:
    headers = tuple((n, answer.headers[n]) for n in KEPT_HEADERS if n in answer.headers)
    return _Entry(fingerprint, answer.status_code, headers, bytes(answer.body).decode())


def _digest(parts: Sequence[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
