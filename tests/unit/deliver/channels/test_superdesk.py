"""A Newsroom gets what Superdesk's transmitter would send it, byte for byte."""

import asyncio
import contextlib
import hashlib
import hmac
import json
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from tests.ports import free_port
from tests.unit.deliver.channels.context import channel_context, delivery, subscription

from newsman.deliver.channels.channel import BadSubscription
from newsman.deliver.channels.superdesk import SuperdeskChannel
from newsman.deliver.channels.superdesk_item import Binary, binaries, form_of, superdesk_item
from newsman_schemas.subscriptions import Secret

ASSET = "a" * 26
PICTURE = b"\x89PNG\r\n\x1a\n pixels"
ITEM = {
    "guid": "urn:desk:1",
    "uri": "urn:desk:1",
    "version": "2",
    "type": "text",
    "headline": "Fähre fährt",
    "associations": {
        "featuremedia": {
            "guid": "urn:desk:picture",
            "uri": "urn:desk:picture",
            "type": "picture",
            "renditions": {
                "original": {
                    "href": f"https://news.example/assets/{ASSET}",
                    "media": "20260301/pic.png",
                    "mimetype": "image/png",
                },
                "thumbnail": {"href": "https://elsewhere.example/t.png"},
            },
        },
        "gallery": None,
    },
    "_newsman": {"id": "b" * 16},
}
SENT = (
    b'{"guid": "urn:desk:1", "version": "2", "type": "text", "headline": "F\\u00e4hre f\\u00e4hrt",'
    b' "associations": {"featuremedia": {"guid": "urn:desk:picture", "type": "picture",'
    b' "renditions": {"original": {"href": "https://news.example/assets/aaaaaaaaaaaaaaaaaaaaaaaaaa",'
    b' "media": "20260301/pic.png", "mimetype": "image/png"}, "thumbnail":'
    b' {"href": "https://elsewhere.example/t.png"}}}, "gallery": null}}'
)
SECRET = "a secret of the desk"


@dataclass
class Newsroom:
    """Answers as Newsroom does, and keeps every request; also serves feeds' asset."""

    port: int
    binaries: set[str] = field(default_factory=set)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    asked: int = 0
    push: int = 200
    posted: int = 201
    has_asset: bool = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.path.startswith("/assets/"):
            there = self.has_asset and request.path == f"/assets/{ASSET}"
            return web.Response(body=PICTURE if there else b"", status=200 if there else 404)
        self.requests.append((request.method, request.path, headers, body))
        if request.method == "GET":
            known = request.path.removeprefix("/push_binary/") in self.binaries
            return web.Response(status=self.asked or (200 if known else 404))
        if request.path == "/push":
            return web.json_response({}, status=self.push)
        return web.json_response({"status": "OK"}, status=self.posted)


@contextlib.asynccontextmanager
async def newsroom(**settings):
    room = Newsroom(free_port(), **settings)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", room.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", room.port).start()
    async with channel_context(feeds_url=room.url) as context:
        yield room, SuperdeskChannel(context)
    await runner.cleanup()


def wish(room, *, secret=SECRET, assets=True):
    options = {"assets_url": f"{room.url}/push_binary"} if assets else {}
    secrets = (Secret(value=secret),) if secret else ()
    return subscription("superdesk", f"{room.url}/push", options=options, secrets=secrets)


def pushed(*, item=ITEM, event="article.published", secret=SECRET, assets=True, **settings):
    async def scenario():
        async with newsroom(**settings) as (room, channel):
            subscribed = wish(room, secret=secret, assets=assets)
            body = json.dumps(item, ensure_ascii=False).encode()
            (answer,) = await channel.send(subscribed, [delivery(body, event)])
            return answer, room.requests

    return asyncio.run(scenario())


def signed(body, secret=SECRET):
    return "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


