"""Binary renditions as Superdesk sends them: before the item that shows them."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from newsman.assets.store import asset_id
from newsman.ingest.context import IngestContext
from newsman.ingest.formats.model import BadDocument
from newsman.ingest.formats.renditions import with_addresses
from newsman.ingest.routes.articles import reading_of
from newsman.ingest.routes.authenticate import UnknownSender, asking_source
from newsman.ingest.sources.sources_file import Source
from newsman.web.problems import problem

MAX_MEDIA_ID = 500
MAX_FIELDS = 16


async def store_binary(
    edge: IngestContext, request: Request, source: Source, body: bytes
) -> Response:
    """A form with the field `media_id` and the file `media` (RFC 7578): 201 once it is stored."""
    media_id, content, mimetype = await _file(request, body)
    await asyncio.to_thread(edge.assets.put, source.id, media_id, content, mimetype)
    return JSONResponse({"status": "OK"}, status_code=201)


async def has_binary(edge: IngestContext, request: Request) -> Response:
    """Says whether a source has sent this rendition, 200 or 404: to itself, and to anybody where
    its entry says so.

    Superdesk asks without a signature, and sends the file on 404. It does not say which source it
    is, so of several that may be asked for all must have the file: otherwise one would never get
    what another has sent under the same name.
    """
    media_id = request.path_params["media_id"]
    try:
        asking = asking_source(edge, request)
    except UnknownSender as error:
        return problem(403, str(error))
    asked = [asking] if asking else [one for one in edge.sources if one.unsigned_binary_checks]

    def is_known() -> bool:
        return bool(asked) and all(edge.assets.exists(each.id, media_id) for each in asked)

    if len(media_id) > MAX_MEDIA_ID or not await asyncio.to_thread(is_known):
        return problem(404, "no such file here")
    return JSONResponse({})


async def with_own_addresses(
    edge: IngestContext, source: Source, media: frozenset[str], body: bytes
) -> bytes:
    """The item's body, its renditions led to where feeds serves those whose files have come."""
    if not media:
        return body
    base = edge.settings.public_url.rstrip("/")

    def stored() -> dict[str, str]:
        names = (name for name in media if edge.assets.exists(source.id, name))
        return {name: f"{base}/assets/{asset_id(source.id, name)}" for name in names}

    addresses = await asyncio.to_thread(stored)
    return await reading_of(edge, source, body, with_addresses, addresses) if addresses else body


async def _file(request: Request, body: bytes) -> tuple[str, bytes, str]:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise BadDocument("a file comes as multipart/form-data")

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers, whole(), max_files=1, max_fields=MAX_FIELDS, max_part_size=64 * 1024
    )
    try:
        # Parsing is pure Python, and what a byte costs is the sender's choice.
        form = await asyncio.to_thread(asyncio.run, parser.parse())
    except (MultiPartException, ValueError) as error:
        raise BadDocument(f"not multipart/form-data: {error}") from error
    try:
        media_id, media = form.get("media_id"), form.get("media")
        if not isinstance(media_id, str) or not 0 < len(media_id) <= MAX_MEDIA_ID:
            raise BadDocument(f"media_id: a name of 1 to {MAX_MEDIA_ID} characters")
        if not isinstance(media, UploadFile):
            raise BadDocument("media: a file is needed")
        return media_id, await media.read(), media.content_type or ""
    finally:
        await form.close()
