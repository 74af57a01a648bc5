"""How much less the model is used than if it read every text, and every version, whole."""

import time
from collections.abc import Callable
from dataclasses import replace

from enriching import news
from entities import article

from newsman.enrich.core import Knowledge, look
from newsman.enrich.entities.mentions import Mention
from newsman.enrich.entities.passages import Finder, Passage
from newsman.enrich.entities.spacy_finder import load_model
from newsman.enrich.text.languages import LANGUAGES
from newsman.enrich.workers.knowledge import load_knowledge
from newsman_schemas.articles import Article

ARTICLES = 120


class Watched:
    """A finder that counts the characters it is given and the CPU seconds it takes."""

    def __init__(self, find: Finder) -> None:
        self._find = find
        self.characters = 0
        self.seconds = 0.0

    def __call__(self, passages: list[Passage]) -> list[Mention]:
        began = time.process_time()
        found = self._find(passages)
        self.seconds += time.process_time() - began
        self.characters += sum(len(passage.text) for passage in passages)
        return found


def model_use() -> str:
    """A table of characters and CPU seconds, as shares of reading everything."""
    knowledge = load_knowledge()
    texts = [article(text) for text in news(ARTICLES)]
    whole, ours = _fresh(), _fresh()
    for text in texts:
        whole([Passage("headline", 0, text.headline), Passage("body_text", 0, text.body_text)])
    total = _seconds(lambda: [look(text, _with(knowledge, ours)) for text in texts])
    first = ours.seconds
    for text in texts:
        look(_next_version(text), _with(knowledge, ours))
    again = ours.seconds - first
    rows = {
        "characters that it reads, of all": ours.characters / 2 / whole.characters,
        "the model on full texts, over the model as enrich uses it": whole.seconds / first,
        "the model on full texts, over all that a worker does": whole.seconds / total,
        "the model on full texts, over it on a second version": whole.seconds / again,
    }
    head = f"| what the model is used for ({ARTICLES} articles), CPU time | |\n| --- | --- |\n"
    return head + "".join(f"| {name} | {ratio:.2f} |\n" for name, ratio in rows.items())


def _with(knowledge: Knowledge, finder: Finder) -> Knowledge:
    return replace(knowledge, finders={"en": finder})


def _fresh() -> Watched:
    find, _ = load_model(LANGUAGES["en"].package)
    find([Passage("headline", 0, "A warm start for Anna Berg in Oslo.")])
    return Watched(find)


def _next_version(text: Article) -> Article:
    return text.model_copy(update={"body_text": f"{text.body_text}\nAnna Berg of Oslo agreed."})


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    print(model_use())
