"""A field of coloured cells in a panel: a map of numbers with its colour bar, or of categories with their legend.

A panel's `"cells"` are {"x": [nx numbers], "y": [ny numbers], "values": [ny rows of nx numbers or null], "label",
"scale": "linear|log|diverging", "centre" (diverging only), "categories": [names] (values are then indices)}. The
numbers in x and y are the centres of the cells. Colours are steps, not a continuum: a step can be found again in the
bar, and in light and in dark. What has no value is crossed out; categories differ by texture as well as by colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Final

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from verify.report.panel import PanelError, label, listed, number
from verify.report.svg import DIVERGING, MUTED, PAPER, SEQUENTIAL, SERIES

_SCALES: Final = ("linear", "log", "diverging")
_MOST: Final = 20_000
_NOTHING: Final = -1

Edges = list[float]
Segment = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Cells:
    """Cells to draw. `steps[j][i]` is the number of a colour, −1 where there is no value."""

    x: list[float]
    y: list[float]
    steps: list[list[int]]
    label: str
    scale: str  # linear, log, diverging or categories
    categories: tuple[str, ...]
    low: float
    high: float

    @property
    def has_gaps(self) -> bool:
        return any(_NOTHING in row for row in self.steps)

    @property
    def description(self) -> str:
        """What the cells show, for those who cannot see them."""
        size = f"cells, {len(self.x)} along x and {len(self.y)} along y"
        if self.scale == "categories":
            flat = [step for row in self.steps for step in row]
            counted = [f"{name} ({flat.count(step)})" for step, name in enumerate(self.categories)]
            return f"{size}, in the categories {', '.join(counted)}"
        return f"{size}, {self.label or 'values'} from {self.low:.4g} to {self.high:.4g}, {self.scale}"


def read_cells(value: object) -> Cells:
    """Check the cells of a panel and sort their values into steps of colour. PanelError where they are malformed."""
    if not isinstance(value, Mapping):
        raise PanelError("its cells are a mapping")
    x, y = _centres(value, "x"), _centres(value, "y")
    rows = [[number(one) for one in _row(row)] for row in listed(value, "values")]
    if len(rows) != len(y) or any(len(row) != len(x) for row in rows):
        raise PanelError(f"the values of its cells are not {len(y)} rows of {len(x)}")
    if len(x) * len(y) > _MOST:
        raise PanelError(f"it has {len(x) * len(y)} cells, and at most {_MOST} can be drawn")
    named = tuple(" ".join(str(one).split())[:200] for one in listed(value, "categories"))
    if named:
        return _of_categories(x, y, rows, named, label(value, "label"))
    scale = value.get("scale", "linear")
    if scale not in _SCALES:
        raise PanelError(f"the scale of its cells is {scale!r}; it is one of {', '.join(_SCALES)}")
    return _of_numbers(x, y, rows, scale, value.get("centre", 0), label(value, "label"))


def draw_cells(axes: Axes, cells: Cells, *, xlog: bool, ylog: bool) -> None:
    """Fill the axes with the cells, one shape for each colour. What else is drawn widens the axes if it must."""
    xs, ys = _edges(cells.x, log=xlog, which="x"), _edges(cells.y, log=ylog, which="y")
    boxes: dict[int, list[tuple[float, float, float, float]]] = {}
    for row, (bottom, top) in zip(cells.steps, pairwise(ys), strict=True):
        column = 0
        for step, run in groupby(row):
            # Neighbours of one colour are one box.
            end = column + len(list(run))
            boxes.setdefault(step, []).append((xs[column], bottom, xs[end], top))
            column = end
    for step, found in sorted(boxes.items()):
        if step != _NOTHING:
            _fill(axes, found, _colour(cells, step))
    _texture(axes, cells, xs, ys)
    axes.margins(0)
    axes.autoscale()


def draw_bar(axes: Axes, cells: Cells) -> tuple[float, float]:
    """The steps of colour side by side over their values; returns the least and the greatest of these."""
    shown = _steps_of(cells)
    low, high = cells.low, cells.high
    if not high > low:
        low, high = (low / 2, high * 2) if cells.scale == "log" else (low - 0.5, high + 0.5)
    if cells.scale == "log":
        edges = [low * (high / low) ** (i / len(shown)) for i in range(len(shown) + 1)]
    else:
        edges = [low + (high - low) * i / len(shown) for i in range(len(shown) + 1)]
    for step, (left, right) in zip(shown, pairwise(edges), strict=True):
        _fill(axes, [(left, 0.0, right, 1.0)], _colour(cells, step))
    axes.set_xlim(low, high)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    return low, high


def swatch(cells: Cells, step: int) -> Markup:
    """A sample of a category, or of what has no value (step −1), for the legend."""
    colour = "transparent" if step == _NOTHING else f"var(--series-{step % len(SERIES) + 1})"
    lines = "".join(
        f"M{32 * x0:g} {14 - 14 * y0:g}L{32 * x1:g} {14 - 14 * y1:g}"
        for (x0, y0), (x1, y1) in _strokes(_pattern(step), 0.0, 0.5, 0.0, 1.0)
        + _strokes(_pattern(step), 0.5, 1.0, 0.0, 1.0)
    )
    ink = "var(--muted)" if step == _NOTHING else "var(--paper)"
    return Markup(
        '<svg class="swatch box" viewBox="0 0 32 14" width="32" height="14" aria-hidden="true">'
        f'<rect width="32" height="14" style="fill: {colour}; stroke: var(--line)"/>'
        f'<path d="{lines or "M0 0"}" style="stroke: {ink}; stroke-width: 1.2; fill: none"/></svg>'
    )


def legend(cells: Cells) -> Iterator[tuple[str, Markup]]:
    """Names with their samples: the categories, and what the crossed cells mean."""
    for step, name in enumerate(cells.categories):
        yield name or "unnamed", swatch(cells, step)
    if cells.has_gaps:
        yield "no value", swatch(cells, _NOTHING)


def _of_categories(
    x: list[float], y: list[float], rows: list[list[float]], named: tuple[str, ...], title: str
) -> Cells:
    for row in rows:
        for value in row:
            if not math.isnan(value) and not (value.is_integer() and 0 <= value < len(named)):
                raise PanelError(
                    f"a cell has the category {value:g}, and there are categories 0 to {len(named) - 1}"
                )
    steps = [[_NOTHING if math.isnan(value) else int(value) for value in row] for row in rows]
    return Cells(x, y, steps, title, "categories", named, 0.0, float(len(named) - 1))


def _of_numbers(
    x: list[float], y: list[float], rows: list[list[float]], scale: str, centre: object, title: str
) -> Cells:
    if scale == "log":
        rows = [[value if value > 0 else math.nan for value in row] for row in rows]
    shown = [value for row in rows for value in row if not math.isnan(value)]
    if not shown:
        raise PanelError(
            "none of its cells has a positive value" if scale == "log" else "none of its cells has a value"
        )
    low, high = min(shown), max(shown)
    if scale == "diverging":
        middle = number(centre)
        if math.isnan(middle):
            raise PanelError("the centre of its cells is not a number")
        reach = max(high - middle, middle - low) or 1.0
        low, high = middle - reach, middle + reach
    count = len(DIVERGING if scale == "diverging" else SEQUENTIAL)

    def step(value: float) -> int:
        if math.isnan(value):
            return _NOTHING
        if not high > low:
            return count // 2
        part = (
            math.log(value / low) / math.log(high / low) if scale == "log" else (value - low) / (high - low)
        )
        return min(int(part * count), count - 1)

    return Cells(x, y, [[step(value) for value in row] for row in rows], title, scale, (), low, high)


def _row(value: object) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PanelError("each row of the values of its cells is a list")
    return value


def _centres(value: Mapping[str, Any], which: str) -> list[float]:
    centres = [number(one) for one in listed(value, which)]
    if not centres or any(math.isnan(one) for one in centres):
        raise PanelError(f"the {which} of its cells are numbers, at least one")
    if any(not after > before for before, after in pairwise(centres)):
        raise PanelError(f"the {which} of its cells do not increase")
    return centres


def _edges(centres: list[float], *, log: bool, which: str) -> Edges:
    """Where cells meet: half-way between their centres, in the logarithm on a logarithmic axis."""
    if log and centres[0] <= 0:
        raise PanelError(f"its {which} axis is logarithmic, and a cell lies at {centres[0]:g}")
    at = [math.log(one) for one in centres] if log else centres
    inner = [(a + b) / 2 for a, b in pairwise(at)]
    before = inner[0] - at[0] if inner else 0.5
    after = at[-1] - inner[-1] if inner else 0.5
    edges = [at[0] - before, *inner, at[-1] + after]
    return [math.exp(one) for one in edges] if log else edges


def _steps_of(cells: Cells) -> range:
    return range(len(DIVERGING if cells.scale == "diverging" else SEQUENTIAL))


def _colour(cells: Cells, step: int) -> str:
    if cells.scale == "categories":
        return SERIES[step % len(SERIES)]
    return (DIVERGING if cells.scale == "diverging" else SEQUENTIAL)[step]


def _fill(axes: Axes, boxes: Sequence[tuple[float, float, float, float]], colour: str) -> None:
    corners: list[tuple[float, float]] = []
    for left, bottom, right, top in boxes:
        corners += [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(boxes)
    # A hair of its own colour around each box closes the seams between neighbours.
    axes.add_patch(
        PathPatch(Path(corners, codes), facecolor=colour, edgecolor=colour, linewidth=0.4, zorder=0.5)
    )


def _texture(axes: Axes, cells: Cells, xs: Edges, ys: Edges) -> None:
    """Strokes over the cells of categories, and a cross over each cell without a value."""
    crossed: list[Segment] = []
    strokes: list[Segment] = []
    for j, row in enumerate(cells.steps):
        for i, step in enumerate(row):
            if step == _NOTHING:
                crossed += _strokes("x", xs[i], xs[i + 1], ys[j], ys[j + 1])
            elif cells.scale == "categories":
                strokes += _strokes(_pattern(step), xs[i], xs[i + 1], ys[j], ys[j + 1])
    for segments, colour in ((strokes, PAPER), (crossed, MUTED)):
        if segments:
            path = Path(
                [point for segment in segments for point in segment],
                [Path.MOVETO, Path.LINETO] * len(segments),
            )
            axes.add_patch(PathPatch(path, facecolor="none", edgecolor=colour, linewidth=0.7, zorder=0.6))


def _pattern(step: int) -> str:
    # After one round of colours the textures have moved on by one.
    return "x" if step == _NOTHING else " /\\-|+"[(step + step // len(SERIES)) % 6]


def _strokes(pattern: str, left: float, right: float, bottom: float, top: float) -> list[Segment]:
    """The strokes of one cell. On a logarithmic axis half-way is not the middle, which nobody minds."""
    x, y = (left + right) / 2, (bottom + top) / 2
    rising: Segment = ((left, bottom), (right, top))
    falling: Segment = ((left, top), (right, bottom))
    across: Segment = ((left, y), (right, y))
    upright: Segment = ((x, bottom), (x, top))
    drawn: Mapping[str, list[Segment]] = {
        " ": [],
        "/": [rising],
        "\\": [falling],
        "-": [across],
        "|": [upright],
        "+": [across, upright],
        "x": [rising, falling],
    }
    return drawn[pattern]
