"""Files of agencies' wires, from a folder to readers and away again."""

import subprocess
import sys

import httpx
import pytest

from newsman_schemas.articles import article_id

IPTC = (
    b"\x01bdt0{number} 3 pl 19  dpa 0456\r\n{keywords}/\r\n\x02{headline} =\r\n\r\n"
    b"Bergen (dpa) - Die F\xe4hre f\xe4hrt\r\nwieder.\r\n\x03\r\n010800 GMT Mar 26\r\n\x04\0\x7f"
).decode("latin-1")
ANPA = (
    "\x16\x16\x01a{number}\x1fasian\r\nr i\x13\x11 BC-Ferry-Wire {field}   03-01 0019\r\n"
    "\x02^BC-Ferry-Wire, {version},0019<\r\n^{headline}<\r\n^By ANNA BERG=\r\n"
    "\t   BERGEN (AP) _ The ferry sails.<\r\n\x03\r\nAP-WF-03-01-26 0{hour}00GMT<\r\n\x04\r\n"
)


@pytest.fixture(scope="module")
def http(newsroom):
    with httpx.Client(base_url=newsroom.url("feeds"), timeout=20) as client:
        yield client


def anpa(number: int, version: str, headline: str, hour: int) -> bytes:
    field = version.replace(" ", "")
    return ANPA.format(
        number=number, field=field, version=version, headline=headline, hour=hour
    ).encode("latin-1")


def iptc(number: int, keywords: str, headline: str) -> bytes:
    text = IPTC.format(number=number, keywords=keywords, headline=headline)
    return text.encode("latin-1")


@pytest.fixture
def push(newsroom, tmp_path):
    """Sends a folder of files, one after the other, with the command."""

    def push(**files: bytes) -> None:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name, body in files.items():
            (folder / f"{name}.txt").write_bytes(body)
        words = ["push", "--jobs", "1", "--key", "demo-key", "--url", newsroom.url("ingest")]
        command = [sys.executable, "-m", "newsman.cli", *words, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr

    return push


def test_wires_go_from_a_folder_to_readers_and_kills_take_them_away(push, http, eventually):
    german = article_id("demo", "urn:newsman:iptc7901:bdt:2026-03-01:777")
    other = article_id("demo", "urn:newsman:iptc7901:bdt:2026-03-01:778")
    american = article_id("demo", "urn:newsman:anpa:bc-ferry-wire:2026-03-01")
    push(
        a_two=iptc(777, "Hafen", "Fähre fährt") + iptc(778, "Hafen", "Hafen offen"),
        b_lead=anpa(1002, "1st Ld-Writethru", "Ferry sails north", 9),
        c_first=anpa(1001, "", "Ferry sails", 8),
    )
    for one in (german, other, american):
        eventually(lambda one=one: http.get(f"/v1/articles/{one}").status_code == 200)
    article = http.get(f"/v1/articles/{german}").json()
    assert (article["headline"], article["section"]) == ("Fähre fährt", "Politik")
    assert article["published_at"].startswith("2026-03-01T08:00:00")
    eventually(
        lambda: http.get(f"/v1/articles/{american}").json()["headline"] == "Ferry sails north"
    )
    assert http.get(f"/v1/articles/{american}").json()["byline"] == "ANNA BERG"
    push(
        d_kill=iptc(790, "KILL", "Bitte bdt0777 nicht verwenden"),
        e_kill=anpa(1003, "BULLETIN KILL", "Kill", 9),
    )
    for one in (german, american):
        eventually(lambda one=one: http.get(f"/v1/articles/{one}").status_code == 410)
    assert http.get(f"/v1/articles/{other}").status_code == 200
