"""What a sweep has found: a row of SQLite for each run, committed alone, and its arrays in a file beside it.

The arrays are in their place before the row is committed, and a row is committed before the run counts as done:
whatever ends the process, each run is there whole or not at all.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.sweep.run import Outcome
from numerics.whole_file import UNFINISHED, try_folder, write_whole

DATABASE: Final = "runs.sqlite"
ARRAYS: Final = "arrays"
LOCK: Final = "lock.sqlite"

_VERSION: Final = 1
_MANY: Final = 500  # keys in one question to the database

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS runs (
    key TEXT PRIMARY KEY, code TEXT NOT NULL, parameters TEXT NOT NULL, status TEXT NOT NULL, message TEXT NOT NULL,
    results TEXT NOT NULL, arrays TEXT, seconds REAL NOT NULL, finished TEXT NOT NULL, versions TEXT NOT NULL
) STRICT
"""


class StoreFull(RuntimeError):
    """A run could not be recorded; what was recorded before is safe."""


class Store:
    """The folder of a sweep. One process at a time writes to it: a second gets InputError.

    InputError also for a folder that cannot be used, and for a database that is not one of ours.
    """

    def __init__(self, folder: str | Path, *, read_only: bool = False) -> None:
        self.folder = Path(folder)
        self._lock: sqlite3.Connection | None = None
        try:
            if not read_only:
                (self.folder / ARRAYS).mkdir(parents=True, exist_ok=True)
                try_folder(self.folder)
                try_folder(self.folder / ARRAYS)
                self._lock = self._locked()
                self._tidy()
            elif not (self.folder / DATABASE).is_file():
                raise InputError(f"{self.folder} holds no sweep: there is no {DATABASE}.")
            self._connection = self._opened()
        except BaseException as error:
            self._unlock()
            if isinstance(error, OSError):
                raise InputError(
                    f"The folder {self.folder} cannot be written ({error.strerror or error}); choose another."
                ) from None
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self._connection.close()
        self._unlock()

    def done(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys whose run is recorded, arrays included."""
        return {key for key, _ in self._present(keys)}

    def statuses(self, keys: Sequence[str]) -> dict[str, int]:
        """How many of these runs are recorded, by their status."""
        return dict(Counter(status for _, status in self._present(keys)))

    def _present(self, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
        for start in range(0, len(keys), _MANY):
            some = keys[start : start + _MANY]
            marks = ",".join("?" * len(some))
            asked = f"SELECT key, status, arrays FROM runs WHERE key IN ({marks})"
            for key, status, arrays in self._ask(asked, some):
                # Without its arrays, which somebody removed, a run is done again.
                if arrays is None or (self.folder / ARRAYS / arrays).is_file():
                    yield key, status

    def row(self, key: str) -> dict[str, Any] | None:
        """A recorded run: parameters, status, message, results, arrays (a file's name or None), seconds."""
        asked = "SELECT parameters, status, message, results, arrays, seconds FROM runs WHERE key = ?"
        for parameters, status, message, results, arrays, seconds in self._ask(asked, (key,)):
            return {
                "parameters": json.loads(parameters),
                "status": status,
                "message": message,
                "results": json.loads(results),
                "arrays": arrays,
                "seconds": seconds,
            }
        return None

    def arrays(self, key: str) -> dict[str, FloatArray]:
        """The arrays of a recorded run, {} where it has none. InputError for a file that cannot be read."""
        row = self.row(key)
        if row is None or row["arrays"] is None:
            return {}
        path = self.folder / ARRAYS / row["arrays"]
        try:
            with np.load(path, allow_pickle=False) as held:
                return {name: held[name] for name in held.files}
        except (OSError, ValueError, EOFError) as error:
            raise InputError(f"{path}: these arrays cannot be read ({error}); delete the file.") from None

    def record(self, key: str, code: str, parameters: Mapping[str, Any], outcome: Outcome) -> None:
        """Keep a run. StoreFull where the disk does not take it."""
        name = f"{key}.npz" if outcome.arrays else None
        row = (
            key,
            code,
            json.dumps(dict(parameters), allow_nan=False),
            outcome.status,
            outcome.message,
            json.dumps(dict(outcome.results), allow_nan=False),
            name,
            outcome.seconds,
            datetime.now(UTC).isoformat(timespec="seconds"),
            json.dumps(dict(outcome.versions)),
        )
        try:
            if name is not None:
                _write_arrays(self.folder / ARRAYS / name, outcome.arrays)
            marks = ",".join("?" * len(row))
            # Autocommit: this one statement is a transaction, on disk when it returns.
            self._connection.execute(f"INSERT OR REPLACE INTO runs VALUES ({marks})", row)
        except OSError as error:
            raise StoreFull(f"{self.folder}: {error.strerror or error}") from error
        except sqlite3.Error as error:
            raise StoreFull(f"{self.folder / DATABASE}: {error}") from error

    def _ask(self, question: str, values: Sequence[Any]) -> Iterator[Any]:
        try:
            yield from self._connection.execute(question, tuple(values))
        except sqlite3.DatabaseError as error:
            raise self._damaged(DATABASE, error) from None

    def _opened(self) -> sqlite3.Connection:
        connection = self._connected(DATABASE, timeout=30.0)
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, _VERSION):
                raise InputError(
                    f"{self.folder / DATABASE} is of another version of lemmata; choose another folder."
                )
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
        except sqlite3.DatabaseError as error:
            connection.close()
            raise self._damaged(DATABASE, error) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self, name: str, timeout: float) -> sqlite3.Connection:
        try:
            return sqlite3.connect(self.folder / name, isolation_level=None, timeout=timeout)
        except sqlite3.Error as error:
            raise self._damaged(name, error) from None

    def _damaged(self, name: str, error: sqlite3.Error) -> InputError:
        return InputError(
            f"{self.folder / name} cannot be used ({error}); move it away, or choose another folder."
        )

    def _locked(self) -> sqlite3.Connection:
        """A lock that goes when the process goes, however that ends."""
        connection = self._connected(LOCK, timeout=0.0)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            connection.close()
            if "locked" not in str(error):
                raise self._damaged(LOCK, error) from None
            raise InputError(
                f"Another sweep is at work in {self.folder}; wait for it, or choose another folder."
            ) from None
        return connection

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _tidy(self) -> None:
        """Remove what a process that was killed left half-written."""
        for path in (self.folder / ARRAYS).glob(f".*{UNFINISHED}"):
            path.unlink(missing_ok=True)


def _write_arrays(path: Path, arrays: Mapping[str, FloatArray]) -> None:
    write_whole(path, lambda stream: np.savez_compressed(stream, **dict(arrays)))  # type: ignore[arg-type]
