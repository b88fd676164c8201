"""Panels of evidence as drawings: Matplotlib lays them out, `svg.clean` makes them part of a page.

A panel is what `Evidence.data["figure"]` holds a list of: {"title", "xlabel", "ylabel", "xscale", "yscale",
"series": [{"label", "x", "y", "style": "line|dashed|points", "role": "simulated|predicted|other"}],
"marks": [{"x", "label"}], "cells": {…}}, where series, marks and cells may each be absent. Cells, described in
`verify.report.cells`, are a map of colours below the series. Nothing is computed but where things go on the paper.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from verify.report.cells import Cells, draw_bar, draw_cells, legend, read_cells
from verify.report.overlap import covering, meeting
from verify.report.panel import PanelError, label, listed
from verify.report.panel import mark as read_mark
from verify.report.panel import scale as read_scale
from verify.report.panel import series as read_series
from verify.report.plain import SUPERSCRIPTS, plain
from verify.report.svg import GRID, INK, MUTED, PAPER, SERIES, clean

# Inches at 72 units each: 360 units wide, so that it hardly shrinks on a narrow screen.
_SIZE: Final = (360 / 72, 240 / 72)
_SIZE_WITH_BAR: Final = (360 / 72, 310 / 72)
_SETTINGS: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "lemmata",
    "font.size": 11.0,
    "font.family": ["DejaVu Sans"],
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.formatter.use_mathtext": False,
    "axes.formatter.limits": (-4, 5),
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "lines.solid_capstyle": "round",
    "path.simplify": True,
}
_DASHES: Final = ((0, (5, 2.5)), (0, (1.2, 1.8)), (0, (7, 2, 1.2, 2)), (0, (3, 1.5)))
_WIDTHS: Final = {"solid": 3.2, "fine": 1.8}
_MARKERS: Final = ("o", "s", "^", "D", "v", "P")
_SIGNS: Final = ("●", "■", "▲", "◆", "▼", "✚")
_OPEN_SIGNS: Final = ("○", "□", "△", "◇", "▽", "✙")
_POINTS: Final = {"points": 5.0, "open": 9.0, "inner": 3.5}
"""Sizes of markers: of points by themselves, around others and within others."""


@dataclass(frozen=True)
class Key:
    """One line of a legend, with a small drawing of what it names."""

    label: str
    kind: str
    swatch: Markup


@dataclass(frozen=True)
class Panel:
    """A drawn panel, with its legend to be set as text beside it."""

    title: str
    svg: Markup
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class _Look:
    kind: str  # solid, fine, predicted, dashed, points, open or inner
    number: int  # which colour, dash pattern or marker


def draw(panel: Mapping[str, Any], name: str) -> Panel:
    """Draw one panel. `name` must be unique in the page. Raises PanelError where the panel is malformed."""
    if not isinstance(panel, Mapping):
        raise PanelError("a panel of a figure is a mapping")
    title = label(panel, "title")
    series = [read_series(one) for one in listed(panel, "series")]
    marks = [read_mark(one) for one in listed(panel, "marks")]
    scales = {axis: read_scale(panel, axis) for axis in ("xscale", "yscale")}
    kinds = _told_apart([(x, y, style, role) for _, x, y, style, role in series], scales["yscale"] == "log")
    looks = list(_looks(kinds))
    cells = read_cells(panel["cells"]) if panel.get("cells") is not None else None
    with rc_context(_SETTINGS), warnings.catch_warnings():
        # A character that Matplotlib's typeface lacks is still in the page's; a number that overflows is a fault.
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)
        figure, axes, bar = _laid_out(cells)
        axes.set_xlabel(plain(label(panel, "xlabel")), parse_math=False)
        axes.set_ylabel(plain(label(panel, "ylabel")), parse_math=False)
        buffer = io.StringIO()
        try:
            _set_axis(axes, "x", scales["xscale"], [v for _, x, _, _, _ in series for v in x], cells)
            _set_axis(axes, "y", scales["yscale"], [v for _, _, y, _, _ in series for v in y], cells)
            if cells is not None:
                draw_cells(axes, cells, xlog=scales["xscale"] == "log", ylog=scales["yscale"] == "log")
            for (_, x, y, _, _), look in zip(series, looks, strict=True):
                _plot(axes, x, y, look, halo=cells is not None)
            if cells is not None and bar is not None:
                _set_bar(bar, cells)
            _draw_marks(axes, marks, log=scales["xscale"] == "log", halo=cells is not None)
            figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
        except PanelError:
            raise
        except (ValueError, ArithmeticError, RuntimeWarning) as error:
            raise PanelError(f"its numbers cannot be drawn ({error})") from None
    keys = [
        Key(name or "unnamed", look.kind, _swatch(look))
        for (name, *_), look in zip(series, looks, strict=True)
    ]
    # Points, which are looked for first, stand before the lines.
    keys.sort(key=lambda key: key.kind not in _POINTS)
    described = _description(panel, scales, keys, marks, cells)
    if cells is not None:
        keys += [Key(name, "cells", sample) for name, sample in legend(cells)]
    svg = clean(buffer.getvalue(), name, plain(title) or "Figure", described)
    return Panel(title, svg, tuple(keys))


def _laid_out(cells: Cells | None) -> tuple[Figure, Axes, Axes | None]:
    """Axes to draw into, and below them those of a colour bar where there are numbers to read off one."""
    bar = None
    with_bar = cells is not None and cells.scale != "categories"
    figure = Figure(figsize=_SIZE_WITH_BAR if with_bar else _SIZE, layout="constrained")
    FigureCanvasSVG(figure)
    if with_bar:
        grid = figure.add_gridspec(2, 1, height_ratios=[20, 1])
        axes, bar = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
    else:
        axes = figure.add_subplot()
    if cells is None:
        axes.grid(True)
        axes.set_axisbelow(True)
        for spine in ("top", "right"):
            axes.spines[spine].set_visible(False)
    return figure, axes, bar


def _set_bar(bar: Axes, cells: Cells) -> None:
    low, high = draw_bar(bar, cells)
    for spine in bar.spines.values():
        spine.set_visible(False)
    bar.set_xlabel(plain(cells.label), parse_math=False)
    _set_axis(bar, "x", "log" if cells.scale == "log" else "linear", [low, high])


def _told_apart(
    series: Sequence[tuple[list[float], list[float], str, str]], log: bool
) -> list[tuple[str, str]]:
    """(style, role) of each series, where a line that lies on another is dashed, and the other broad; of points that
    lie on others the one kind is open and the other within.

    Where predictions lie over the lines, these show between their dashes, and all is left as it is.
    """
    kinds = [(style, role) for _, _, style, role in series]
    points = [i for i, (style, _) in enumerate(kinds) if style == "points"]
    for i, look in zip(points, meeting([series[i][:2] for i in points], log=log), strict=True):
        kinds[i] = (look, kinds[i][1])
    if any(role == "predicted" and style not in _POINTS for style, role in kinds):
        return kinds
    lines = [i for i, (style, _) in enumerate(kinds) if style == "line"]
    below = covering([series[i][:2] for i in lines], log=log)
    for line, other in zip(lines, below, strict=True):
        if other is not None and kinds[lines[other]][0] != "dashed":
            kinds[line] = ("dashed", kinds[line][1])
            kinds[lines[other]] = ("broad", kinds[lines[other]][1])
    return kinds


def _looks(kinds: Sequence[tuple[str, str]]) -> Iterator[_Look]:
    """What is simulated is a broad line in colour; what is predicted, a thin dashed one in ink over it.

    Lines with nothing over them, and many lines at once, are finer: their details show.
    """
    coloured, predicted = count(), count()
    lines = [role for style, role in kinds if style == "line" and role != "predicted"]
    covered = any(role == "predicted" and style not in _POINTS for style, role in kinds)
    solid = "solid" if covered and len(lines) <= 2 else "fine"
    for style, role in kinds:
        if style in _POINTS:
            yield _Look(style, next(coloured))
        elif role == "predicted":
            yield _Look("predicted", next(predicted))
        else:
            look = {"dashed": "dashed", "broad": "solid"}.get(style, solid)
            yield _Look(look, next(coloured))


def _plot(axes: Axes, x: list[float], y: list[float], look: _Look, *, halo: bool) -> None:
    style: dict[str, Any]
    if halo:
        # Over coloured cells, a line in any colour is told from them by a margin in the colour of the page.
        size = _POINTS.get(look.kind)
        style = {"linestyle": "none", "marker": "o", "markersize": size + 2.5} if size else {"linewidth": 4.4}
        axes.plot(x, y, color=PAPER, zorder=1.5, **style)
    colour = SERIES[look.number % len(SERIES)]
    dashes = _DASHES[look.number % len(_DASHES)]
    if look.kind in _POINTS:
        marker = _MARKERS[look.number % len(_MARKERS)]
        style = {"markerfacecolor": "none", "markeredgewidth": 1.5} if look.kind == "open" else {}
        size = _POINTS[look.kind]
        axes.plot(x, y, linestyle="none", marker=marker, markersize=size, color=colour, zorder=4, **style)
    elif look.kind == "predicted":
        axes.plot(x, y, linestyle=dashes, linewidth=1.4, color=INK, zorder=5)
    elif look.kind == "dashed":
        axes.plot(x, y, linestyle=_DASHES[0], linewidth=1.8, color=colour, zorder=3)
    else:
        axes.plot(x, y, linestyle="-", linewidth=_WIDTHS[look.kind], color=colour, zorder=2)


def _swatch(look: _Look) -> Markup:
    """A sample of a line or a marker for the legend."""
    colour = f"var(--series-{look.number % len(SERIES) + 1})"
    if look.kind in _POINTS:
        signs = _OPEN_SIGNS if look.kind == "open" else _SIGNS
        sign = signs[look.number % len(signs)]
        return Markup(f'<span class="swatch" style="color: {colour}" aria-hidden="true">{sign}</span>')
    dashes, width = "", 1.8
    if look.kind == "predicted":
        colour, width = "var(--ink)", 1.6
        dashes = " ".join(f"{width * part:g}" for part in _DASHES[look.number % len(_DASHES)][1])
    elif look.kind == "dashed":
        dashes = " ".join(f"{width * part:g}" for part in _DASHES[0][1])
    else:
        width = _WIDTHS[look.kind]
    line = f"stroke: {colour}; stroke-width: {width}; stroke-dasharray: {dashes or 'none'}"
    return Markup(
        '<svg class="swatch" viewBox="0 0 32 8" width="32" height="8" aria-hidden="true">'
        f'<path d="M2 4H30" style="{line}"/></svg>'
    )


def _set_axis(
    axes: Axes, which: str, scale: str, values: Sequence[float], cells: Cells | None = None
) -> None:
    axis = axes.xaxis if which == "x" else axes.yaxis
    if cells is not None:
        values = [*values, *(cells.x if which == "x" else cells.y)]
    shown = [value for value in values if math.isfinite(value)]
    if scale == "linear":
        # Cells of whole numbers, such as depths, have nothing half-way between them.
        whole = cells is not None and all(one.is_integer() for one in (cells.x if which == "x" else cells.y))
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=whole))
        return
    shown = [value for value in shown if value > 0]
    if values and not shown:
        raise PanelError(f"its {which} axis is logarithmic, and no value on it is positive")
    getattr(axes, f"set_{which}scale")("log")
    decades = math.log10(max(shown) / min(shown)) if shown else 1.0
    axis.set_major_formatter(FuncFormatter(_power if decades >= 2 else _plain_or_power))
    axis.set_minor_formatter(NullFormatter())
    # Where there are too few powers of ten to read the axis by, 2 and 5 times a power help.
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)) if decades < 2 else LogLocator(numticks=7))
    axis.set_minor_locator(NullLocator())


def _power(value: float, _position: object = None) -> str:
    """A value on a wide logarithmic axis: 1, 10, 100, 1000, otherwise 10⁻³."""
    return f"{value:g}" if 0.5 < value < 5000 else _scientific(value)


def _plain_or_power(value: float, _position: object = None) -> str:
    """A value on a narrow logarithmic axis: 0.0005, 200, otherwise 2·10⁻⁷."""
    return f"{value:g}" if 1e-4 <= value < 1e5 else _scientific(value)


def _scientific(value: float) -> str:
    if not value > 0:
        return f"{value:g}"
    mantissa, exponent = f"{value:.3e}".split("e")
    factor = f"{float(mantissa):g}"
    return ("" if factor == "1" else f"{factor}·") + "10" + str(int(exponent)).translate(SUPERSCRIPTS)


def _draw_marks(axes: Axes, marks: Sequence[tuple[float, str]], *, log: bool, halo: bool) -> None:
    """Vertical lines with their labels above the axes, on a second or third level where two come too close."""
    level_ends = [-math.inf] * 3
    limits = axes.get_xlim()
    for x, text in sorted(marks):
        if not math.isfinite(x) or (log and x <= 0):
            continue
        if halo:
            axes.axvline(x, color=PAPER, linewidth=3.0, zorder=1)
        axes.axvline(x, color=MUTED, linewidth=1.0, linestyle=(0, (2, 2)), zorder=1)
        left, right = axes.get_xlim()
        limits = (min(left, limits[0]), max(right, limits[1]))
        low, high, at = (math.log10(v) for v in (*limits, x)) if log else (*limits, x)
        place = (at - low) / (high - low)
        half = 0.014 * len(plain(text)) + 0.01
        level = next((i for i, end in enumerate(level_ends) if place - half > end), 0)
        level_ends[level] = place + half
        axes.annotate(
            plain(text),
            (x, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3 + 13 * level),
            textcoords="offset points",
            ha="center",
            va="bottom",
            color=INK,
            fontsize=10.5,
            parse_math=False,
        )


def _description(
    panel: Mapping[str, Any],
    scales: Mapping[str, str],
    keys: Sequence[Key],
    marks: Sequence[tuple[float, str]],
    cells: Cells | None,
) -> str:
    """What the drawing shows, for those who cannot see it."""
    words = {
        "solid": "solid line",
        "fine": "solid line",
        "predicted": "dashed line",
        "dashed": "dashed line",
        "points": "points",
        "open": "open points",
        "inner": "small points within open ones",
    }
    axes = [
        f"{axis} axis: {plain(label(panel, f'{axis}label')) or 'no label'}, {scales[f'{axis}scale']}"
        for axis in "xy"
    ]
    drawn = [f"{plain(key.label)} ({words[key.kind]})" for key in keys]
    marked = [f"{plain(text)} at {x:.4g}" for x, text in marks]
    parts = [*axes]
    if cells is not None:
        parts.append(plain(cells.description))
    if drawn or cells is None:
        parts.append("drawn: " + ", ".join(drawn or ["nothing"]))
    if marked:
        parts.append("marked: " + ", ".join(marked))
    return "; ".join(parts) + "."
