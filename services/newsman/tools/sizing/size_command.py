"""`newsman size`: what an installation of a load needs, computed from measured costs."""

import argparse
from dataclasses import asdict

from newsman.terminal.output import show
from newsman.terminal.tables import table
from newsman.tools.sizing.needs import Load, needs

REMARK = (
    "Computed from the costs in docs/benchmarks.md, each measured on two cores; no installation of "
    "this size was run.\n"
)


def run(arguments: argparse.Namespace) -> int:
    """Prints the needs."""
    load = Load(
        articles_a_day=arguments.articles,
        views_a_second=arguments.views,
        requests_a_second=arguments.requests,
        streams=arguments.streams,
        subscribers=arguments.subscribers,
        kept_days=arguments.days,
        peak=max(1.0, arguments.peak),
        copies=arguments.copies,
    )
    rows = [asdict(need) for need in needs(load)]
    show(arguments, rows, table(rows, ("what", "value", "unit", "how")) + REMARK)
    return 0
