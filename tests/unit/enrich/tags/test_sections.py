"""A newsroom's own sections, learned from its archive."""

import json
import random

import pytest

from newsman.cli import main
from newsman.enrich.tags.sections import read_model

SECTIONS = {
    "Harbour": "ship dock crane quay tide captain cargo ferry pilot anchor berth hull".split(),
    "Kitchen": "soup onion butter oven recipe salt flour simmer garlic bake pan chef".split(),
    "Courts": "judge verdict appeal trial lawyer jury witness sentence plea bail clerk "
    "oath".split(),
}
COMMON = "the town people said on monday that it was a good day for many of them".split()


def archive(path, stories_each: int, *, seed: int) -> None:
    rng = random.Random(seed)
    with path.open("w") as file:
        for section, own in SECTIONS.items():
            for number in range(stories_each):
                words = rng.choices(own, k=12) + rng.choices(COMMON, k=40)
                rng.shuffle(words)
                story = {
                    "headline": f"{section} {number}",
                    "body_text": " ".join(words),
                    "section": section,
                }
                file.write(json.dumps({**story, "headline": f"Story {number}"}) + "\n")


@pytest.fixture
def trained(tmp_path, capsys):
    archive(tmp_path / "archive.ndjson", 10, seed=1)
    model = tmp_path / "sections.json"
    status = main(
        ["sections", "train", "--from", str(tmp_path / "archive.ndjson"), "--to", str(model)]
    )
    return status, model, capsys.readouterr().out


def test_ten_stories_a_section_teach_it(trained, tmp_path):
    status, path, _ = trained
    assert status == 0
    model = read_model(path)
    archive(tmp_path / "others.ndjson", 20, seed=2)
    others = [json.loads(line) for line in (tmp_path / "others.ndjson").read_text().splitlines()]
    guesses = [(model.guess(each["body_text"]), each["section"]) for each in others]
    right = sum(guess is not None and guess.section == section for guess, section in guesses)
    assert right >= 0.9 * len(others)


def test_the_file_guesses_as_the_library_does(trained, tmp_path):
    from newsman.enrich.commands.sections import read_archive
    from newsman.enrich.tags import training

    stories = list(read_archive(tmp_path / "archive.ndjson"))
    strength = json.loads(trained[1].read_text())["strength"]
    pipeline = training._pipeline(strength).fit(
        [s.text for s in stories], [s.section for s in stories]
    )
    model = read_model(trained[1])
    for story in stories:
        chances = dict(
            zip(pipeline[1].classes_, pipeline.predict_proba([story.text])[0], strict=True)
        )
        guess = model.guess(story.text)
        assert guess is not None
        assert guess.confidence == pytest.approx(chances[guess.section], abs=0.06)


def test_the_report_says_how_good_it_is_and_where_it_errs(trained):
    out = trained[2]
    assert out.startswith("a section for ")
    assert "by cross-validation on 30 stories" in out
    assert "Harbour: " in out
    assert "NEWSMAN_SECTIONS_MODEL=" in out


def test_the_threshold_is_the_lowest_at_which_19_of_20_are_right():
    from newsman.enrich.tags.training import lowest_threshold

    sure, right, wrong = [(0.6, True)] * 18, (0.4, True), (0.3, False)
    found = lowest_threshold([*sure, right, wrong, (0.2, False)])
    assert (found.probability, found.precision) == (0.3, 0.95)
    assert found.coverage == pytest.approx(20 / 21)
    assert lowest_threshold([(0.9, False), (0.8, True)]).coverage == 0


def test_examples_that_teach_nothing_are_called_not_enough(tmp_path, capsys):
    path, rng = tmp_path / "archive.ndjson", random.Random(1)
    with path.open("w") as file:
        for number in range(40):
            body = " ".join(rng.choices(COMMON, k=40))
            story = {"headline": "x", "body_text": body, "section": f"S{number % 2}"}
            file.write(json.dumps(story) + "\n")
    model = tmp_path / "m.json"
    assert main(["sections", "train", "--from", str(path), "--to", str(model)]) == 0
    assert "the examples are not enough" in capsys.readouterr().out


def test_mistakes_are_named(tmp_path, capsys):
    path = tmp_path / "archive.ndjson"
    archive(path, 12, seed=1)
    wrong = {"headline": "A soup", "body_text": "soup onion butter " * 5, "section": "Courts"}
    with path.open("a") as file:
        file.write(json.dumps(wrong) + "\n")
    main(["sections", "train", "--from", str(path), "--to", str(tmp_path / "m.json")])
    assert "Courts was taken for Kitchen" in capsys.readouterr().out


def test_too_few_stories_are_refused_with_what_there_is(tmp_path, capsys):
    path = tmp_path / "archive.ndjson"
    archive(path, 3, seed=1)
    assert main(["sections", "train", "--from", str(path), "--to", str(tmp_path / "m.json")]) == 1
    assert "10 stories each" in capsys.readouterr().err


def test_two_sections_are_enough(tmp_path):
    path = tmp_path / "archive.ndjson"
    archive(path, 10, seed=1)
    kept = [line for line in path.read_text().splitlines() if '"Courts"' not in line]
    path.write_text("\n".join(kept))
    assert main(["sections", "train", "--from", str(path), "--to", str(tmp_path / "m.json")]) == 0
    model = read_model(tmp_path / "m.json")
    assert model.guess("butter onion soup garlic flour").section == "Kitchen"
    assert model.guess("quay crane ferry cargo berth").section == "Harbour"


def test_a_text_of_unknown_words_is_put_in_no_section(trained):
    assert read_model(trained[1]).guess("zzz qqq") is None


def test_a_file_that_is_no_model_is_refused(tmp_path):
    (tmp_path / "m.json").write_text("{}")
    with pytest.raises(ValueError, match="newsman sections train"):
        read_model(tmp_path / "m.json")
