"""/console/front: editors see the front page, pin stories to it, and take them off."""

from pydantic import ValidationError as Invalid
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from newsman.ingest.console.editor import Editor, read_editor
from newsman.ingest.console.page import PageContent, front_page, page_headers
from newsman.ingest.console.pin_form import MAX_FORM_BYTES, BadForm, PinForm, edit_of, read_form
from newsman.ingest.context import IngestContext
from newsman.ingest.routes.bodies import read_body
from newsman.ingest.routes.queries import FrontQuery
from newsman.ingest.routes.ranking_edits import PushedEdit, record_edit
from newsman.rankings.core import NO_EDIT, edited
from newsman_schemas.names.zones import zone_named

NOT_SHOWN = "Readers may not see this story now, so it can't be pinned."
UNKNOWN_FORM = "That form was not made for your key. Nothing was done; here is a new one."


async def show_front(edge: IngestContext, request: Request) -> Response:
    """The front page with the reasons for its order, its pins, and a search."""
    editor = read_editor(edge, request)
    query = FrontQuery.read(request.query_params)
    chosen = await edge.front.story(query.article) if query.article else None
    content = PageContent(
        notice=query.told,
        problem=NOT_SHOWN if query.article and chosen is None else "",
        words=query.q,
        found=tuple(await edge.front.found(query.q)) if query.q else (),
        chosen=chosen,
    )
    return await _page(edge, editor, content)


async def change_front(edge: IngestContext, request: Request) -> Response:
    """303 back to the page once a pin, or the end of one, is on the log and holds."""
    editor = read_editor(edge, request)
    body = await read_body(request, edge.body_limits(MAX_FORM_BYTES))
    form = PinForm()
    try:
        form = read_form(body)
        if not editor.sent(form.token):
            raise BadForm(UNKNOWN_FORM)
        edit = await _edit(edge, editor, form)
    except BadForm as error:
        chosen = await edge.front.story(form.article)
        content = PageContent(problem=str(error), chosen=chosen, form=form)
        return await _page(edge, editor, content, status=400)
    event = await record_edit(edge, editor.source, edit)
    holds = await edge.front.obeyed(edit.article, edited(NO_EDIT, event).front)
    told = f"{edit.action}ned" if holds else "recorded"
    return RedirectResponse(f"front?told={told}", status_code=303)


async def _edit(edge: IngestContext, editor: Editor, form: PinForm) -> PushedEdit:
    """The edit of a form; only what readers may see is pinned. Raises BadForm."""
    zone = zone_named(edge.settings.site_timezone)
    try:
        edit = edit_of(form, by=editor.name, zone=zone, now=edge.clock())
    except Invalid as error:
        raise BadForm(NOT_SHOWN) from error
    if edit.action == "pin" and await edge.front.story(edit.article) is None:
        raise BadForm(NOT_SHOWN)
    return edit


async def _page(
    edge: IngestContext, editor: Editor, content: PageContent, *, status: int = 200
) -> Response:
    page = front_page(
        await edge.front.view(),
        content,
        editor,
        site_url=edge.settings.public_url.rstrip("/"),
        now=edge.clock().astimezone(zone_named(edge.settings.site_timezone)),
    )
    return HTMLResponse(page, status_code=status, headers=page_headers())
