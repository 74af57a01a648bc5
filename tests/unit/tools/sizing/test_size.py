"""What a load needs, held to the page that says it and to the figures that it is computed from."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from newsman.cli import main
from newsman.tools.sizing.costs import MEASURED
from newsman.tools.sizing.needs import Load, needs

DOCS = Path(__file__).resolve().parents[4] / "docs"
SCALE = (DOCS / "scale.md").read_text()
NEEDS = re.search(r"^## What a load needs\n.*?(?=^## )", SCALE, re.MULTILINE | re.DOTALL)[0]
MEASURED_IN = SCALE.replace(NEEDS, "") + (DOCS / "benchmarks.md").read_text()
LOAD = Load(
    articles_a_day=20_000,
    views_a_second=5_000,
    requests_a_second=5_000,
    streams=1_000,
    subscribers=200,
    kept_days=365,
    peak=10,
    copies=3,
)


def printed(capsys, *words: str) -> dict[str, str]:
    assert main(["size", "--json", *words]) == 0
    rows = map(json.loads, capsys.readouterr().out.splitlines())
    return {each["what"]: f"{each['value']:g} {each['unit']}".strip() for each in rows}


def test_the_page_says_what_the_command_prints(capsys):
    (command,) = re.findall(r"`newsman size (--[^`]*)`", SCALE)
    small, large = printed(capsys), printed(capsys, *command.split())
    table = re.findall(r"^\| ([^|]+) \| ([\d.]+[^|]*) \| ([\d.]+[^|]*) \|", SCALE, re.MULTILINE)
    told = [row for row in table if row[0] in small]
    assert told == [(what, small[what], large[what]) for what in small]


@pytest.mark.parametrize("cost", MEASURED, ids=lambda cost: cost.words)
def test_every_cost_was_measured(cost):
    assert cost.words in MEASURED_IN


def test_the_page_says_how_it_was_computed():
    told = dict(re.findall(r"^\| ([^|]+) \|(?: [^|]+ \|){2} ([^|]+) \|$", NEEDS, re.MULTILINE))
    assert {**told, **{each.what: each.how for each in needs(LOAD)}} == told


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("articles_a_day", ("enrich", "partitions of articles", "memory of Redis", "deliver")),
        ("views_a_second", ("ingest", "memory of Redis", "disk of each broker")),
        ("requests_a_second", ("feeds",)),
        ("streams", ("feeds", "memory of live streams")),
        ("subscribers", ("deliver",)),
        ("kept_days", ("memory of Redis", "disk of each feeds", "disk of each broker")),
        ("peak", ("enrich", "deliver")),
    ],
)
def test_more_of_a_load_needs_more(field, what):
    large = replace(LOAD, **{field: getattr(LOAD, field) * 100})
    before, after = ({n.what: n.value for n in needs(load)} for load in (LOAD, large))
    assert all(after[name] > before[name] for name in what)
    assert all(after[name] >= before[name] for name in before if field != "peak")


def test_a_day_by_hand():
    """40 articles a second at the peak, of cores that are busy to 60 %."""
    load = replace(LOAD, articles_a_day=86_400 * 40 / 10)
    found = {each.what: each.value for each in needs(load)}
    assert found["enrich"] == 2  # 40 × 0.0197 / 0.6 = 1.3
    assert found["deliver"] == 4  # 40 × 200 × 0.000246 / 0.6 = 3.3
    assert found["disk of each feeds"] == 951.6  # 345,600 × 365 × 8,100 / 2^30
