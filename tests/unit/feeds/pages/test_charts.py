"""Charts as they are drawn: well-formed, in proportion, and told in words too."""

from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from newsman.feeds.pages.charts import HEIGHT, LEFT, SPARK_HEIGHT, WIDTH, chart, sparkline
from newsman.rankings.series import SeriesPoint

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def points(*views: int) -> list[SeriesPoint]:
    return [SeriesPoint(NOW + timedelta(hours=n), number) for n, number in enumerate(views)]


def test_bars_are_in_proportion_and_each_says_its_number():
    root = etree.fromstring(chart(points(0, 500, 1_000), "hour", title="a < b"))
    assert root.findtext(f"{SVG}title") == "a < b"
    bars = root.findall(f"{SVG}rect")
    nothing, half, whole = (float(bar.get("height")) for bar in bars)
    assert (nothing, whole) == (0, pytest.approx(2 * half))
    assert [bar.findtext(f"{SVG}title") for bar in bars] == [
        "01 Mar 12:00: 0", "01 Mar 13:00: 500", "01 Mar 14:00: 1,000"
    ]  # fmt: skip
    texts = [text.text for text in root.findall(f"{SVG}text")]
    assert {"0", "500", "1,000", "01 Mar 12:00"} <= set(texts)


@pytest.mark.parametrize("views", [[], [0], [0] * 60, [7] * 30, [10**9], list(range(168))])
def test_whatever_is_drawn_stays_inside(views):
    root = etree.fromstring(chart(points(*views), "day", title="t"))
    for bar in root.findall(f"{SVG}rect"):
        assert float(bar.get("x")) >= LEFT
        assert float(bar.get("x")) + float(bar.get("width")) <= WIDTH
        assert float(bar.get("y")) >= 0
        assert float(bar.get("y")) + float(bar.get("height")) <= HEIGHT
    line = etree.fromstring(sparkline(views, title="t")).find(f"{SVG}polyline").get("points")
    heights = [float(pair.split(",")[1]) for pair in line.split()]
    assert len(heights) == len(views)
    assert all(0 <= height <= SPARK_HEIGHT for height in heights)
