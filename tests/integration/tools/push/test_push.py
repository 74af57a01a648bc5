"""`newsman push` as a process against real HTTP servers."""

import json
import os
import pty
import signal
import threading
import time

import pytest


def ndjson(path, count, bad=()):
    with path.open("w") as file:
        for number in range(1, count + 1):
            text = "bad" if number in bad else "fine"
            file.write(json.dumps({"headline": text, "fill": "x" * 1_000}) + "\n")
    return path


def test_files_and_folders_arrive_with_key_type_and_bytes(newsman, server, tmp_path):
    (tmp_path / "wire").mkdir()
    (tmp_path / "wire" / ".hidden.json").write_text("{}")
    (tmp_path / "wire" / "b.xml").write_bytes(b"<b/>")
    (tmp_path / "wire" / "a.json").write_bytes(b'{"a": 1}')
    (tmp_path / "c ø\n.txt").write_bytes(b"text")
    ended = newsman(
        "push", tmp_path / "wire", tmp_path / "c ø\n.txt", "--jobs", "1", url=server.url
    )
    assert ended.code == 0
    seen = [(a.path, a.headers["content-type"], a.body) for a in server.asked]
    assert seen == [
        ("/v1/articles", "application/json", b'{"a": 1}'),
        ("/v1/articles", "text/xml", b"<b/>"),
        ("/v1/articles", "text/plain", b"text"),
    ]
    assert {a.headers["authorization"] for a in server.asked} == {"Bearer demo-key"}
    assert all(a.headers["user-agent"].startswith("Newsman/") for a in server.asked)
    assert server.connections == 1
    assert "3 files, 3 articles accepted, 0 rejected" in ended.out
    assert ended.err == ""


def test_the_format_is_asked_for_and_stdin_is_read(newsman, server):
    ended = newsman("push", "-", "--format", "nit f", url=server.url + "/", given="<nitf/>")
    assert ended.code == 0
    assert (server.asked[0].path, server.asked[0].body) == (
        "/v1/articles?format=nit%20f",
        b"<nitf/>",
    )


def test_large_ndjson_goes_in_batches_and_bad_lines_keep_their_numbers(newsman, server, tmp_path):
    file = ndjson(tmp_path / "big.ndjson", 1_201, bad=(3, 777, 1_201))
    ended = newsman("push", file, url=server.url)
    assert ended.code == 1
    assert [len(a.body.splitlines()) for a in server.asked] == [500, 500, 201]
    assert "1 files, 1198 articles accepted, 3 rejected" in ended.out
    for number in (3, 777, 1_201):
        assert f"big.ndjson (line {number}): the document: bad line" in ended.out


def test_small_ndjson_is_one_request_and_only_twenty_rejections_are_shown(
    newsman, server, tmp_path
):
    file = tmp_path / "small.jsonl"
    file.write_text('"bad"\n' * 600)
    ended = newsman("push", file, url=server.url)
    assert ended.code == 1
    assert len(server.asked) == 1
    assert ended.out.count("rejected: ") == 20
    assert "… and 580 more rejected" in ended.out


def test_one_line_that_is_too_large_costs_that_line_only(newsman, server, say, tmp_path):
    file = tmp_path / "x.ndjson"
    file.write_text("".join(f'"{n}"\n' for n in range(10)) + '"huge"\n')
    usual = server.default
    server.default = lambda asked: (
        say(413, b'{"detail": "too large"}') if b"huge" in asked.body else usual(asked)
    )
    ended = newsman("push", file, url=server.url)
    assert "10 articles accepted, 1 rejected" in ended.out
    assert "x.ndjson (line 11): too large" in ended.out


