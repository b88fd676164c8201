"""`lemmata simulate`: what it prints, and what it writes."""

from __future__ import annotations

import csv
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import verify
from numerics.whole_file import write_whole
from verify.cli import main

SMALL = ["simulate", "--width", "40", "--samples", "20", "--until", "9"]


def document(capsys, *arguments: str):
    assert main([*arguments, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 1
    return json.loads(captured.out)


def test_the_document_has_the_published_keys(capsys):
    found = document(capsys, *SMALL, "--seed", "3")
    assert found["status"] == "ok"
    assert set(found["milestones"]) == {"T1", "T2", "T3"}
    assert found["milestones"]["T1"] == pytest.approx(0.25 * math.log(40))
    assert 1.0 < found["milestones"]["T2"] < 9.0
    assert set(found["final"]) >= {"t", "loss", "P", "Q"}
    assert found["final"]["t"] == 9.0
    assert found["enclosure"] is None
    assert found["error_estimate"] < 1e-7
    assert found["provenance"]["seed"] == 3
    assert found["provenance"]["alpha"] == 1.0
    assert found["provenance"]["width"] == 40


def test_the_deviation_from_the_reduced_system_falls_with_the_width(capsys):
    """It is of order 1/m: from m = 100 to 1600 it falls by much more than 4, and it never vanishes."""
    wide, narrow = (
        document(capsys, "simulate", "--width", width, "--seed", "1", "--until", "12")[
            "max_abs_P_minus_reduced"
        ]
        for width in ("1600", "100")
    )
    assert 0.0 < 4 * wide < narrow < 0.2


def test_wide_networks_go_through_representatives_and_say_so(capsys):
    few, full = (
        document(capsys, "simulate", "--width", "3000", "--until", "8", *options)
        for options in ([], ["--neurons", "all"])
    )
    assert few["provenance"]["neurons"]["simulated"] == "quadrature"
    assert full["provenance"]["neurons"]["simulated"] == "all"
    assert few["provenance"]["width"] == 3000
    assert few["milestones"]["T2"] == pytest.approx(full["milestones"]["T2"], abs=1e-8)
    assert abs(few["final"]["P"] - full["final"]["P"]) <= few["error_estimate"] + full["error_estimate"]


def test_states_that_would_not_fit_are_not_kept(capsys, monkeypatch):
    from verify.commands import experiment

    kept = document(capsys, *SMALL)
    monkeypatch.setattr(experiment, "_STATE_BYTES", 0)
    thin = document(capsys, *SMALL)
    assert thin["final"] == kept["final"]
    assert thin["milestones"] == pytest.approx(kept["milestones"], abs=1e-12)
    assert thin["error_estimate"] == pytest.approx(kept["error_estimate"], rel=1e-2)


def test_the_third_milestone_is_given_where_the_run_gets_there(capsys):
    found = document(capsys, "simulate", "--width", "40", "--samples", "20", "--until", "30")["milestones"]
    assert found["T3"] == pytest.approx(found["T2"] + 40 / math.log(40))
    assert document(capsys, *SMALL)["milestones"]["T3"] is None


def test_a_refusal_is_said_where_all_neurons_are_simulated_instead(capsys):
    late = ["simulate", "--width", "1700", "--until", "400", "--rtol", "1e-7"]
    assert main([*late, "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["provenance"]["neurons"]["simulated"] == "all"
    assert "refused" in captured.err
    assert main([*late, "--neurons", "quadrature"]) == 2


def test_a_network_close_to_linear_hardly_deviates(capsys, tmp_path):
    """4000 equal neurons with a = w: at P = 1 each w is 4000**-½ = 0.016, where tanh is linear to 1e-4."""
    weights = tmp_path / "weights.csv"
    weights.write_text("a,w1\n" + "\n".join("1/1000000,1/1000000" for _ in range(4000)), encoding="utf-8")
    found = document(capsys, "simulate", "--initial", str(weights), "--until", "16")
    assert found["final"]["P"] == pytest.approx(1.0, abs=1e-3)
    assert found["max_abs_P_minus_reduced"] < 1e-3
    assert found["milestones"]["T1"] is None
    # P₀ = 4e-9: P = 0.9 at ½ log(9 (1 − P₀)/P₀), up to corrections of order 1/m.
    assert found["milestones"]["T2"] == pytest.approx(0.5 * math.log(9 / 4e-9), abs=1e-2)


def test_data_from_a_file_are_taken_as_they_are(capsys, tmp_path):
    data = tmp_path / "data.csv"
    data.write_text("x1,y\n-2,-1\n2,1\n", encoding="utf-8")
    assert main(["simulate", "--width", "10", "--data", str(data), "--until", "1", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["max_abs_P_minus_reduced"] is None
    assert captured.err.count("\n") == 1
    assert "second moment" in captured.err


def test_text_for_people_goes_to_stdout(capsys):
    assert main(SMALL) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "T2" in captured.out


def test_the_files_hold_the_trajectory(capsys, tmp_path):
    table, arrays = tmp_path / "run.csv", tmp_path / "run.npz"
    first = document(capsys, *SMALL, "--out", str(table))
    again = document(capsys, *SMALL, "--out", str(arrays))
    assert first == again
    with table.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert float(rows[0]["t"]) == 0.0
    assert float(rows[-1]["P"]) == first["final"]["P"]
    largest = max(abs(float(row["P"]) - float(row["P_reduced"])) for row in rows)
    assert largest == first["max_abs_P_minus_reduced"]
    held = np.load(arrays, allow_pickle=False)
    assert held["state"].shape == (len(held["step_t"]), 40, 2)
    assert float(held["state"][-1][:, 0] @ held["state"][-1][:, 1]) == pytest.approx(
        first["final"]["P"], rel=1e-14
    )
    assert held["P"].tolist() == [float(row["P"]) for row in rows]
    assert json.loads(str(held["provenance"])) == first["provenance"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.csv", "run.npz"]


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_the_figure_is_drawn(capsys, tmp_path, suffix, start):
    path = tmp_path / f"figure{suffix}"
    assert main([*SMALL, "--plot", str(path)]) == 0
    assert path.read_bytes().startswith(start)


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "run.csv"
    path.write_text("kept", encoding="utf-8")

    def fail(stream):
        stream.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(path, fail)
    assert path.read_text(encoding="utf-8") == "kept"
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.csv"]


def test_a_learning_rate_beyond_the_final_time_makes_one_step(capsys):
    found = document(capsys, *SMALL, "--until", "0.1", "--descent", "--learning-rate", "0.3")
    assert found["final"]["t"] == pytest.approx(0.3)


def interrupt(monkeypatch, call: int) -> None:
    """Ctrl-C in this evaluation of the drift."""
    from numerics.network import Network

    original, calls = Network.drift, [0]

    def interrupted(self, state):
        calls[0] += 1
        if calls[0] == call:
            raise KeyboardInterrupt
        return original(self, state)

    monkeypatch.setattr(Network, "drift", interrupted)


def test_an_interrupted_run_keeps_what_it_has_and_marks_it(capsys, tmp_path, monkeypatch):
    interrupt(monkeypatch, 300)
    out, figure = tmp_path / "run.csv", tmp_path / "run.svg"
    assert main([*SMALL, "--json", "--out", str(out), "--plot", str(figure)]) == 130
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert found["status"] == "interrupted"
    assert 0 < found["final"]["t"] < 9
    assert "Interrupted" in captured.err
    assert f"{out} and {figure} hold the run up to t = {found['final']['t']:.6g}" in captured.err
    assert captured.err.endswith("are marked as partial.\n")
    with out.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["status"] for row in rows} == {"interrupted"}
    assert float(rows[-1]["t"]) == found["final"]["t"]


def test_arrays_say_how_the_run_ended(capsys, tmp_path, monkeypatch):
    whole, partial = tmp_path / "whole.npz", tmp_path / "partial.npz"
    assert main([*SMALL, "--out", str(whole)]) == 0
    assert str(np.load(whole, allow_pickle=False)["status"]) == "ok"
    interrupt(monkeypatch, 300)
    assert main([*SMALL, "--out", str(partial)]) == 130
    assert f"{partial} holds the run up to t = " in capsys.readouterr().err
    held = np.load(partial, allow_pickle=False)
    assert str(held["status"]) == "interrupted"
    assert str(held["message"]).startswith("Interrupted at t = ")
    assert held["step_t"][-1] == held["t"][-1] < 9


def test_a_diverged_run_is_marked_as_partial(capsys, tmp_path):
    out = tmp_path / "run.csv"
    options = ["--width", "30", "--descent", "--learning-rate", "50", "--steps", "500", "--out", str(out)]
    assert main(["simulate", *options]) == 3
    said = capsys.readouterr().err
    assert f"{out} holds the run up to t = " in said
    assert said.endswith("is marked as partial.\n")
    with out.open(encoding="utf-8") as stream:
        assert {row["status"] for row in csv.DictReader(stream)} == {"diverged"}


def test_an_interruption_of_the_second_run_leaves_the_first_whole(capsys, tmp_path, monkeypatch):
    from numerics.network import Network

    calls = [0]
    original = Network.drift

    def counted(self, state):
        calls[0] += 1
        return original(self, state)

    monkeypatch.setattr(Network, "drift", counted)
    first = document(capsys, *SMALL)
    monkeypatch.undo()
    interrupt(monkeypatch, calls[0] - 5)  # near the end of both
    out = tmp_path / "run.csv"
    assert main([*SMALL, "--json", "--out", str(out)]) == 130
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert (found["status"], found["error_estimate"]) == ("ok", None)
    assert found["final"] == first["final"]
    assert "the first is complete" in captured.err
    assert "status" not in out.read_text(encoding="utf-8").splitlines()[0]


def test_importing_the_command_is_light():
    code = (
        "import sys, verify.commands.simulate\n"
        "print([n for n in ('numpy', 'scipy', 'sympy', 'matplotlib') if n in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(verify.__file__).parents[1])}
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert answer.stdout.strip() == "[]"


def test_gradient_descent_is_compared_with_the_flow(capsys):
    """Its P differs from that of the flow by an amount of order of the learning rate."""
    coarse, fine = (
        document(capsys, *SMALL, "--descent", "--learning-rate", rate) for rate in ("0.02", "0.01")
    )
    assert coarse["provenance"]["steps"] == 450
    assert fine["final"]["t"] == pytest.approx(9.0)
    ratio = coarse["max_abs_P_minus_flow"] / fine["max_abs_P_minus_flow"]
    assert ratio == pytest.approx(2.0, abs=0.2)
    assert document(capsys, *SMALL)["max_abs_P_minus_flow"] is None


def test_stochastic_gradient_descent_is_reproducible(capsys):
    options = ["simulate", "--width", "30", "--samples", "20", "--descent", "--steps", "80", "--batch", "4"]
    first, again = document(capsys, *options), document(capsys, *options)
    assert first["final"] == again["final"]
    assert first["final"]["t"] == pytest.approx(4.0)
    assert document(capsys, *options, "--seed", "1")["final"] != first["final"]


def test_a_learning_rate_that_diverges_is_said(capsys):
    options = ["--width", "30", "--descent", "--learning-rate", "50", "--steps", "500", "--json"]
    assert main(["simulate", *options]) == 3
    captured = capsys.readouterr()
    assert json.loads(captured.out)["status"] == "diverged"
    assert "too large" in captured.err


def test_separate_scales_of_the_initial_weights(capsys):
    width, outer, inner = 200, 1e-3, 1e-2
    found = document(
        capsys, "simulate", "--width", str(width), "--scale-a", str(outer), "--scale-w", str(inner)
    )
    about = found["provenance"]
    assert (about["scale_a"], about["scale_w"], about["alpha"]) == (outer, inner, None)
    assert found["milestones"]["T1"] is None
    # The growing part starts at A = m(ε_a² + ε_w²)/4 on average, and P ≈ A e^{2t}/(1 + A e^{2t}); draws scatter by
    # 1/√(2m) = 0.05.
    predicted = 0.5 * math.log(9 * 4 / (width * (outer**2 + inner**2)))
    assert found["milestones"]["T2"] == pytest.approx(predicted, abs=0.25)
