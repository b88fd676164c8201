"""The loop of a sweep: any executor, lost workers, runs that fail, and what the summary says of it."""

from __future__ import annotations

import csv
import errno
import os
import signal
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import psutil
import pytest

from numerics import InputError, Network, descent_time, generated, initial_weights, order_parameters
from numerics.activation import activation
from numerics.descent import descend
from numerics.simulate import simulate
from numerics.source import simulation_fingerprint
from numerics.sweep import drive as drive_module
from numerics.sweep import export, sweep
from numerics.sweep import store as store_module
from numerics.sweep.drive import _Drive
from numerics.sweep.forecast import Forecast, work
from numerics.sweep.grid import plan_of
from numerics.sweep.parameters import key_of
from numerics.sweep.run import OtherCode, execute
from numerics.sweep.store import Store

SMALL = {"width": [8, 12], "seed": "0..3", "samples": 12, "until": 6.0}


def table(plan, folder, path):
    """The exported rows, without the time they took."""
    export(plan, folder, path)
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: value for name, value in row.items() if name != "seconds"} for row in csv.DictReader(file)
        ]


def test_a_run_is_the_simulation_it_says():
    run = plan_of({"width": 30, "seed": 4, "samples": 20, "until": 7.0, "arrays": "states"}).runs[0]
    found = execute(run)
    network = Network(activation("tanh"), generated(20, 1, "sin(x)"))
    trajectory = simulate(network, initial_weights(4, 30, 1, 1 / 30), 7.0, rtol=1e-8)
    assert found.status == "ok"
    assert found.results["T2"] == descent_time(trajectory)
    assert found.results["P"] == order_parameters(trajectory.states[-1])[0]
    assert np.array_equal(found.arrays["state"], trajectory.states)
    assert np.array_equal(found.arrays["t"], trajectory.times)
    assert np.array_equal(found.arrays["loss"], trajectory.series(network.loss))
    plain = execute({**run, "arrays": "series"})
    assert plain.results["T2"] == pytest.approx(found.results["T2"], abs=1e-9)
    assert plain.results["loss"] == pytest.approx(found.results["loss"], rel=1e-7)
    assert set(plain.arrays) == {"t", "loss", "P", "Q", "norm_a", "norm_w"}
    assert execute({**run, "arrays": "none"}).arrays == {}


def test_a_descent_is_the_one_it_says():
    given = {"method": "descent", "width": 20, "seed": 1, "samples": 12, "batch": 5, "until": 3.0}
    found = execute(plan_of({**given, "learning_rate": 0.1}).runs[0])
    network = Network(activation("tanh"), generated(12, 1, "sin(x)"))
    expected = descend(network, initial_weights(1, 20, 1, 1 / 20), 0.1, 30, batch=5, seed=1)
    assert found.results["P"] == order_parameters(expected.states[-1])[0]
    assert found.results["evaluations"] == 30


def test_a_wide_run_uses_representatives_and_says_what_they_cost():
    found = execute(plan_of({"width": 20000, "samples": 20, "until": 8.0}).runs[0])
    assert found.results["representatives"] < 100
    assert 0 <= found.results["estimate"] <= 1e-8


def test_what_a_simulation_refuses_is_a_status():
    given = {"width": 20, "neurons": "quadrature", "tolerance": 1e-15, "until": 25.0}
    found = execute(plan_of(given).runs[0])
    assert found.status == "refused"
    assert found.message
    assert set(found.results.values()) == {None}
    diverged = {"method": "descent", "learning_rate": 50.0, "steps": 1000, "width": 20}
    assert execute(plan_of(diverged).runs[0]).status == "diverged"


def test_other_code_is_noticed():
    with pytest.raises(OtherCode):
        execute(plan_of({"width": 5, "until": 1.0}).runs[0], "of yesterday")


def test_any_executor_serves_and_nothing_is_done_twice(tmp_path):
    plan = plan_of(SMALL)
    seen = []
    with ThreadPoolExecutor(2) as threads:
        first = sweep(plan, tmp_path / "s", executor=threads, jobs=2, progress=seen.append)
        again = sweep(plan, tmp_path / "s", executor=threads, jobs=2)
        more = sweep(plan_of({**SMALL, "seed": "0..4"}), tmp_path / "s", executor=threads, jobs=2)
    assert (first.status, first.before, first.made, first.total) == ("ok", 0, 8, 8)
    assert (again.before, again.made) == (8, 0)
    assert (more.before, more.made) == (8, 2)
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    assert seen[-1].done == 8
    assert seen[-1].left is not None
    rows = table(plan, tmp_path / "s", tmp_path / "s.csv")
    assert [(row["width"], row["seed"]) for row in rows] == [
        (str(width), str(seed)) for width in (8, 12) for seed in range(4)
    ]
    one = execute(plan.runs[5])
    assert rows[5]["P"] == repr(one.results["P"])
    assert rows[5]["learning_rate"] == ""


