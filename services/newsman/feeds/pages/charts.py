"""Charts drawn on the server as SVG: no script, no style, in the colour of the text around."""

from collections.abc import Sequence
from datetime import UTC, tzinfo
from html import escape

from newsman.rankings.series import SeriesPoint

SPARK_WIDTH, SPARK_HEIGHT = 120, 24
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 200, 48, 24, 12
TICKS = 6
BAR_SHARE = 0.8
FORMATS = {"minute": "%H:%M", "hour": "%d %b %H:%M", "day": "%d %b"}


def sparkline(values: Sequence[int], *, title: str) -> str:
    """A line as high as a line of text; its title says what it shows."""
    most, steps = max([*values, 1]), max(1, len(values) - 1)
    room = SPARK_HEIGHT - 2
    points = " ".join(
        f"{index * SPARK_WIDTH / steps:.1f},{1 + room - room * value / most:.1f}"
        for index, value in enumerate(values)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="spark" role="img" '
        f'viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}" width="{SPARK_WIDTH}" '
        f'height="{SPARK_HEIGHT}"><title>{escape(title)}</title><polyline points="{points}" '
        f'fill="none" stroke="currentColor" stroke-width="1.5"/></svg>'
    )


def chart(points: Sequence[SeriesPoint], span: str, *, title: str, zone: tzinfo = UTC) -> str:
    """Bars over a scale from 0 to a round number; each says its time in the zone and its number."""
    top = _round_up(max([point.views for point in points] + [1]))
    wide, high = WIDTH - LEFT, HEIGHT - BOTTOM - TOP
    step = wide / max(1, len(points))
    parts = [_grid(top, high)]
    for index, point in enumerate(points):
        bar = high * point.views / top
        x, when = LEFT + index * step, f"{point.at.astimezone(zone):{FORMATS[span]}}"
        tooltip = f"<title>{when}: {point.views:,}</title>"
        parts.append(
            f'<rect x="{x:.1f}" y="{TOP + high - bar:.1f}" width="{step * BAR_SHARE:.1f}" '
            f'height="{bar:.1f}" fill="currentColor">{tooltip}</rect>'
        )
        if index % max(1, -(-len(points) // TICKS)) == 0:
            parts.append(_text(x, HEIGHT - 6, when, "start", kind="at"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def _grid(top: int, high: int) -> str:
    lines = []
    for share in (0, 0.5, 1):
        y = TOP + high * (1 - share)
        lines.append(
            f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
            f'stroke-opacity="0.25"/>'
        )
        lines.append(_text(LEFT - 6, y + 4, f"{top * share:,.0f}", "end"))
    return "".join(lines)


def _text(x: float, y: float, text: str, anchor: str, *, kind: str = "scale") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" font-size="11" fill="currentColor" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _round_up(number: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100, …, so that half of it is whole too."""
    scale = 1
    while True:
        for nice in (2, 4, 10):
            if number <= nice * scale:
                return nice * scale
        scale *= 10
