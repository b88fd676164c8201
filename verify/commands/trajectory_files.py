"""A trajectory on disk: `.npz` with all states, `.csv` with the series, `.png` or `.svg` as a figure."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from numerics.errors import InputError
from numerics.trajectory import Trajectory
from numerics.whole_file import try_folder, write_whole
from verify.commands.experiment import Series

TABLES = (".npz", ".csv")
FIGURES = (".png", ".svg")


def check_writable(path: Path, suffixes: tuple[str, ...], option: str) -> None:
    """Refuse before any work is done what could not be written after it."""
    if path.suffix.lower() not in suffixes:
        raise InputError(f"{option} {path}: the name must end in {' or '.join(suffixes)}.")
    folder = path.parent
    if not folder.is_dir():
        raise InputError(f"{option} {path}: the folder {folder} does not exist; make it first.")
    if path.is_dir():
        raise InputError(f"{option} {path}: this is a folder; give the name of a file.")
    try:
        try_folder(folder)
    except OSError as error:
        raise InputError(
            f"{option} {path}: the folder {folder} cannot be written to ({error.strerror})."
        ) from None


def write_trajectory(path: Path, trajectory: Trajectory, series: Series) -> None:
    """The series of `simulate` at their times; `.npz` holds also the states at the integrator's own steps.

    Keys of the `.npz`: step_t (k,), state (k, m, 1 + d) with columns a, w1 … wd, the columns of the `.csv`, status and
    message (texts: "ok", or how the run broke off), and provenance, a JSON text; where neurons are represented by r
    others, state (k, r, 1 + d) and neuron_weights (r,). Where states were not kept, step_t and state are the start and
    the end. Columns of the `.csv`: t, loss, norm_a, norm_w, P, Q, and where the reduced system applies P_reduced,
    Q_reduced; all are numbers where the run is complete, and a partial one has the column status in every row, so that
    it cannot be taken for a complete one.
    """
    columns = {
        field.name: values for field in fields(series) if (values := getattr(series, field.name)) is not None
    }
    if path.suffix.lower() == ".npz":
        arrays: dict[str, Any] = {**columns, "step_t": trajectory.times, "state": trajectory.states}
        if trajectory.weights is not None:
            arrays["neuron_weights"] = trajectory.weights
        arrays |= {"status": np.array(trajectory.status), "message": np.array(trajectory.message)}
        arrays["provenance"] = np.array(json.dumps(dict(trajectory.provenance)))
        write_whole(path, lambda stream: np.savez_compressed(stream, **arrays))
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    cells = {name: values.tolist() for name, values in columns.items()}
    if trajectory.status != "ok":
        cells["status"] = [trajectory.status] * len(series.t)
    writer.writerow(cells)
    writer.writerows(zip(*cells.values(), strict=True))
    write_whole(path, lambda stream: stream.write(text.getvalue().encode()))