def test_a_run_that_fails_is_told_and_the_others_are_done(tmp_path, monkeypatch):
    plan = plan_of(SMALL)
    from numerics.sweep import workers

    def failing(parameters, code):
        if parameters["seed"] == 2:
            raise MemoryError("no room")
        return execute(parameters, code)

    monkeypatch.setattr(workers, "execute", failing)
    with ThreadPoolExecutor(1) as threads:
        found = sweep(plan, tmp_path, executor=threads)
    assert found.status == "incomplete"
    assert found.made == 6
    assert [(run["width"], run["seed"]) for run, _ in found.failures] == [(8, 2), (12, 2)]
    assert "no room" in found.message
    monkeypatch.undo()
    with ThreadPoolExecutor(1) as threads:
        assert sweep(plan, tmp_path, executor=threads).made == 2


def test_an_executor_that_breaks_or_closes_stops_the_sweep(tmp_path):
    class Breaking(ThreadPoolExecutor):
        def submit(self, function, *arguments):
            if self.left == 0:
                raise BrokenProcessPool("gone")
            self.left -= 1
            return super().submit(function, *arguments)

    plan = plan_of(SMALL)
    with Breaking(1) as threads:
        threads.left = 5
        found = sweep(plan, tmp_path, executor=threads)
    assert found.status == "stopped"
    assert "gone" in found.message
    assert "goes on from there" in found.message
    assert found.made < 8
    closed = ThreadPoolExecutor(1)
    closed.shutdown()
    assert "could be started" in sweep(plan, tmp_path, executor=closed).message
    with ThreadPoolExecutor(1) as threads:
        assert sweep(plan, tmp_path, executor=threads).status == "ok"


def test_a_full_disk_stops_the_sweep_and_the_next_goes_on(tmp_path, monkeypatch):
    plan, written = plan_of(SMALL), []
    true_write = store_module._write_arrays

    def until_full(path, arrays):
        if len(written) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        true_write(path, arrays)
        written.append(path)

    monkeypatch.setattr(store_module, "_write_arrays", until_full)
    with ThreadPoolExecutor(1) as threads:
        found = sweep(plan, tmp_path, executor=threads)
    assert (found.status, found.made) == ("stopped", 3)
    assert "No space left" in found.message
    assert "3 of 8 runs are recorded" in found.message
    monkeypatch.undo()
    with ThreadPoolExecutor(1) as threads:
        found = sweep(plan, tmp_path, executor=threads)
    assert (found.status, found.before, found.made) == ("ok", 3, 5)


class Fragile:
    """A crew whose worker dies at some runs, and takes down with it what else is under way."""

    def __init__(self, deadly, times):
        self.hands, self.window = 2, 3
        self.deadly, self.times, self.restarts, self.closed = deadly, times, 0, None
        self.under_way = []

    def submit(self, parameters, code):
        future: Future = Future()
        self.under_way.append((future, parameters))
        if len(self.under_way) == self.window or parameters["seed"] == 3:
            if any(run["seed"] in self.deadly for _, run in self.under_way) and self.times > 0:
                self.times -= 1
                for one, _ in self.under_way:
                    one.set_exception(BrokenProcessPool("killed"))
            else:
                for one, run in self.under_way:
                    one.set_result(execute(run, code))
            self.under_way = []
        return future

    def lost(self):
        for one, run in self.under_way:
            deadly = run["seed"] in self.deadly and self.times > 0
            self.times -= deadly
            if deadly:
                one.set_exception(BrokenProcessPool("killed"))
            else:
                one.set_result(execute(run, None))
        self.under_way = []

    def restart(self, reason):
        self.restarts += 1

    def close(self, *, kill):
        self.closed = kill


@pytest.mark.parametrize(("times", "failures"), [(1, 0), (100, 2)])
def test_a_lost_worker_costs_at_most_the_run_that_kills_it(times, failures, tmp_path):
    """One kill from outside costs nothing; a run that kills its worker whenever it runs is given up."""
    plan = plan_of(SMALL)
    code = simulation_fingerprint()
    keys = [key_of(run, code) for run in plan.runs]
    notes = []
    with Store(tmp_path) as store:
        crew = Fragile({1}, times)
        drive = _Drive(
            store, code, deque(zip(keys, plan.runs, strict=True)), 8, lambda one: notes.append(one.note)
        )
        drive.run(crew)
        found = drive.summary(keys, 0)
    assert found.made == 8 - failures
    assert [run["seed"] for run, _ in found.failures] == [1] * failures
    assert all("killed" in reason for _, reason in found.failures)
    assert crew.restarts >= 1
    assert any("done again" in note for note in notes)


