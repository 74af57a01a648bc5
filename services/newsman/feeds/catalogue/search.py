"""Searches of the catalogue for words, alone or under terms.

The newest hits are looked at first, and after MOST_FOUND no others, so that a search takes as long
among many articles as among few. Of an update chain only the head's words are kept.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import islice

from newsman.feeds.catalogue.article_rows import mark
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.term_tests import Term, several
from newsman.matching.words import match_of, words_of

WEIGHTS = "8.0, 4.0, 1.0, 0.0"
"""Of headline, summary, text and terms."""
MOST_FOUND = 1_000
MOST_RANKED = 200
"""A search that more articles pass weighs none: to weigh a hit takes as long as to find fifty."""
COMMON_WORD = 1_000
"""A word that so many articles have is not weighed, since all that have it would be read for that,
and is taken for finished."""
STORIES_AT_ONCE = 100
_WORDS = "{headline summary text}"


def search(
    catalogue: Catalogue, words: str, terms: Sequence[Term], limit: int, offset: int = 0
) -> list[str]:
    """Ids of the articles with all the words under all the terms, the best first; the last word
    may be unfinished.

    Of more than MOST_RANKED those with the words in their headline come first, then the newest;
    of more than MOST_FOUND the newest are found.
    """
    return _ordered(catalogue, words, terms)[offset : offset + limit]


def search_stories(
    catalogue: Catalogue, words: str, terms: Sequence[Term], limit: int, offset: int = 0
) -> list[str]:
    """Ids of the articles that `search` finds, of each story the first."""
    ids = _ordered(catalogue, words, terms)
    return list(islice(_firsts(catalogue, ids), offset, offset + limit))


def _ordered(catalogue: Catalogue, query: str, terms: Sequence[Term]) -> list[str]:
    words = words_of(query)
    if not words:
        return []
    common = [word for word in words if _is_common(catalogue, word)]
    wanted = match_of(words, is_finished=words[-1] in common)
    under = [f"terms : ({' OR '.join(map(mark, several(term)))})" for term in terms]
    hits = _newest(catalogue, " AND ".join([f"{_WORDS} : ({wanted})", *under]))
    weighed = [word for word in words if word not in common]
    ranked: list[str] = []
    if hits and weighed and len(hits) <= MOST_RANKED:
        weighed_match = match_of(weighed, is_finished=words[-1] in common)
        ranked = _by_weight(catalogue, f"{_WORDS} : ({weighed_match})", hits)
    return ranked or _by_headline(catalogue, " AND ".join([f"headline : ({wanted})", *under]), hits)


def _is_common(catalogue: Catalogue, word: str) -> bool:
    if word in catalogue.common_words:
        return True
    ((number,),) = catalogue.rows(
        "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)",
        f"{_WORDS} : ({match_of([word], is_finished=True)})",
        COMMON_WORD,
    )
    is_common = int(number) == COMMON_WORD
    if is_common:
        catalogue.common_words[word] = True
    return is_common


def _newest(catalogue: Catalogue, match: str, oldest: int = 0) -> list[int]:
    """The rows of the newest articles that match, down to one."""
    rows = catalogue.rows(
        "SELECT rowid FROM words WHERE words MATCH ? AND rowid >= ? ORDER BY rowid DESC LIMIT ?",
        match,
        oldest,
        MOST_FOUND,
    )
    return [number for (number,) in rows]


def _by_weight(catalogue: Catalogue, match: str, hits: Sequence[int]) -> list[str]:
    # The + keeps SQLite from looking for the words once for each of the hits.
    rows = catalogue.rows(
        "SELECT a.id FROM words JOIN articles a ON a.number = words.rowid "  # noqa: S608
        "WHERE words MATCH ? AND words.rowid >= ? "
        "AND +words.rowid IN (SELECT value FROM json_each(?)) "
        f"ORDER BY bm25(words, {WEIGHTS}), a.told_ms DESC, a.id",
        match,
        hits[-1],
        json.dumps(hits),
    )
    return [article_id for (article_id,) in rows]


def _by_headline(catalogue: Catalogue, match: str, hits: Sequence[int]) -> list[str]:
    if not hits:
        return []
    in_headlines = _newest(catalogue, match, hits[-1])
    rows = catalogue.rows(
        "SELECT a.id FROM json_each(?) h JOIN articles a ON a.number = h.value "
        "ORDER BY a.number IN (SELECT value FROM json_each(?)) DESC, a.told_ms DESC, a.id",
        json.dumps(hits),
        json.dumps(in_headlines),
    )
    return [article_id for (article_id,) in rows]


def _firsts(catalogue: Catalogue, ids: Sequence[str]) -> Iterator[str]:
    """Of each story the first of these; an article of no story is alone in one."""
    seen: set[str] = set()
    for start in range(0, len(ids), STORIES_AT_ONCE):
        some = ids[start : start + STORIES_AT_ONCE]
        stories = dict(
            catalogue.rows(
                "SELECT s.id, s.term FROM json_each(?) h JOIN terms s ON s.id = h.value "
                "WHERE s.shown = 1 AND s.term >= 'story:' AND s.term < 'story;'",
                json.dumps(some),
            )
        )
        for article_id in some:
            story = stories.get(article_id, article_id)
            if story not in seen:
                seen.add(story)
                yield article_id
