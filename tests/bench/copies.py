"""How well copies, rewrites and follow-ups are told from other stories: precision and recall."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from entities import article
from labelled import Labelled, stories

from newsman.enrich import core
from newsman.enrich.core import Knowledge, look
from newsman.enrich.stories.placing import RememberedArticle, describe, place
from newsman.enrich.stories.wording import Weights, direction, smooth_idf, wording
from newsman.enrich.workers.knowledge import load_knowledge
from newsman_schemas.articles import EnrichedArticle, article_id

FOLLOW_UPS = Path(__file__).parent / "follow_ups.txt"
REWRITES = Path(__file__).parent / "rewrites.txt"
WORDS = "today however officials later reported nearly about group statement early".split()
FOOTERS = (
    "\nRead more: the ten best stories of the week, chosen by our editors for you to enjoy.",
    "\nThis article was first published by our partner and is shown here with their permission.",
    "\n(Reporting by A. Writer; editing by B. Editor and the night desk of the agency in town)",
)

Edit = Callable[[random.Random, Labelled], Labelled]


def with_boilerplate(rng: random.Random, story: Labelled) -> Labelled:
    """As an outlet prints it: a dateline before and a footer behind."""
    return _changed(story, f"LONDON (Agency) — {story.body}{rng.choice(FOOTERS)}")


def with_other_words(rng: random.Random, story: Labelled) -> Labelled:
    """Every twentieth word another."""
    words = story.body.split(" ")
    for number in rng.sample(range(len(words)), max(1, len(words) // 20)):
        words[number] = rng.choice(WORDS)
    return _changed(story, " ".join(words))


def without_the_end(_: random.Random, story: Labelled) -> Labelled:
    """Cut from below, as subeditors do."""
    return _changed(story, story.body[: story.body.rindex(". ", 0, len(story.body) - 2) + 1])


def in_capitals(_: random.Random, story: Labelled) -> Labelled:
    """Straight quotes, capitals, other line breaks."""
    body = story.body.replace("“", '"').replace("”", '"').replace("’", "'").replace(". ", ".\n")
    return Labelled(story.headline.upper(), body, story.names)


EDITS: tuple[Edit, ...] = (with_boilerplate, with_other_words, without_the_end, in_capitals)


def _changed(story: Labelled, body: str) -> Labelled:
    return Labelled(f"{story.headline}, agency says", body, story.names)


def streams() -> Iterator[tuple[str, Labelled, str, str]]:
    """Name, story, role and the name of the story it belongs to, in the order of arrival."""
    rng = random.Random(7)
    own = stories()
    for story in own:
        yield story.headline, story, "original", story.headline
    for story in own:
        for edit in EDITS:
            yield f"{edit.__name__} {story.headline}", edit(rng, story), "copy", story.headline
    for headline, later, body in follow_ups():
        yield later, Labelled(later, body, frozenset()), "follow-up", headline


def follow_ups() -> Iterator[tuple[str, str, str]]:
    """The headline of the first story, and headline and text of what came after."""
    for part in FOLLOW_UPS.read_text(encoding="utf-8").split("\n== ")[1:]:
        first, later, body = part.strip().split("\n", 2)
        yield first, later, body


def placed(knowledge: Knowledge) -> list[tuple[str, str, bool]]:
    """Of every text the right role, the given one, and whether it landed in the right story."""
    known: list[RememberedArticle] = []
    first: dict[str, str] = {}
    found = []
    newsroom = Newsroom()
    for name, text, role, belongs in streams():
        enriched, signature = _enriched(name, text, knowledge, f"{role}s desk")
        words = newsroom.words(text)
        story = place(enriched, signature, known, words)
        known.append(describe(enriched, signature, story.id, words))
        first.setdefault(name, enriched.id)
        found.append((role, story.role, story.id == first[belongs]))
    return found


class Newsroom:
    """A count of the words of all texts so far, as Redis keeps it."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._texts = 0

    def words(self, text: Labelled) -> Weights:
        """The text's direction; it counts from then on."""
        used = wording(text.headline, text.body)
        found = direction(used, lambda word: smooth_idf(self._texts, self._counts[word]))
        self._counts.update(used.keys())
        self._texts += 1
        return found


def rewrites() -> tuple[list[tuple[str, bool, bool]], ...]:
    """Of each text of other newsrooms, for the half that the rule was chosen on and the one held
    out: its kind, and whether it was joined to a story at all, and to the right one."""
    knowledge = load_knowledge()
    newsroom = Newsroom()
    known = []
    for story in stories():
        enriched, signature = _enriched(story.headline, story, knowledge, "desk")
        known.append(describe(enriched, signature, enriched.id, newsroom.words(story)))
    halves = REWRITES.read_text(encoding="utf-8").split("\n== held out\n")
    return tuple([_joined(part, known, newsroom, knowledge) for part in _parts(h)] for h in halves)


def _parts(half: str) -> list[str]:
    return half.split("\n== ")[1:]


def _joined(
    part: str, known: list[RememberedArticle], newsroom: Newsroom, knowledge: Knowledge
) -> tuple[str, bool, bool]:
    labels, headline, body = part.strip().split("\n", 2)
    kind, _, first = labels.partition(" | ")
    text = Labelled(headline, body, frozenset())
    enriched, signature = _enriched(headline, text, knowledge, "other desk")
    story = place(enriched, signature, known, newsroom.words(text))
    return kind, story.role != "original", story.id == article_id("desk", first)


def joins(found: list[tuple[str, bool, bool]]) -> tuple[float, float]:
    """Precision and recall of joining a rewrite or follow-up to its story."""
    hits = sum(is_right for kind, _, is_right in found if kind != "other")
    joined = sum(is_joined for _, is_joined, _ in found)
    return hits / max(1, joined), hits / sum(kind != "other" for kind, _, _ in found)


def _enriched(
    name: str, text: Labelled, knowledge: Knowledge, source: str
) -> tuple[EnrichedArticle, tuple[int, ...]]:
    plain = article(text).model_copy(update={"id": article_id(source, name), "source": source})
    findings = look(plain, knowledge)
    return core.enriched(plain, findings, duration_ms=0), findings.signature


def copies() -> str:
    """A table of precision and recall of each role."""
    found = placed(load_knowledge())
    rows = ["| role | texts | precision | recall |", "| --- | --- | --- | --- |"]
    for role in ("original", "copy", "follow-up"):
        precision, recall = scores(found, role)
        count = sum(right == role for right, _, _ in found)
        rows.append(f"| {role} | {count} | {precision:.2f} | {recall:.2f} |")
    rows += ["", "| rewrites and follow-ups | texts | precision | recall |", "| --- " * 4 + "|"]
    for name, half in zip(("seen", "held out"), rewrites(), strict=True):
        precision, recall = joins(half)
        rows.append(f"| {name} | {len(half)} | {precision:.2f} | {recall:.2f} |")
    return "\n".join((*rows, ""))


def scores(found: list[tuple[str, str, bool]], role: str) -> tuple[float, float]:
    """A hit has the role and the story; an update within the right story counts as a copy."""
    given = [entry for entry in found if _is(entry[1], role)]
    hits = sum(right == role and in_story for right, _, in_story in given)
    return hits / max(1, len(given)), hits / sum(right == role for right, _, _ in found)


def _is(given: str, role: str) -> bool:
    return given == role or (role == "copy" and given == "update")


if __name__ == "__main__":
    print(copies())
