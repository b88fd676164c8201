"""Panels of evidence as drawings: Matplotlib lays them out, `svg.clean` makes them part of a page.

A panel is what `Evidence.data["figure"]` holds a list of: {"title", "xlabel", "ylabel", "xscale", "yscale",
"series": [{"label", "x", "y", "style", "role"}], "marks": [{"x", "label"}]}. Nothing is computed from it but where
things go on the paper.
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

from verify.report.plain import SUPERSCRIPTS, plain
from verify.report.svg import GRID, INK, MUTED, SERIES, clean

# Inches at 72 units each: 360 units wide, so that it hardly shrinks on a narrow screen.
_SIZE: Final = (360 / 72, 240 / 72)
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
_MARKERS: Final = ("o", "s", "^", "D", "v", "P")
_SIGNS: Final = ("●", "■", "▲", "◆", "▼", "✚")
_SCALES: Final = ("linear", "log")
_STYLES: Final = ("line", "dashed", "points")


class PanelError(ValueError):
    """A panel that cannot be drawn: what is wrong with it."""


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
    kind: str  # solid, predicted, dashed or points
    number: int  # which colour, dash pattern or marker


def draw(panel: Mapping[str, Any], name: str) -> Panel:
    """Draw one panel. `name` must be unique in the page. Raises PanelError where the panel is malformed."""
    if not isinstance(panel, Mapping):
        raise PanelError("a panel of a figure is a mapping")
    title = _label(panel, "title")
    series = [_series(one) for one in _list(panel, "series")]
    marks = [_mark(one) for one in _list(panel, "marks")]
    looks = list(_looks([(style, role) for _, _, _, style, role in series]))
    scales = {axis: _scale(panel, axis) for axis in ("xscale", "yscale")}
    with rc_context(_SETTINGS), warnings.catch_warnings():
        # A character that Matplotlib's typeface lacks is still in the page's; a number that overflows is a fault.
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)
        figure = Figure(figsize=_SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        axes.grid(True)
        axes.set_axisbelow(True)
        for spine in ("top", "right"):
            axes.spines[spine].set_visible(False)
        axes.set_xlabel(plain(_label(panel, "xlabel")), parse_math=False)
        axes.set_ylabel(plain(_label(panel, "ylabel")), parse_math=False)
        buffer = io.StringIO()
        try:
            for (_, x, y, _, _), look in zip(series, looks, strict=True):
                _plot(axes, x, y, look)
            _set_axis(axes, "x", scales["xscale"], [v for _, x, _, _, _ in series for v in x])
            _set_axis(axes, "y", scales["yscale"], [v for _, _, y, _, _ in series for v in y])
            _draw_marks(axes, marks, log=scales["xscale"] == "log")
            figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
        except PanelError:
            raise
        except (ValueError, ArithmeticError, RuntimeWarning) as error:
            raise PanelError(f"its numbers cannot be drawn ({error})") from None
    keys = tuple(
        Key(label or "unnamed", look.kind, _swatch(look))
        for (label, *_), look in zip(series, looks, strict=True)
    )
    svg = clean(buffer.getvalue(), name, plain(title) or "Figure", _description(panel, scales, keys, marks))
    return Panel(title, svg, keys)


def _looks(kinds: Sequence[tuple[str, str]]) -> Iterator[_Look]:
    """What is simulated is a broad line in colour; what is predicted, a thin dashed one in ink over it."""
    coloured, predicted = count(), count()
    for style, role in kinds:
        if style == "points":
            yield _Look("points", next(coloured))
        elif role == "predicted":
            yield _Look("predicted", next(predicted))
        else:
            yield _Look("dashed" if style == "dashed" else "solid", next(coloured))


def _plot(axes: Axes, x: list[float], y: list[float], look: _Look) -> None:
    colour = SERIES[look.number % len(SERIES)]
    dashes = _DASHES[look.number % len(_DASHES)]
    if look.kind == "points":
        marker = _MARKERS[look.number % len(_MARKERS)]
        axes.plot(x, y, linestyle="none", marker=marker, markersize=5, color=colour, zorder=4)
    elif look.kind == "predicted":
        axes.plot(x, y, linestyle=dashes, linewidth=1.4, color=INK, zorder=5)
    elif look.kind == "dashed":
        axes.plot(x, y, linestyle=_DASHES[0], linewidth=1.8, color=colour, zorder=3)
    else:
        axes.plot(x, y, linestyle="-", linewidth=3.2, color=colour, zorder=2)


def _swatch(look: _Look) -> Markup:
    """A sample of a line or a marker for the legend."""
    colour = f"var(--series-{look.number % len(SERIES) + 1})"
    if look.kind == "points":
        sign = _SIGNS[look.number % len(_SIGNS)]
        return Markup(f'<span class="swatch" style="color: {colour}" aria-hidden="true">{sign}</span>')
    dashes, width = "", 1.8
    if look.kind == "predicted":
        colour, width = "var(--ink)", 1.6
        dashes = " ".join(f"{width * part:g}" for part in _DASHES[look.number % len(_DASHES)][1])
    elif look.kind == "dashed":
        dashes = " ".join(f"{width * part:g}" for part in _DASHES[0][1])
    else:
        width = 3.2
    line = f"stroke: {colour}; stroke-width: {width}; stroke-dasharray: {dashes or 'none'}"
    return Markup(
        '<svg class="swatch" viewBox="0 0 32 8" width="32" height="8" aria-hidden="true">'
        f'<path d="M2 4H30" style="{line}"/></svg>'
    )


def _set_axis(axes: Axes, which: str, scale: str, values: list[float]) -> None:
    axis = axes.xaxis if which == "x" else axes.yaxis
    shown = [value for value in values if math.isfinite(value)]
    if scale == "linear":
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
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


def _draw_marks(axes: Axes, marks: Sequence[tuple[float, str]], *, log: bool) -> None:
    """Vertical lines with their labels above the axes, on a second or third level where two come too close."""
    level_ends = [-math.inf] * 3
    limits = axes.get_xlim()
    for x, label in sorted(marks):
        if not math.isfinite(x) or (log and x <= 0):
            continue
        axes.axvline(x, color=MUTED, linewidth=1.0, linestyle=(0, (2, 2)), zorder=1)
        left, right = axes.get_xlim()
        limits = (min(left, limits[0]), max(right, limits[1]))
        low, high, at = (math.log10(v) for v in (*limits, x)) if log else (*limits, x)
        place = (at - low) / (high - low)
        half = 0.014 * len(plain(label)) + 0.01
        level = next((i for i, end in enumerate(level_ends) if place - half > end), 0)
        level_ends[level] = place + half
        axes.annotate(
            plain(label),
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
) -> str:
    """What the drawing shows, for those who cannot see it."""
    words = {"solid": "solid line", "predicted": "dashed line", "dashed": "dashed line", "points": "points"}
    axes = [
        f"{axis} axis: {plain(_label(panel, f'{axis}label')) or 'no label'}, {scales[f'{axis}scale']}"
        for axis in "xy"
    ]
    drawn = [f"{plain(key.label)} ({words[key.kind]})" for key in keys]
    marked = [f"{plain(label)} at {x:.4g}" for x, label in marks]
    parts = [*axes, "drawn: " + ", ".join(drawn or ["nothing"])]
    if marked:
        parts.append("marked: " + ", ".join(marked))
    return "; ".join(parts) + "."


def _series(value: object) -> tuple[str, list[float], list[float], str, str]:
    if not isinstance(value, Mapping):
        raise PanelError("each of its series is a mapping")
    label = _label(value, "label")
    x = [_number(one) for one in _list(value, "x")]
    y = [_number(one) for one in _list(value, "y")]
    if len(x) != len(y):
        raise PanelError(f"its series {label!r} has {len(x)} values of x and {len(y)} of y")
    style = value.get("style", "line")
    if style not in _STYLES:
        raise PanelError(
            f"its series {label!r} has the style {style!r}; a style is one of {', '.join(_STYLES)}"
        )
    return label, x, y, style, str(value.get("role", "other"))


def _mark(value: object) -> tuple[float, str]:
    if not isinstance(value, Mapping) or "x" not in value:
        raise PanelError("each of its marks is a mapping with an x")
    return _number(value["x"]), _label(value, "label")


def _scale(panel: Mapping[str, Any], key: str) -> str:
    scale = panel.get(key, "linear")
    if scale not in _SCALES:
        raise PanelError(f"its {key} is {scale!r}; a scale is linear or log")
    return str(scale)


def _number(value: object) -> float:
    """A number to draw; null, and what is not finite, leaves a gap. Text holds numbers that JSON cannot."""
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise PanelError(f"{value!r} stands where a number belongs")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise PanelError(f"{value!r} stands where a number belongs") from None
    return number if math.isfinite(number) else math.nan


def _label(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key, "")
    return " ".join(str(value).split())[:200] if value is not None else ""


def _list(record: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = record.get(key, [])
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PanelError(f"its {key} is a list")
    return value