def test_what_cannot_be_sent_is_told_and_the_rest_goes_on(newsman, server, tmp_path):
    (tmp_path / "a-empty.json").write_bytes(b"")
    (tmp_path / "b-gone.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "c-broken.json").symlink_to("/proc/self/mem")
    os.mkfifo(tmp_path / "d-pipe.json")
    with (tmp_path / "e-huge.json").open("wb") as file:
        file.truncate(3 * 1024**3)
        file.write(b"{")
    (tmp_path / "f-fine.json").write_bytes(b"{}")
    ended = newsman("push", tmp_path, url=server.url)
    assert ended.code == 1
    assert [a.body for a in server.asked] == [b"{}"]
    assert "a-empty.json: it is empty" in ended.out
    assert "b-gone.json: No such file" in ended.out
    assert "c-broken.json: Input/output error" in ended.out
    assert "d-pipe.json: no regular file" in ended.out
    assert "e-huge.json: larger than the 15728640 bytes" in ended.out
    assert "1 articles accepted, 5 rejected" in ended.out


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_bad_document_is_not_tried_again(newsman, server, say, tmp_path, status):
    (tmp_path / "a.json").write_text("{}")
    problem = {"title": "Bad", "detail": "no", "errors": [{"pointer": "/uri", "detail": "long"}]}
    server.script = [say(status, json.dumps(problem).encode())]
    ended = newsman("push", tmp_path, url=server.url)
    assert ended.code == 1
    assert len(server.asked) == 1
    assert "a.json: no: /uri: long" in ended.out


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_ends_everything_at_once_and_is_never_shown(
    newsman, server, say, tmp_path, status
):
    for number in range(50):
        (tmp_path / f"{number}.json").write_text("{}")
    server.default = lambda _: say(status, b'{"detail": "who are you"}')
    ended = newsman("push", tmp_path, url=server.url, key="secret-key")
    assert ended.code == 2
    assert len(server.asked) <= 4
    assert f"the key was refused ({status}): who are you" in ended.err
    assert "secret-key" not in ended.out + ended.err


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_key_follows_no_redirect(newsman, server, other_server, say, tmp_path, status):
    (tmp_path / "a.json").write_text("{}")
    server.default = lambda _: say(status, headers={"Location": other_server.url})
    ended = newsman("push", tmp_path, url=server.url)
    assert ended.code == 2
    assert f"{other_server.url}, which is not followed" in ended.err
    assert other_server.asked == []


def test_outages_are_waited_for(newsman, server, say, tmp_path):
    (tmp_path / "a.json").write_text("{}")
    server.script = [say(503, b"", {"Retry-After": "1"}), say(0), say(429), say(500)]
    began = time.monotonic()
    ended = newsman("push", tmp_path, url=server.url)
    assert ended.code == 0
    assert time.monotonic() - began >= 1
    assert len(server.asked) == 5
    assert "503" in ended.err
    assert "takes articles again" in ended.err


def test_a_document_that_always_breaks_the_server_does_not_stop_the_others(
    newsman, server, say, tmp_path
):
    (tmp_path / "a.json").write_text('"poison"')
    (tmp_path / "b.json").write_text('"fine"')
    usual = server.default
    server.default = lambda asked: say(500) if b"poison" in asked.body else usual(asked)
    ended = newsman("push", tmp_path, "--jobs", "1", url=server.url)
    assert ended.code == 1
    assert "1 articles accepted, 1 rejected" in ended.out


def test_nobody_there_is_a_2_after_the_time_given(newsman, server, tmp_path):
    (tmp_path / "a.json").write_text("{}")
    gone = "http://127.0.0.1:9"
    ended = newsman("push", tmp_path, "--retry-for", "1", url=gone)
    assert ended.code == 2
    assert "Connection refused" in ended.err
    server.script = []
    asked_too_long = newsman("push", tmp_path / "a.json", "--retry-for", "0", url=gone)
    assert asked_too_long.code == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere.json"], "no such file"),
        (["-", "--url", "ftp://x"], "no http or https address"),
        (["-", "--url", "http://u:p@x"], "name and password"),
        (["-", "--key", "a b"], "is no key"),
        (["-", "--key", "a\r\nX: y"], "is no key"),
    ],
)
def test_wrong_calls(newsman, server, words, message):
    ended = newsman("push", *words, url=server.url, given="")
    assert ended.code == 2
    assert message in ended.err
    assert newsman("push", "-", url=server.url, key="", given="").err.startswith("NEWSMAN_PUSH_KEY")
    assert server.asked == []


def test_a_dry_run_sends_nothing_and_needs_no_key(newsman, server, tmp_path):
    (tmp_path / "a.json").write_text("{}")
    ended = newsman("push", tmp_path, "--dry-run", url=server.url, key="")
    assert ended.code == 0
    assert "a.json  application/json  2 bytes" in ended.out
    assert server.asked == []


def test_ctrl_c_ends_with_the_summary(newsman, server, tmp_path, eventually):
    for number in range(2_000):
        (tmp_path / f"{number}.json").write_text("{}")
    usual, go_on = server.default, threading.Event()

    def held(asked):
        if len(server.asked) > 8:
            go_on.wait(20)
        return usual(asked)

    server.default = held
    process = newsman.start("push", tmp_path, url=server.url)
    eventually(lambda: len(server.asked) > 8)
    process.send_signal(signal.SIGINT)
    go_on.set()
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "(not all was sent)" in out
    assert f" {len(server.asked)} articles accepted" in out
    assert "Traceback" not in err


