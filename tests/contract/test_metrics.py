"""The metrics that the code has and the table in docs/reference.md are one list."""

import importlib
import re
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

REPOSITORY = Path(__file__).resolve().parents[2]
NEWSMAN = REPOSITORY / "services" / "newsman"
MEASURED = sorted(file.parent.name for file in NEWSMAN.glob("*/metrics.py"))
HEAD = "| metric | type | unit | labels | meaning |\n| --- | --- | --- | --- | --- |\n"
UNITS = re.compile(r"_(seconds|bytes)(_total)?$")


@dataclass(frozen=True)
class Measure:
    """A metric as operators know it; its unit is the end of its name, else it is a number."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str

    @property
    def unit(self) -> str:
        found = UNITS.search(self.name)
        return found[1] if found else "number"

    @property
    def row(self) -> str:
        cells = (f"`{self.name}`", self.kind, self.unit, ", ".join(self.labels), self.meaning)
        return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def measures() -> list[Measure]:
    """Every metric of every module of metrics, in the order in which they are defined."""
    found = []
    for room in MEASURED:
        module = importlib.import_module(f"newsman.{room}.metrics")
        for metric in vars(module).values():
            if isinstance(metric, MetricWrapperBase):
                family = metric.describe()[0]
                name = family.name + ("_total" if family.type == "counter" else "")
                measure = Measure(name, family.type, metric._labelnames, family.documentation)
                found.append(measure)
    return found


def table() -> str:
    return HEAD + "\n".join(measure.row for measure in measures()) + "\n"


def test_the_table_of_the_reference_is_the_list_of_the_code():
    text = (REPOSITORY / "docs" / "reference.md").read_text()
    documented = text.partition("\n## Metrics\n")[2].partition("\n\n|")[2].partition("\n\n")[0]
    head, rows = HEAD.splitlines(), f"|{documented.rstrip()}".splitlines()
    assert rows[:2] == head
    assert sorted(rows[2:]) == sorted(measure.row for measure in measures()), table()


def test_every_metric_has_a_meaning_and_a_name_of_its_own():
    found = measures()
    assert len({measure.name for measure in found}) == len(found) > 60
    assert all(measure.meaning.endswith(".") for measure in found)
