"""The figure of a simulated network: loss, norms, P and Q against time, with T1 and T2 marked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numerics.whole_file import write_whole
from verify.commands.experiment import Series

_BLUE, _ORANGE, _GREY = "#0b62a4", "#c05a00", "#555555"
_SUBSCRIPTS = {"T1": "$T_1$", "T2": "$T_2$", "T3": "$T_3$"}


def figure(series: Series, marks: Mapping[str, float | None], title: str) -> Any:
    """The figure, without touching matplotlib's global state."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(7.2, 8.4), layout="constrained")
    loss, norm, order = made.subplots(3, 1, sharex=True)
    made.suptitle(title, fontsize=10)
    loss.plot(series.t, series.loss, color=_BLUE)
    loss.set_ylabel("loss")
    loss.set_yscale("log")
    norm.plot(series.t, series.norm_a, color=_BLUE, label=r"$\Vert a\Vert$")
    norm.plot(series.t, series.norm_w, color=_ORANGE, linestyle="--", label=r"$\Vert w\Vert$")
    norm.set_ylabel("norms")
    norm.set_yscale("log")
    order.plot(series.t, series.P, color=_BLUE, label="$P$")
    order.plot(series.t, series.Q, color=_ORANGE, linestyle="--", label="$Q$")
    if series.P_reduced is not None:
        order.plot(series.t, series.P_reduced, color=_GREY, linestyle=":", label="$P$ of the reduced system")
    order.set_ylabel("order parameters")
    order.set_xlabel("time of the gradient flow")
    for axes in (loss, norm, order):
        axes.margins(x=0)
        axes.grid(alpha=0.25)
        for name, time in marks.items():
            if time is None or not series.t[0] <= time <= series.t[-1]:
                continue
            axes.axvline(time, color=_GREY, linewidth=0.9)
            if axes is loss:
                axes.annotate(
                    _SUBSCRIPTS.get(name, name),
                    (time, 1.0),
                    xycoords=("data", "axes fraction"),
                    xytext=(0, 3),
                    textcoords="offset points",
                    ha="center",
                )
    for axes in (norm, order):
        axes.legend(frameon=False)
    return made


def write_plot(path: Path, series: Series, marks: Mapping[str, float | None], title: str) -> None:
    """Write the figure as PNG or SVG, by the suffix of the name."""
    drawn = figure(series, marks, title)
    kind = path.suffix.lower().lstrip(".")
    write_whole(path, lambda stream: drawn.savefig(stream, format=kind, dpi=150))