def test_workers_of_our_own_survive_a_kill_and_leave_nobody_behind(tmp_path, monkeypatch):
    """Two processes; one is killed in the middle. The rows are those of a sweep in this process."""
    monkeypatch.setattr(drive_module, "_TICK", 0.05)
    plan = plan_of({**SMALL, "until": 12.0, "seed": "0..9"})
    killed = []

    def kill_one(progress):
        if progress.done >= 3 and not killed:
            workers = [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    found = sweep(plan, tmp_path / "ours", jobs=2, progress=kill_one)
    assert killed
    assert found.status == "ok", found.message
    assert not [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]
    with ThreadPoolExecutor(1) as threads:
        sweep(plan, tmp_path / "theirs", executor=threads)
    ours = table(plan, tmp_path / "ours", tmp_path / "ours.csv")
    assert len(ours) == 20
    assert ours == table(plan, tmp_path / "theirs", tmp_path / "theirs.csv")


def test_an_interruption_keeps_what_is_done(tmp_path):
    def interrupt(progress):
        if progress.done >= 2:
            raise KeyboardInterrupt

    plan = plan_of(SMALL)
    with ThreadPoolExecutor(1) as threads:
        found = sweep(plan, tmp_path, executor=threads, progress=interrupt)
    assert found.status == "interrupted"
    assert 2 <= found.made < 8
    assert f"{found.made} of 8 runs are recorded" in found.message


def test_a_forecast_learns_what_runs_cost():
    """Costs of 0.5 s and 1e-5 s for each neuron, sample and unit of time, exactly."""
    plan = plan_of({"width": [10, 100, 1000], "seed": "0..2", "until": 10.0})

    def cost(run):
        return 0.5 + 1e-5 * run["width"] * run["samples"] * run["until"]

    forecast = Forecast(np.sum([work(run) for run in plan.runs], axis=0))
    assert forecast.left(1) is None
    for run in plan.runs[:5]:
        forecast.finished(run, cost(run))
    rest = sum(cost(run) for run in plan.runs[5:])
    assert forecast.left(1) == pytest.approx(rest)
    assert forecast.left(2) == pytest.approx(rest / 2)
    assert forecast.left(1, [(plan.runs[5], 0.1)]) == pytest.approx(rest - 0.1)
    late = 10 * cost(plan.runs[6])
    assert forecast.left(1, [(plan.runs[6], late)]) > rest
    for run in plan.runs[5:]:
        forecast.finished(run, cost(run))
    assert forecast.left(1) == pytest.approx(0.0, abs=1e-9)
    descent = plan_of({"method": "descent", "steps": 10, "batch": 2, "width": 5}).runs[0]
    assert work(descent).tolist() == [1.0, 0.0, 100.0]


def test_arguments_that_make_no_sense(tmp_path):
    with pytest.raises(InputError, match="jobs"):
        sweep(plan_of(SMALL), tmp_path, jobs=0)
    with pytest.raises(InputError, match="end in"):
        export(plan_of(SMALL), tmp_path, tmp_path / "x.xls")
    with pytest.raises(InputError, match="does not exist"):
        export(plan_of(SMALL), tmp_path, tmp_path / "no" / "x.csv")


def test_parquet_holds_the_rows_of_the_csv(tmp_path):
    import pyarrow.parquet

    plan = plan_of({**SMALL, "method": ["flow", "descent"], "steps": 20, "seed": 0})
    with ThreadPoolExecutor(1) as threads:
        sweep(plan, tmp_path / "s", executor=threads)
    rows = table(plan, tmp_path / "s", tmp_path / "s.csv")
    assert export(plan, tmp_path / "s", tmp_path / "s.parquet") == 4
    held = pyarrow.parquet.read_table(tmp_path / "s.parquet").to_pylist()
    for ours, theirs in zip(held, rows, strict=True):
        for name, text in theirs.items():
            assert ("" if ours[name] is None else str(ours[name])) == text


def test_parquet_without_pyarrow_is_one_sentence(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InputError, match=r"pip install 'lemmata\[parquet\]'"):
        export(plan_of(SMALL), tmp_path, tmp_path / "x.parquet")


def test_dask_without_distributed_is_one_sentence(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'lemmata\[dask\]'"):
        sweep(plan_of(SMALL), tmp_path, dask="tcp://127.0.0.1:1")


def test_threads_of_this_process_are_ours_alone():
    """The sweeps above leave no thread behind."""
    for _ in range(50):
        left = [one for one in threading.enumerate() if "Executor" in one.name or "Queue" in one.name]
        if not left:
            return
        time.sleep(0.1)
    raise AssertionError(left)
