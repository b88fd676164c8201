"""The recorded runs of a plan as one table, in CSV or Parquet: a row a run, in the order of the plan."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from numerics.errors import InputError
from numerics.source import simulation_fingerprint
from numerics.sweep.grid import Plan
from numerics.sweep.kinds import KINDS
from numerics.sweep.parameters import key_of
from numerics.sweep.store import Store
from numerics.whole_file import try_folder, write_whole


def check_export(path: str | Path) -> None:
    """InputError, before any work is done, where ``export`` to this file would fail."""
    file = Path(path)
    if file.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"{file}: the name of an export must end in .csv or .parquet.")
    if not file.parent.is_dir():
        raise InputError(f"{file}: the folder {file.parent} does not exist; make it first.")
    if file.is_dir():
        raise InputError(f"{file}: this is a folder; give the name of a file.")
    try:
        try_folder(file.parent)
    except OSError as error:
        raise InputError(
            f"{file}: the folder {file.parent} cannot be written ({error.strerror or error}); choose another."
        ) from None
    if file.suffix.lower() == ".parquet":
        _parquet()


def export(plan: Plan, folder: str | Path, path: str | Path, *, code: str | None = None) -> int:
    """Write the runs of the plan that are recorded in ``folder``, and return how many they are.

    Columns: the parameters, status, results, message, key (of the arrays' file), and the seconds the run took;
    what a run does not have is empty. ``code`` as in ``sweep``. InputError as ``check_export``, and for a folder
    without a sweep.
    """
    file = Path(path)
    check_export(file)
    rows = _rows(plan, folder, simulation_fingerprint() if code is None else code)
    names = KINDS[plan.kind].columns
    columns = {name: [row[name] for row in rows] for name in names}
    if file.suffix.lower() == ".parquet":
        _written(file, lambda stream: _write_parquet(stream, columns))
        return len(rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([["" if row[name] is None else row[name] for name in names] for row in rows])
    _written(file, lambda stream: stream.write(text.getvalue().encode()))
    return len(rows)


def _rows(plan: Plan, folder: str | Path, code: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    with contextlib.closing(Store(folder, read_only=True)) as store:
        for run in plan.runs:
            key = key_of(run, code)
            found = store.row(key)
            if found is not None:
                row: dict[str, Any] = dict.fromkeys(KINDS[plan.kind].columns)
                row.update(run)
                row.update(found["results"])
                row.update(
                    status=found["status"], message=found["message"], key=key, seconds=found["seconds"]
                )
                rows.append(row)
    return rows


def _parquet() -> Any:
    try:
        import_module("pyarrow.parquet")
    except ImportError:
        raise InputError("Parquet needs the package pyarrow: pip install 'lemmata[parquet]'.") from None
    return import_module("pyarrow")


def _write_parquet(stream: IO[bytes], columns: dict[str, list[Any]]) -> None:
    pyarrow = _parquet()
    whole = (
        *("width", "seed", "dim", "samples", "steps", "batch", "evaluations", "representatives"),
        *("depth", "inputs", "outputs", "horizon", "window"),
    )
    words = (
        *("kind", "method", "activation", "target", "neurons", "arrays", "status", "message", "key"),
        *("network", "targets"),
    )
    kinds = {
        name: pyarrow.int64() if name in whole else pyarrow.string() if name in words else pyarrow.float64()
        for name in columns
    }
    table = pyarrow.table({name: pyarrow.array(values, kinds[name]) for name, values in columns.items()})
    pyarrow.parquet.write_table(table, stream)


def _written(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """The file is there whole or not at all. InputError where it cannot be written."""
    try:
        write_whole(path, write)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}.") from None
