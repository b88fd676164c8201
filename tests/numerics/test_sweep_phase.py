"""Sweeps of the phase diagram: plans of this kind, runs, resuming after a kill, and the table."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import numerics
from numerics import InputError
from numerics.fully_connected import FullyConnected
from numerics.phase_diagram import scan
from numerics.random_task import random_task
from numerics.sweep import export, read_plan, sweep
from numerics.sweep.grid import plan_of
from numerics.sweep.kinds import KINDS, USUAL, kind_of
from numerics.sweep.parameters import key_of
from numerics.sweep.phase import PARAMETERS, RESULTS
from numerics.sweep.run import execute
from numerics.sweep.store import Store

SMALL = {"samples": 12, "inputs": 3, "outputs": 2, "horizon": 10, "spacing": 0.25}


def test_a_plan_of_this_kind_names_it_and_the_usual_one_does_not():
    plan = plan_of({"kind": "phase-diagram", "depth": [2, 3], "width": 8, "seed": "0..1"})
    assert (plan.kind, len(plan.runs)) == ("phase-diagram", 4)
    assert list(plan.runs[0]) == ["kind", *PARAMETERS]
    assert kind_of(plan.runs[0]) is KINDS["phase-diagram"]
    usual, named = plan_of({"width": 8}), plan_of({"kind": "training", "width": 8})
    assert usual == named
    assert (usual.kind, kind_of(usual.runs[0])) == (USUAL, KINDS[USUAL])
    assert "kind" not in usual.runs[0]
    uv = plan_of({"kind": "phase-diagram", "network": "uv", "width": [4, 8]}).runs[0]
    assert "depth" not in uv
    both = plan_of({"kind": "phase-diagram", "network": ["uv", "fully-connected"], "depth": [2, 3]})
    assert len(both.runs) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('kind = "phase"', ["line 1, kind", "training, phase-diagram"]),
        ('kind = ["training", "phase-diagram"]', ["kind", "one kind"]),
        ("kind = 3", ["kind", "one kind"]),
        ('kind = "phase-diagram"\ndept = 2', ["line 2, dept", "did you mean depth?"]),
        (
            'kind = "phase-diagram"\nalpha = 1',
            ["line 2, alpha", 'the keys of kind = "phase-diagram" are network'],
        ),
        (
            'kind = "phase-diagram"\nnetwork = "uv"\ndepth = 2',
            ["line 3, depth", 'network = "fully-connected"'],
        ),
        ('kind = "phase-diagram"\nbatch = 65', ["line 2, batch", "64 samples"]),
        ('kind = "phase-diagram"\nactivation = "u**2"', ["line 2, activation", "relu nor linear"]),
        ('kind = "phase-diagram"\nwidth = 100000\ndepth = 5', ["line 2, width", "3e+10 weights"]),
        ('kind = "phase-diagram"\nspacing = 0', ["line 2, spacing", "between 0 and 1"]),
        ('kind = "phase-diagram"\nhorizon = 9', ["line 2, horizon", "from 10"]),
        ('kind = "phase-diagram"\ntargets = "noise"', ["line 2, targets", "one-hot, values"]),
        ('kind = "phase-diagram"\ndepth = 1', ["line 2, depth", "from 2"]),
        ("depth = 3", ["line 1, depth", "no key"]),
    ],
)
def test_a_file_that_is_no_plan_is_refused_with_its_place(text, words, tmp_path):
    path = tmp_path / "grid.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_plan(path)
    for word in words:
        assert word in str(caught.value)


def test_every_default_is_one_that_may_be_said():
    for parameter in PARAMETERS.values():
        if parameter.default is not None:
            assert parameter.read(parameter.default) == parameter.default


def test_a_run_is_the_scan_it_says():
    run = plan_of({"kind": "phase-diagram", "depth": 3, "width": 5, "seed": 4, "batch": 6, **SMALL}).runs[0]
    found = execute(run)
    x, y = random_task(4, samples=12, inputs=3, outputs=2)
    network = FullyConnected(x, y, (5, 5))
    expected = scan(network, network.initial(4), batch=6, seed=4, spacing=0.25, horizon=10)
    assert found.status == "ok"
    assert tuple(found.results) == RESULTS
    for name in ("c_loss", "c_sharp", "c_barrier", "c_max"):
        assert found.results[name] == getattr(expected, name)
    assert found.results["s10"] == expected.final_sharpness[0]
    assert found.results["sharpness"] == expected.initial_sharpness
    assert np.array_equal(found.arrays["c"], expected.c)
    assert np.array_equal(found.arrays["diverged"], expected.diverged)
    assert execute({**run, "arrays": "none"}).arrays == {}


def test_runs_of_the_uv_model_diverge_where_its_closed_form_says():
    """c_max = 4R with R = (1 + sqrt(1 + 12ρ))/2 and ρ ≤ 1/4: between 4 and 6."""
    plan = plan_of({"kind": "phase-diagram", "network": "uv", "width": 8, "seed": "0..3", "spacing": 0.05})
    for run in plan.runs:
        found = execute(run).results
        assert 4 / 2**0.05 <= found["c_max"] <= 6


def test_what_a_scan_refuses_is_a_status():
    # A relu network of width 1 may be switched off from the start, and then has no sharpness.
    runs = plan_of(
        {"kind": "phase-diagram", "width": 1, "seed": "0..40", "depth": 4, **SMALL, "inputs": 1}
    ).runs
    found = [execute(run) for run in runs]
    refused = [one for one in found if one.status == "refused"]
    assert refused
    assert all("positive" in one.message and one.results["c_max"] is None for one in refused)


def test_a_sweep_is_recorded_exported_and_not_done_twice(tmp_path):
    plan = plan_of({"kind": "phase-diagram", "width": [3, 5], "seed": "0..2", **SMALL})
    with ThreadPoolExecutor(2) as threads:
        first = sweep(plan, tmp_path / "runs", executor=threads, jobs=2)
        again = sweep(plan, tmp_path / "runs", executor=threads)
    assert (first.status, first.made) == ("ok", 6), first.message
    assert (again.before, again.made) == (6, 0)
    assert export(plan, tmp_path / "runs", tmp_path / "runs.csv") == 6
    with (tmp_path / "runs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == KINDS["phase-diagram"].columns
    assert [(row["kind"], int(row["width"]), int(row["seed"])) for row in rows] == [
        ("phase-diagram", w, s) for w in (3, 5) for s in range(3)
    ]
    one = execute(plan.runs[3]).results
    assert [rows[3][name] for name in RESULTS] == ["" if one[n] is None else repr(one[n]) for n in RESULTS]
    import pyarrow.parquet

    export(plan, tmp_path / "runs", tmp_path / "runs.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "runs.parquet").to_pylist()
    assert [row["c_loss"] for row in table] == [float(r["c_loss"]) if r["c_loss"] else None for r in rows]
    with Store(tmp_path / "runs") as store:
        from numerics.source import simulation_fingerprint

        held = store.arrays(key_of(plan.runs[0], simulation_fingerprint()))
    assert set(held) == {"c", "loss", "sharpness", "final_sharpness", "barrier", "diverged"}


SCRIPT = """
import sys
from concurrent.futures import ThreadPoolExecutor
from numerics.sweep import read_plan, sweep
with ThreadPoolExecutor(1) as threads:
    sweep(read_plan(sys.argv[1]), sys.argv[2], executor=threads)
"""


def test_a_killed_sweep_goes_on_where_it_was(tmp_path):
    path = tmp_path / "grid.toml"
    path.write_text(
        'kind = "phase-diagram"\nwidth = 6\nseed = "0..19"\nsamples = 12\ninputs = 3\noutputs = 2\n',
        encoding="utf-8",
    )
    root = str(Path(numerics.__file__).parents[1])
    command = [sys.executable, "-c", SCRIPT, str(path), str(tmp_path / "runs")]
    plan = read_plan(path)
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"}) as process:
        while process.poll() is None:
            time.sleep(0.05)
            arrays = tmp_path / "runs" / "arrays"
            if arrays.is_dir() and len(list(arrays.glob("*.npz"))) >= 2:
                process.send_signal(signal.SIGKILL)
                break
        process.wait()
    assert process.returncode == -signal.SIGKILL
    with ThreadPoolExecutor(1) as threads:
        rest = sweep(plan, tmp_path / "runs", executor=threads)
    assert rest.status == "ok"
    assert 1 <= rest.before < 20
    assert rest.before + rest.made == 20