def test_progress_is_for_terminals_only(newsman, server, tmp_path):
    (tmp_path / "a.json").write_text("{}")
    usual, is_drawn = server.default, threading.Event()

    def held(asked):
        is_drawn.wait(20)
        return usual(asked)

    server.default = held
    terminal, its_end = pty.openpty()
    process = newsman.start("push", tmp_path, url=server.url, err=its_end)
    os.close(its_end)
    drawn = ""
    while "0 files, 0 articles accepted" not in drawn:
        drawn += os.read(terminal, 100_000).decode()
    is_drawn.set()
    assert process.wait(20) == 0
    drawn += os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert drawn.endswith("\r\x1b[K")


def test_ten_thousand_files(newsman, server, tmp_path):
    for number in range(10_000):
        (tmp_path / f"{number:05}.json").write_text("{}")
    ended = newsman("push", tmp_path, url=server.url)
    assert ended.code == 0
    assert "10000 files, 10000 articles accepted" in ended.out
    assert server.connections <= 4


@pytest.fixture
def desk(tmp_path):
    """The files of the desk; the services keep theirs beside it."""
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


def test_the_real_ingest_takes_and_refuses(newsman, ingest, desk):
    (desk / "a.json").write_text('{"uri": "urn:a", "headline": "Ferry returns"}')
    (desk / "b.txt").write_text("Ferry returns\n\nIt did.\n")
    (desk / "c.json").write_text('{"uri": "urn:c", "headline": 5}')
    (desk / "d.pdf").write_text("%PDF")
    (desk / "e.json").write_text('[{"headline": "x", "uri": "urn:e"}, {}]')
    with (desk / "f.ndjson").open("w") as file:
        for number in range(1_200):
            item = {"uri": f"urn:{number}", "headline": "H", "body_text": "x" * 1_000}
            file.write("{broken\n" if number == 700 else json.dumps(item) + "\n")
    ended = newsman("push", desk, url=ingest.url)
    assert ended.code == 1
    assert "6 files, 1202 articles accepted, 4 rejected" in ended.out
    assert "c.json: /headline" in ended.out
    assert "d.pdf: application/octet-stream is not read here" in ended.out
    assert "e.json (item 2): /1/headline: there is nothing to show" in ended.out
    assert "f.ndjson (line 701): " in ended.out


def test_what_the_real_ingest_took_without_a_date_is_told_once_a_kind(newsman, ingest, desk):
    item = "<item><guid>urn:{0}</guid><title>Ferry {0}</title><pubDate>{1}</pubDate></item>"
    items = "".join(item.format(number, "Tue," if number else "") for number in range(4))
    (desk / "a.rss").write_text(f"<rss><channel><title>t</title>{items}</channel></rss>")
    ninjs = {"guid": "urn:b", "type": "text", "version": "1", "headline": "Ferry"}
    lines = [{**ninjs, "guid": f"urn:b:{n}", "embargoed": f"someday {n}"} for n in range(2)]
    (desk / "b.ndjson").write_text("\n".join(map(json.dumps, lines)))
    ended = newsman("push", desk, "--jobs", "1", url=ingest.url)
    assert ended.code == 0, ended.err
    first, second = (line for line in ended.err.splitlines() if line.startswith("warning: "))
    assert "a.rss (item 2): /published: " in first
    assert "b.ndjson (line 1): /embargoed: " in second
    out = ended.out.splitlines()
    assert out[0].startswith("3 warnings: /published: ")
    assert out[1].startswith("2 warnings: /embargoed: ")
    assert "6 articles accepted, 0 rejected" in out[2]


def test_the_real_ingest_refuses_a_body_that_is_too_large_for_it(newsman, start_service, desk):
    ingest = start_service("ingest", NEWSMAN_MAX_BODY_BYTES="1000").wait_ready()
    (desk / "a.txt").write_bytes(b"x" * 10_000_000)
    (desk / "b.txt").write_text("Ferry returns\n\nIt did.\n")
    ended = newsman("push", desk, "--retry-for", "5", "--jobs", "1", url=ingest.url)
    assert ended.code == 1
    assert "a.txt: the body is larger than 1000 bytes" in ended.out
    assert "1 articles accepted, 1 rejected" in ended.out


def test_the_real_ingest_does_not_know_the_key(newsman, ingest, desk):
    (desk / "a.json").write_text("{}")
    ended = newsman("push", desk, url=ingest.url, key="nobody")
    assert ended.code == 2
    assert "the key was refused (401)" in ended.err
