"""The script that continues the English model's recogniser, on a few sentences."""

import importlib.util
import random
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[4] / "deploy" / "names_model" / "train.py"
LABELLED = """\
Frode B-PER
Quist I-PER
of O
Zorbit B-ORG
Foods I-ORG
flew O
to O
Velmark B-LOC
on O
Monday O
. O

The O
Norwegian O
song O
Vesla I-MISC
was O
sung O
by O
Frode I-PER
Quist I-PER
. O
"""


@pytest.fixture(scope="module")
def training():
    spec = importlib.util.spec_from_file_location("train_names", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def weights(nlp) -> bytes:
    return nlp.get_pipe("ner").model.to_bytes()


def test_labels_are_learned_and_other_types_kept(training):
    nlp = training.load()
    documents = training.read_conll(f"-DOCSTART- O\n\n{LABELLED}\n-DOCSTART- O\n\n{LABELLED}")
    assert [len(document) for document in documents] == [2, 2]
    read = training.examples(nlp, documents[:1], random.Random(1))
    found = {(e.text, e.label_) for each in read for e in each.reference.ents}
    assert {("Frode Quist", "PERSON"), ("Zorbit Foods", "ORG"), ("Monday", "DATE")} <= found
    unsure = [t for each in read for t in each.reference if t.text == "Vesla"]
    assert all(token.ent_type_ not in {"PERSON", "ORG", "GPE"} for token in unsure)


def test_training_is_the_same_each_time_and_spacy_loads_what_it_writes(training, tmp_path):
    import spacy

    made = []
    for _ in range(2):
        nlp = training.load()
        before = weights(nlp)
        documents = training.read_conll(LABELLED)
        training.train(nlp, training.examples(nlp, documents, random.Random(1)), epochs=2)
        made.append(weights(nlp))
    assert made[0] == made[1] != before
    nlp.to_disk(tmp_path / "model")
    assert weights(spacy.load(tmp_path / "model")) == made[1]
