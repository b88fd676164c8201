"""Panels of evidence: curves and maps of few enough numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from numerics.array import FloatArray

MOST = 240
"""Points of a curve."""


def curve(label: str, x: Any, y: Any, *, style: str = "line", role: str = "simulated") -> dict[str, Any]:
    """A series of at most MOST points; of more, evenly chosen ones with the largest and the lowest value kept."""
    xs, ys = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(xs) > MOST:
        chosen = np.linspace(0, len(xs) - 1, MOST - 2).astype(int)
        chosen = np.unique(np.r_[chosen, np.argmax(ys), np.argmin(ys)])
        xs, ys = xs[chosen], ys[chosen]
    return {"label": label, "x": xs.tolist(), "y": ys.tolist(), "style": style, "role": role}


def panel(
    title: str,
    xlabel: str,
    ylabel: str,
    series: Sequence[Mapping[str, Any]] = (),
    *,
    xscale: str = "linear",
    yscale: str = "linear",
    marks: Sequence[tuple[float, str]] = (),
    cells: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One panel of `Evidence.data["figure"]`."""
    made: dict[str, Any] = {
        "title": title,
        "xlabel": xlabel,
        "ylabel": ylabel,
        "xscale": xscale,
        "yscale": yscale,
        "series": list(series),
        "marks": [{"x": float(x), "label": label} for x, label in marks],
    }
    if cells is not None:
        made["cells"] = dict(cells)
    return made


def cells(
    x: FloatArray,
    y: FloatArray,
    values: FloatArray,
    label: str,
    scale: str = "linear",
    centre: float | None = None,
) -> dict[str, Any]:
    """A map of values (len(y), len(x))."""
    made: dict[str, Any] = {
        "x": np.asarray(x, dtype=float).tolist(),
        "y": np.asarray(y, dtype=float).tolist(),
        "values": [[float(v) for v in row] for row in values],
        "label": label,
        "scale": scale,
    }
    if centre is not None:
        made["centre"] = centre
    return made