def test_binaries_go_first_and_all_is_signed_as_the_transmitter_does():
    answer, (asked, posted, item) = pushed()
    assert answer.status == 200
    assert asked[:2] == ("GET", "/push_binary/20260301/pic.png")
    assert "x-superdesk-signature" not in asked[2]

    method, path, headers, body = posted
    assert (method, path) == ("POST", "/push_binary")
    boundary = headers["content-type"].removeprefix("multipart/form-data; boundary=")
    assert (
        body
        == (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="media_id"\r\n\r\n'
            "20260301/pic.png\r\n"
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="media"; filename="20260301/pic.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        ).encode()
        + PICTURE
        + f"\r\n--{boundary}--\r\n".encode()
    )
    assert headers["x-superdesk-signature"] == signed(body)

    method, path, headers, body = item
    assert (method, path, body) == ("POST", "/push", SENT)
    assert headers["content-type"] == headers["accept"] == "application/json"
    assert headers["x-superdesk-signature"] == signed(SENT)


def test_the_item_is_shown_as_it_was_sent_and_of_a_refused_binary_the_headers():
    answer, (*_, item) = pushed()
    assert answer.request is not None
    assert answer.request.body == item[3]
    assert answer.request.headers["x-superdesk-signature"] == "sha1=…"
    refused, _ = pushed(posted=500)
    assert refused.request is not None
    assert refused.request.headers["content-type"].startswith("multipart/form-data")
    assert refused.request.body == b""


def test_what_the_receiver_has_is_not_sent_again():
    _, requests = pushed(binaries={"20260301/pic.png"})
    assert [(method, path) for method, path, *_ in requests] == [
        ("GET", "/push_binary/20260301/pic.png"),
        ("POST", "/push"),
    ]


def test_without_a_secret_nothing_is_signed_and_without_assets_url_no_binary_goes():
    _, ((_, path, headers, _),) = pushed(secret="", assets=False)
    assert path == "/push"
    assert "x-superdesk-signature" not in headers


@pytest.mark.parametrize(
    ("settings", "status", "requests"),
    [({"asked": 403}, 403, 1), ({"asked": 500}, 500, 1), ({"posted": 503}, 503, 2)],
)
def test_a_binary_that_is_not_taken_holds_the_item_back(settings, status, requests):
    answer, made = pushed(**settings)
    assert (answer.status, len(made)) == (status, requests)


@pytest.mark.parametrize("status", [400, 403, 503])
def test_the_answer_is_the_item_s(status):
    answer, _ = pushed(push=status)
    assert answer.status == status


def test_a_binary_that_is_not_here_any_more_does_not_hold_the_item_back():
    answer, requests = pushed(has_asset=False)
    assert (answer.status, requests[-1][1]) == (200, "/push")


@pytest.mark.parametrize("event", ["article.killed", "article.withdrawn"])
def test_what_is_taken_away_is_canceled(event):
    gone = {"guid": "urn:desk:1", "uri": "urn:desk:1", "version": "3", "pubstatus": "withheld"}
    _, (item,) = pushed(item=gone, event=event)
    assert item[3] == b'{"guid": "urn:desk:1", "version": "3", "pubstatus": "canceled"}'


def test_an_item_that_has_no_guid_gets_its_uri_as_one():
    assert superdesk_item(b'{"uri": "a"}', "article.published") == {"guid": "a"}


@pytest.mark.parametrize("odd", [[], "x", {"original": "x"}, {"original": {"media": 5}}, None, 1])
def test_renditions_of_other_shapes_are_passed_over(odd):
    assert list(binaries({"renditions": odd, "associations": odd})) == []


def test_associations_without_end_are_looked_into_so_far():
    item = {"renditions": {"a": {"media": "x", "href": "y"}}}
    for _ in range(100):
        item = {"associations": {"a": item}}
    assert list(binaries(item)) == []


def test_a_name_can_not_add_fields_to_the_form():
    body, _ = form_of(Binary('a"\r\nx: y\r\n\r\n', "", "image/png"), b"", "b")
    assert b'filename="a%22%0D%0Ax: y%0D%0A%0D%0A"' in body


def test_addresses_and_options_are_checked():
    async def scenario():
        async with channel_context() as context:
            channel = SuperdeskChannel(context)
            channel.check(subscription("superdesk", "https://newsroom.example/push"))
            for target, options, pointer in (
                ("http://10.0.0.1/push", {}, "/url"),
                ("https://a.example/", {"assets_url": "http://[::1]/"}, "/options/assets_url"),
                ("https://a.example/", {"asset_url": "x"}, "/options/asset_url"),
            ):
                with pytest.raises(BadSubscription) as problem:
                    channel.check(subscription("superdesk", target, options=options))
                assert problem.value.pointer == pointer

    asyncio.run(scenario())
