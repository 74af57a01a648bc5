"""Sets of public pages with labels, as other projects publish them with their tests.

Each is fetched by the ordinary client of its registry when it is asked for; nothing is kept here.
"""

import ast
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

from lxml import html

COMPARISON = "github.com/markusmobius/go-trafilatura@v1.12.2"
DATED = "github.com/markusmobius/go-htmldate@v1.10.1"
READABLE = "codeberg.org/readeck/go-readability/v2@v2.1.3"
GOOSE = "github.com/advancedlogic/GoOse@v0.0.0-20191112112754-e742535969c1"
NEWSPAPER, UNFLUFF = "newspaper4k==0.9.6", "unfluff@3.2.0"
_STRING = r'"(?:[^"\\]|\\.)*"|`[^`]*`'
_TOKEN = re.compile(rf"{_STRING}|[{{}}]|[A-Z][A-Za-z]+(?=:)")
_FIELD = re.compile(rf"\b(Domain|Title|CleanedText):\s+({_STRING})")
_CAPTIONS = "//figcaption|//figure|//script|//style|//noscript"
_BLOCKS = frozenset(
    "address article blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre section table td "
    "th tr ul".split()
)


@dataclass(frozen=True)
class PublicPage:
    """A page, and what its label says; nothing is said by what is empty."""

    name: str
    path: Path
    text: str = ""
    within: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Pieces of text that belong to the article, and pieces that do not."""
    title: str = ""
    day: str = ""

    @property
    def half(self) -> int:
        """The half of the set that the page belongs to: 0 may be looked at, 1 is kept aside."""
        return crc32(self.name.encode()) % 2


def comparison() -> Iterator[PublicPage]:
    """go-trafilatura's comparison (Apache-2.0): many kinds of pages, most of them German."""
    folder = _module(COMPARISON)
    for label in _comparison_labels(folder / "scripts/comparison/data.go"):
        places = [folder / "test-files" / kind / label["File"] for kind in ("comparison", "mock")]
        path = next((path for path in places if path.exists()), None)
        if path is not None:
            pieces = tuple(label.get("With", ())), tuple(label.get("Without", ()))
            yield PublicPage(
                label["File"],
                path,
                within=pieces[0],
                without=pieces[1],
                title=label.get("Title", ""),
                day=label.get("Date", "")[:10],
            )


def dated() -> Iterator[PublicPage]:
    """go-htmldate's pages of Media Cloud (Apache-2.0): news in many languages, with their day."""
    folder = _module(DATED)
    for label in _comparison_labels(folder / "scripts/comparison/data-mediacloud.go"):
        day = "" if label["Date"] == "nan" else label["Date"]
        yield PublicPage(label["File"], folder / "test-files/mediacloud" / label["File"], day=day)


def readable() -> Iterator[PublicPage]:
    """The test pages of Mozilla's Readability, in go-readability (MIT): articles of any kind. The
    text is what Readability makes of them, looked through by people; captions are left out."""
    for label in sorted(_module(READABLE).glob("test-pages/*/expected-metadata.json")):
        said = json.loads(label.read_text(encoding="utf-8"))
        expected = (label.parent / "expected.html").read_bytes()
        yield PublicPage(
            label.parent.name,
            label.parent / "source.html",
            text=_words_of(expected),
            title=said.get("title") or "",
            day=(said.get("publishedTime") or "")[:10],
        )


def goose() -> Iterator[PublicPage]:
    """GoOse's test pages (Apache-2.0): news of 2013 to 2016. The texts are what GoOse makes of
    them, with its mistakes; so only the titles are taken."""
    folder = _module(GOOSE)
    source = (folder / "crawler_test.go").read_text(encoding="utf-8")
    for test in source.split("\nfunc Test_")[1:]:
        label = {name: _text(said) for name, said in _FIELD.findall(test)}
        path = folder / "sites" / f"{label.get('Domain')}.html"
        if path.exists():
            yield PublicPage(label["Domain"], path, title=label.get("Title", ""))


def newspaper() -> Iterator[PublicPage]:
    """newspaper4k's test pages (MIT): news in ten languages."""
    folder = next(_package("pip", NEWSPAPER).glob("*/tests/data"))
    for text in sorted((folder / "txt").glob("*.txt")):
        page = folder / "html" / f"{text.stem}.html"
        label = folder / "metadata" / f"{text.stem}.json"
        if page.exists():
            said = json.loads(label.read_text(encoding="utf-8")) if label.exists() else {}
            yield PublicPage(
                text.stem,
                page,
                text=text.read_text(encoding="utf-8"),
                title=said.get("title") or "",
                day=(said.get("publish_date") or "")[:10],
            )


def unfluff() -> Iterator[PublicPage]:
    """unfluff's test pages (Apache-2.0): news of 2010 to 2016, with the beginnings of texts."""
    for label in sorted(_package("npm", UNFLUFF).glob("package/fixtures/*.json")):
        said = json.loads(label.read_text(encoding="utf-8"))["expected"]
        text = said.get("cleaned_text") or ""
        yield PublicPage(
            label.stem,
            label.with_suffix(".html"),
            within=(text,) if text else (),
            title=said.get("title") or "",
            day=(said.get("date") or "")[:10],
        )


SETS: dict[str, Callable[[], Iterator[PublicPage]]] = {
    "comparison": comparison,
    "dated": dated,
    "readable": readable,
    "goose": goose,
    "newspaper": newspaper,
    "unfluff": unfluff,
}


def _module(name: str) -> Path:
    said = subprocess.check_output(["go", "mod", "download", "-json", name], text=True)
    return Path(json.loads(said)["Dir"])


def _package(client: str, name: str) -> Path:
    """The unpacked source distribution of PyPI, or package of npm."""
    folder = Path(tempfile.gettempdir()) / "newsman-pages" / re.sub(r"\W+", "-", name)
    if not folder.exists():
        folder.mkdir(parents=True)
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", name]
        command = ["npm", "pack", "--silent", name] if client == "npm" else pip
        subprocess.check_call(command, cwd=folder, stdout=subprocess.DEVNULL)
        for archive in (*folder.glob("*.tgz"), *folder.glob("*.tar.gz")):
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
    return folder


def _comparison_labels(path: Path) -> list[dict[str, Any]]:
    """The entries of the literal in the Go source: strings, and lists of strings."""
    source = path.read_text(encoding="utf-8")
    tokens = _TOKEN.findall(source, source.index("omparisonEntry{"))
    return list(_entries(iter(tokens[1:])))


def _entries(tokens: Iterator[str]) -> Iterator[dict[str, Any]]:
    for token in tokens:
        if token != "{":
            continue  # the page's address
        entry: dict[str, Any] = {}
        name = ""
        for inner in tokens:
            if inner == "}":
                break
            if inner == "{":
                entry[name] = [_text(each) for each in iter(partial(next, tokens), "}")]
            elif inner[0] in '"`':
                entry[name] = _text(inner)
            else:
                name = inner
        yield entry


def _text(literal: str) -> str:
    return literal[1:-1] if literal[0] == "`" else str(ast.literal_eval(literal))


def _words_of(markup: bytes) -> str:
    """The text of some markup, its blocks on lines of their own."""
    root = html.document_fromstring(markup, html.HTMLParser(encoding="utf-8"))
    for caption in root.xpath(_CAPTIONS):
        caption.drop_tree()
    for element in root.iter():
        if element.tag in _BLOCKS:
            element.text = "\n" + (element.text or "")
            element.tail = "\n" + (element.tail or "")
    return str(root.text_content())
