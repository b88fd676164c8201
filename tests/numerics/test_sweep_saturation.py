"""Sweeps of the saturation: plans of this kind, what a run records, the table, and the mean over draws."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from numerics import InputError
from numerics.fully_connected import FullyConnected
from numerics.random_task import random_task
from numerics.saturation import bend_of, critical_point, saturation_ratios
from numerics.sweep import export, read_plan, sweep
from numerics.sweep.grid import plan_of
from numerics.sweep.kinds import KINDS, kind_of
from numerics.sweep.run import execute
from numerics.sweep.settled import PARAMETERS, RESULTS, values_of_c

SMALL = {"samples": 12, "inputs": 3, "outputs": 2, "spacing": 0.2, "window": 5, "product": 30.0}


def test_a_plan_of_this_kind_has_its_own_keys():
    plan = plan_of({"kind": "saturation", "depth": [2, 3], "width": 8, "seed": "0..1"})
    assert (plan.kind, len(plan.runs)) == ("saturation", 4)
    assert list(plan.runs[0]) == ["kind", *PARAMETERS]
    assert kind_of(plan.runs[0]) is KINDS["saturation"]
    uv = plan_of({"kind": "saturation", "network": "uv", "width": [4, 8], "largest": [2.5, 3.0]}).runs
    assert len(uv) == 4
    assert "depth" not in uv[0]
    assert values_of_c(uv[0]) == pytest.approx(np.arange(10, 26) / 10)
    for parameter in PARAMETERS.values():
        if parameter.default is not None:
            assert parameter.read(parameter.default) == parameter.default


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("horizon = 10", ["line 2, horizon", "no key"]),
        ("batch = 65", ["line 2, batch", "64 samples"]),
        ("window = 6", ["line 2, window", "odd"]),
        ("window = 3", ["line 2, window", "from 4"]),
        ("largest = 201", ["line 2, largest", "less than one step"]),
        ("spacing = 0.5", ["line 2, spacing", "5 values of c", "at least 14"]),
        ("spacing = 1e-4", ["line 2, spacing", "at most 2000"]),
        ("smallest = 0", ["line 2, smallest", "positive"]),
        ("largest = 0.5", ["0 values of c"]),
        ('activation = "u**2"', ["line 2, activation", "relu nor linear"]),
        ('network = "uv"\ndepth = 2', ["line 3, depth", 'network = "fully-connected"']),
    ],
)
def test_a_file_that_is_no_plan_is_refused_with_its_place(text, words, tmp_path):
    path = tmp_path / "grid.toml"
    path.write_text(f'kind = "saturation"\n{text}', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_plan(path)
    for word in words:
        assert word in str(caught.value)


def test_a_run_is_the_ratios_it_says():
    run = plan_of({"kind": "saturation", "depth": 3, "width": 5, "seed": 4, "batch": 6, **SMALL}).runs[0]
    found = execute(run)
    x, y = random_task(4, samples=12, inputs=3, outputs=2)
    network = FullyConnected(x, y, (5, 5))
    c = 1 + 0.2 * np.arange(11)
    ratios = saturation_ratios(network, network.initial(4), c, product=30.0, batch=6, seed=4)
    assert found.status == "ok"
    assert tuple(found.results) == RESULTS
    assert np.array_equal(found.arrays["ratio"], ratios, equal_nan=True)
    assert found.results["first_ratio"] == ratios[0]
    assert found.results["loss"] == network.loss(network.initial(4))
    assert execute({**run, "arrays": "none"}).arrays == {}


def test_runs_of_the_uv_model_bend_at_two_and_so_does_their_mean(tmp_path):
    """With w → ∞ the ratio is 1 up to c = 2, and has a kink there."""
    plan = plan_of({"kind": "saturation", "network": "uv", "width": 256, "seed": "0..9", "window": 5})
    with ThreadPoolExecutor(2) as threads:
        first = sweep(plan, tmp_path / "runs", executor=threads, jobs=2)
        again = sweep(plan, tmp_path / "runs", executor=threads)
    assert (first.status, first.made) == ("ok", 10), first.message
    assert (again.before, again.made) == (10, 0)
    assert export(plan, tmp_path / "runs", tmp_path / "runs.csv") == 10
    with (tmp_path / "runs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == KINDS["saturation"].columns
    assert all(abs(float(row["c_crit"]) - 2) < 0.25 for row in rows)
    assert all(abs(float(row["first_ratio"]) - 1) < 0.1 and float(row["last_c"]) == 3.0 for row in rows)
    held = [np.load(tmp_path / "runs" / "arrays" / f"{row['key']}.npz") for row in rows]
    mean = critical_point(held[0]["c"], np.array([one["ratio"] for one in held]), window=5)
    assert mean.value == pytest.approx(2.0)
    import pyarrow.parquet

    export(plan, tmp_path / "runs", tmp_path / "runs.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "runs.parquet")
    assert str(table.schema.field("window").type) == "int64"
    assert table.column("c_crit").to_pylist() == [float(row["c_crit"]) for row in rows]


def test_where_a_run_diverges_the_rest_of_c_is_left_out():
    wild = {"kind": "saturation", "network": "uv", "width": 64, "largest": 6.0, "spacing": 0.25, "window": 5}
    found = execute(plan_of(wild).runs[0])
    assert found.status == "ok"
    # c_max = 4R of this draw, with R close to 1.
    assert 3.75 <= found.results["last_c"] <= 4.5
    place = int(np.flatnonzero(found.arrays["c"] == found.results["last_c"])[0])
    assert np.isnan(found.arrays["ratio"][place + 1])
    assert np.isnan(found.arrays["bend"][place + 1 :]).all()
    early = execute(plan_of({**wild, "smallest": 4.75, "largest": 8.0}).runs[0])
    assert {early.results[name] for name in ("c_crit", "bend", "first_ratio", "last_c")} == {None}


def test_the_bend_of_a_cubic_is_its_second_derivative():
    c = np.arange(20) * 0.1
    rows = np.array([2 * c**3 - c**2, 4 - c**2])
    found = bend_of(rows, 0.1, 7)
    inner = slice(3, -3)
    assert np.allclose(found[:, inner], [(2 - 12 * c)[inner], np.full(14, 2.0)], atol=1e-9)
    assert np.isnan(found[:, :3]).all()
    assert np.isnan(found[:, -3:]).all()
    for window in (4, 3, 21):
        with pytest.raises(InputError, match="window"):
            bend_of(rows, 0.1, window)


def test_what_cannot_be_trained_is_a_status():
    runs = plan_of({"kind": "saturation", "width": 1, "seed": "0..30", "depth": 4, **SMALL, "inputs": 1}).runs
    refused = [one for one in map(execute, runs) if one.status == "refused"]
    assert refused
    assert all("positive" in one.message and one.results["c_crit"] is None for one in refused)
