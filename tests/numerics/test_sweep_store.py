"""The folder of a sweep: runs are there whole or not at all, one writer at a time, and damage is said."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from numerics import InputError
from numerics.sweep.run import Outcome
from numerics.sweep.store import ARRAYS, DATABASE, LOCK, Store, StoreFull
from numerics.sweep.training import RESULTS


def outcome(value: float = 1.5, arrays: bool = True) -> Outcome:
    results = dict.fromkeys(RESULTS) | {"P": value}
    held = {"t": np.linspace(0, 1, 5), "state": np.full((2, 3, 2), value)} if arrays else {}
    return Outcome("ok", "Done.", results, held, 0.25, {"numpy": "1"})


def test_what_is_recorded_comes_back(tmp_path):
    with Store(tmp_path / "s") as store:
        store.record("a", "code", {"width": 3}, outcome(0.1))
        store.record("b", "code", {"width": 4}, outcome(arrays=False))
        assert store.done(["a", "b", "c"]) == {"a", "b"}
    with Store(tmp_path / "s", read_only=True) as again:
        row = again.row("a")
        assert row is not None
        assert (row["parameters"], row["results"]["P"], row["status"]) == ({"width": 3}, 0.1, "ok")
        assert np.array_equal(again.arrays("a")["state"], np.full((2, 3, 2), 0.1))
        assert again.arrays("b") == {}
        assert again.arrays("c") == {}
        assert again.row("c") is None
        assert again.statuses(["a", "b", "c"]) == {"ok": 2}
        again.close()


def test_a_run_is_there_once(tmp_path):
    with Store(tmp_path) as store:
        store.record("a", "code", {}, outcome(1.0))
        store.record("a", "code", {}, outcome(2.0))
        assert store.statuses(["a"]) == {"ok": 1}
        assert store.arrays("a")["state"][0, 0, 0] == 2.0


def test_more_keys_than_fit_into_one_question(tmp_path):
    keys = [f"key{i}" for i in range(1203)]
    with Store(tmp_path) as store:
        for key in keys[::400]:
            store.record(key, "code", {}, outcome(arrays=False))
        assert store.done(keys) == set(keys[::400])


def test_a_run_whose_arrays_are_gone_is_not_done(tmp_path):
    with Store(tmp_path) as store:
        store.record("a", "code", {}, outcome())
        (tmp_path / ARRAYS / "a.npz").unlink()
        assert store.done(["a"]) == set()


def test_two_writers_are_refused_and_readers_are_not(tmp_path):
    with Store(tmp_path) as store:
        store.record("a", "code", {}, outcome())
        with pytest.raises(InputError, match="Another sweep is at work"):
            Store(tmp_path)
        with Store(tmp_path, read_only=True) as reader:
            assert reader.done(["a"]) == {"a"}
    Store(tmp_path).close()


def test_what_was_left_half_written_is_removed(tmp_path):
    with Store(tmp_path) as store:
        store.record("a", "code", {}, outcome())
    (tmp_path / ARRAYS / ".b.npz.xyz.part").write_bytes(b"half")
    with Store(tmp_path):
        assert [path.name for path in (tmp_path / ARRAYS).iterdir()] == ["a.npz"]


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    """The arrays' file first, then the database, which SQLite itself holds at its present size."""
    with Store(tmp_path) as store:
        store.record("a", "code", {}, outcome())

        def full(descriptor):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(StoreFull, match="No space left"):
                store.record("b", "code", {}, outcome())
        assert [path.name for path in (tmp_path / ARRAYS).iterdir()] == ["a.npz"]
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreFull, match="full"):
            store.record("c", "code", {"much": "x" * 100_000}, outcome(arrays=False))
    with Store(tmp_path) as store:
        assert store.done(["a", "b", "c"]) == {"a"}
        store.record("b", "code", {}, outcome())


def test_a_database_that_is_not_ours_is_refused(tmp_path):
    (tmp_path / DATABASE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(InputError, match="cannot be used"):
        Store(tmp_path)
    (tmp_path / DATABASE).unlink()
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(InputError, match="another version"):
        Store(tmp_path)
    (tmp_path / DATABASE).unlink()
    Store(tmp_path).close()


def test_a_folder_that_cannot_be_one_is_refused(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "in it", Path("/proc/sweep"), Path("/dev/null")):
        words = f"The folder {re.escape(str(folder))} cannot be written .*; choose another"
        with pytest.raises(InputError, match=words):
            Store(folder)
    with pytest.raises(InputError, match="holds no sweep"):
        Store(tmp_path / "nothing", read_only=True)


@pytest.mark.parametrize("name", [DATABASE, LOCK])
def test_a_folder_or_rubbish_in_the_place_of_a_database_is_refused(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=f"{name} cannot be used .*; move it away, or choose another folder"):
        Store(tmp_path)
    (tmp_path / name).rmdir()
    (tmp_path / name).write_bytes(b"not a database at all" * 100)
    with pytest.raises(InputError, match=f"{name} cannot be used"):
        Store(tmp_path)
    (tmp_path / name).unlink()
    Store(tmp_path).close()


def test_a_folder_whose_arrays_cannot_be_written_is_refused_before_any_run(tmp_path):
    (tmp_path / ARRAYS).symlink_to("/proc")
    with pytest.raises(InputError, match="cannot be written"):
        Store(tmp_path)


def test_arrays_that_cannot_be_read_are_said(tmp_path):
    with Store(tmp_path) as store:
        store.record("a", "code", {}, outcome())
        (tmp_path / ARRAYS / "a.npz").write_bytes(b"rubbish")
        with pytest.raises(InputError, match="cannot be read"):
            store.arrays("a")
