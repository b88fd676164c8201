"""From a TOML file to runs and their keys, and what is said of a file that is not a plan."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from numerics import InputError, source
from numerics.sweep import read_plan
from numerics.sweep.grid import plan_of
from numerics.sweep.parameters import PARAMETERS, key_of


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "grid.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_is_an_axis_and_the_last_one_changes_fastest(tmp_path):
    plan = read_plan(written(tmp_path, 'width = [10, 20]\nseed = ["0..1", 7]\nalpha = 1\nuntil = 2\n'))
    assert plan.name == "grid"
    assert [(run["width"], run["seed"]) for run in plan.runs] == [
        (10, 0), (10, 1), (10, 7), (20, 0), (20, 1), (20, 7)
    ]  # fmt: skip
    assert plan.runs[0] == {
        "method": "flow",
        "width": 10,
        "alpha": 1.0,
        "seed": 0,
        "activation": "tanh",
        "dim": 1,
        "target": "sin(x)",
        "samples": 60,
        "until": 2.0,
        "rtol": 1e-8,
        "neurons": "auto",
        "tolerance": 1e-8,
        "arrays": "series",
    }


def test_parameters_of_the_other_method_are_left_out_and_equal_runs_are_one():
    plan = plan_of({"method": ["flow", "descent"], "learning_rate": [0.1, 0.2], "rtol": [1e-6, 1e-8]})
    assert [run.get("rtol", run.get("learning_rate")) for run in plan.runs] == [1e-6, 1e-8, 0.1, 0.2]
    assert len(plan_of({"seed": ["0..4", "3..6", 6]}).runs) == 7
    assert len(plan_of({"alpha": [1, 1.0]}).runs) == 1
    assert plan_of({"dim": 2}).runs[0]["target"] == "sin(x1)+0.3*sin(2*x2)"
    assert plan_of({"method": "descent", "steps": 10}).runs[0]["until"] is None


def test_a_key_depends_on_the_parameters_and_the_code_alone():
    one, same = plan_of({"alpha": 1, "width": 5}).runs[0], plan_of({"width": 5, "alpha": 1.0}).runs[0]
    assert key_of(one, "code") == key_of(dict(reversed(same.items())), "code")
    assert key_of(one, "code") != key_of(one, "other code")
    changed = {"alpha": 1.5, "seed": 1, "activation": "erf", "rtol": 1e-9, "arrays": "none", "until": 3.0}
    keys = {key_of(plan_of({"width": 5, name: value}).runs[0], "code") for name, value in changed.items()}
    assert len(keys | {key_of(one, "code")}) == 1 + len(changed)


def test_the_code_of_a_run_is_that_of_the_simulation_alone():
    roots = {"numerics": source.PROJECT}
    skip = ("numerics", "numerics.sweep", "numerics.source")
    found = set(source.reachable(["numerics.sweep.run"], roots, skip=skip))
    assert {
        "numerics.network",
        "numerics.integrate.float64",
        "numerics.descent",
        "numerics.sampling",
    } <= found
    assert not {"numerics.sweep.store", "numerics.sweep.drive", "numerics.scaling"} & found
    assert not [name for name in found if name.startswith(("theory", "verify"))]


def test_a_comment_changes_no_key_and_a_number_does(tmp_path, monkeypatch):
    shutil.copytree(source.PROJECT / "numerics", tmp_path / "numerics")
    monkeypatch.setattr(source, "PROJECT", tmp_path)
    before = source.simulation_fingerprint()
    for name in ("wasserstein.py", "sweep/store.py"):
        with (tmp_path / "numerics" / name).open("a", encoding="utf-8") as file:
            file.write("\nANYTHING = 1\n")
    network = tmp_path / "numerics" / "network.py"
    network.write_text("# a remark\n" + network.read_text(encoding="utf-8"), encoding="utf-8")
    assert source.simulation_fingerprint() == before
    with network.open("a", encoding="utf-8") as file:
        file.write("\nANYTHING = 1\n")
    assert source.simulation_fingerprint() != before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["sets no parameter", "method, width, alpha"]),
        ('# nothing\nkind = "training"', ["sets no parameter", "method, width, alpha"]),
        ('kind = "phase-diagram"', ["sets no parameter", "network, depth"]),
        ("width = [10,\nseed = 1\n", ["not TOML", "line 2"]),
        ("widht = 10", ["line 1, widht", "did you mean width?"]),
        ("seed = 1\nnoise = 1", ["line 2, noise", "the keys are method, width"]),
        ("[grid]\nwidth = 10", ["line 1, grid", "no key"]),
        ("[width]\na = 10", ["line 1, width", "table"]),
        ("width = []", ["line 1, width", "empty"]),
        ("seed = 3\nwidth = [10, 0]", ["line 2, width", "0 must be an integer from 1"]),
        ("width = true", ["width", "True must be an integer"]),
        ("width = 10.5", ["width", "10.5 must be an integer"]),
        ("alpha = 0.5", ["line 1, alpha", "above 1/2"]),
        ("alpha = nan", ["alpha", "above 1/2"]),
        ("alpha = 60\nwidth = 1000", ["line 1, alpha", "too small"]),
        ('seed = "5..1"', ["seed", "upwards"]),
        ('seed = "five"', ["seed", "0..199"]),
        ('width = "5..9"', ["width", "integer"]),
        ('activation = "u**2"', ["line 1, activation", "Assumption 3"]),
        ('target = "sin(x"', ["line 1, target", "not a formula"]),
        ('target = "x**2"', ["line 1, target", "Assumption 2"]),
        ('dim = 2\nsamples = 7', ["line 2, samples", "even"]),
        ('method = "newton"', ["method", "flow, descent"]),
        ("learning_rate = 0.1", ["learning_rate", 'method = "descent"']),
        ('method = "descent"\nsteps = 3\nuntil = 1.0', ["line 2, steps", "contradict"]),
        ('method = "descent"\nbatch = 61', ["line 2, batch", "60 samples"]),
        ("until = -1", ["until", "positive"]),
        ("rtol = 1", ["rtol", "3e-14"]),
        ('seed = "0..999"\nwidth = 5\nalpha = [' + ",".join(f"1.{i:03d}" for i in range(101)) + "]", ["at most"]),
    ],
)  # fmt: skip
def test_a_file_that_is_no_plan_is_refused_with_its_place(text, words, tmp_path):
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_plan(path)
    assert str(path) in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        read_plan(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"width = '\xff'")
    with pytest.raises(InputError, match="UTF-8"):
        read_plan(tmp_path / "bytes.toml")


def test_every_default_is_one_that_may_be_said():
    for parameter in PARAMETERS.values():
        if parameter.default is not None:
            assert parameter.read(parameter.default) == parameter.default
