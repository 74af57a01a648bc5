"""Whatever a stranger posts to the hub is a request or is refused, and nothing else happens."""

import contextlib
from urllib.parse import quote, urlencode

from hypothesis import example, given
from hypothesis import strategies as st

from newsman.deliver.hub.requests import BadHubRequest, HubRequest, Ping, read_form, read_request
from newsman.deliver.hub.topics import links_of, path_of, scope_of
from newsman.web.addresses import Networks
from newsman.web.outbound.policy import OutboundPolicy, Ports, host_of

SITE = "https://news.example"
POLICY = OutboundPolicy(Networks(""), Ports("80, 443"))
NAMES = [f"hub.{name}" for name in "mode topic callback lease_seconds secret url other".split()]
VALUES = st.one_of(st.sampled_from(["subscribe", "unsubscribe", "publish", SITE]), st.text())


@given(st.binary(max_size=2_000))
@example(b"hub.mode=subscribe&hub.topic=%ed%a0%80&hub.callback=x")
@example(b"hub.mode=subscribe;hub.topic=a")
def test_bytes_are_a_form_or_refused(body):
    with contextlib.suppress(BadHubRequest):
        read_request(read_form(body))


@given(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=9))
def test_fields_are_a_request_or_refused(fields):
    body = urlencode(fields, errors="replace").encode()
    with contextlib.suppress(BadHubRequest):
        assert isinstance(read_request(read_form(body)), (HubRequest, Ping))


@given(st.text(max_size=300))
@example("/feed?section=%00&tag=%ff")
@example("/sections/" + "a" * 250 + ".atom")
@example("/[")
@example("/feed?" + "&" * 200)
@example("/authors/.")
def test_any_path_has_a_scope(text):
    for path in (f"/{text}", f"/{quote(text, errors='replace')}"):
        if path_of(SITE + path, SITE) is not None:
            scope_of(path)


@given(st.text(max_size=300))
def test_any_address_is_judged(text):
    for url in (text, f"http://{text}", f"http://{text}/", f"https://a.example/{text}"):
        if POLICY.refusal(url) is None:
            assert host_of(url)


@given(st.text(max_size=300))
def test_any_header_of_links_is_read(text):
    links_of(text)
