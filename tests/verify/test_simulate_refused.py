"""`lemmata simulate`: what it refuses, each in one sentence."""

from __future__ import annotations

import os
import tempfile

import pytest

from verify.cli import main

SMALL = ["simulate", "--width", "40", "--samples", "20"]


def test_initial_weights_of_another_dimension_are_refused(capsys, tmp_path):
    weights = tmp_path / "weights.csv"
    weights.write_text("a,w1,w2\n1,2,3\n", encoding="utf-8")
    assert main(["simulate", "--initial", str(weights)]) == 2
    assert "dimension 2" in capsys.readouterr().err
    weights.write_text("a,w1\n0,0\n", encoding="utf-8")
    assert main(["simulate", "--initial", str(weights)]) == 2
    assert "zero" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--width", "0"], "width"),
        (["--width", "-5"], "width"),
        (["--alpha", "0.5"], "1/2"),
        (["--alpha", "-1"], "1/2"),
        (["--alpha", "nan"], "number"),
        (["--alpha", "inf"], "number"),
        (["--alpha", "1000"], "small"),
        (["--dim", "0"], "dimension"),
        (["--samples", "1"], "samples"),
        (["--samples", "-1"], "samples"),
        (["--dim", "2", "--samples", "5"], "even"),
        (["--until", "0"], "time"),
        (["--until", "nan"], "time"),
        (["--rtol", "0"], "tolerance"),
        (["--target", "cos(x)"], "Assumption 2"),
        (["--target", "log(x)"], "not finite"),
        (["--target", "__import__('os')"], "not allowed"),
        (["--target", "x2"], "unknown"),
        (["--activation", "u**2"], "Assumption 3"),
        (["--activation", "__import__('os')"], "not allowed"),
        (["--activation", "relu"], "tanh"),
        (["--initial", "absent.csv"], "Cannot read"),
        (["--data", "absent.csv"], "Cannot read"),
        (["--data", "absent.csv", "--dim", "2"], "contradict"),
        (["--initial", "absent.csv", "--alpha", "2"], "contradict"),
        (["--out", "absent/run.csv"], "does not exist"),
        (["--neurons", "some"], "quadrature"),
        (["--neurons", "quadrature", "--descent"], "--descent"),
        (["--neurons", "quadrature", "--width", "20"], "pay"),
        (["--out", "run.txt"], ".npz or .csv"),
        (["--plot", "run.pdf"], ".png or .svg"),
        (["--seed", "99999999999999999999999"], "seed"),
        (["--width", "99999999999999999999999"], "at most 100000000 neurons"),
        (["--samples", "99999999999"], "at most 10000000"),
        (["--until", "inf"], "positive and finite"),
        (["--scale-w", "1e200"], "largest initial weight"),
        (["--descent", "--steps", "99999999999"], "at most 100000000"),
        (["--out", "/proc/run.csv"], "the folder /proc cannot be written to"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(capsys, tmp_path, monkeypatch, arguments, word):
    monkeypatch.chdir(tmp_path)
    assert main(["simulate", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("lemmata: ")
    assert captured.err.count("\n") == 1
    assert word in captured.err
    assert list(tmp_path.iterdir()) == []


def test_initial_weights_too_large_to_square_are_refused_without_a_warning(capsys, tmp_path):
    (tmp_path / "start.csv").write_text("a,w1\n1e90,1e90\n")
    assert main(["simulate", "--initial", str(tmp_path / "start.csv")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "start.csv: The largest initial weight is 1e+90" in said


def test_alpha_that_is_no_number(capsys):
    assert main(["simulate", "--alpha", "one"]) == 2
    assert "--alpha" in capsys.readouterr().err


def test_an_output_that_turns_out_unwritable_is_one_sentence(capsys, tmp_path, monkeypatch):
    def full(*_args, **_keywords):
        raise OSError(28, "No space left on device", ".run.csv.x7z")

    monkeypatch.setattr(tempfile, "mkstemp", full)
    assert main([*SMALL, "--until", "9", "--out", str(tmp_path / "run.csv")]) == 2
    captured = capsys.readouterr()
    assert captured.err == f"lemmata: {tmp_path / 'run.csv'}: No space left on device.\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--learning-rate", "0.1"], "--descent"),
        (["--batch", "3"], "--descent"),
        (["--descent", "--steps", "5", "--until", "1"], "contradict"),
        (["--descent", "--learning-rate", "0"], "learning rate"),
        (["--descent", "--learning-rate", "1e-12"], "steps"),
        (["--descent", "--batch", "9999"], "batch size"),
    ],
)
def test_options_of_descent_that_make_no_sense(options, words, capsys):
    assert main([*SMALL, *options]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1


def test_scales_that_make_no_sense(capsys, tmp_path):
    assert main(["simulate", "--scale-a", "-1"]) == 2
    assert "positive" in capsys.readouterr().err
    weights = tmp_path / "weights.csv"
    weights.write_text("a,w1\n1,2\n", encoding="utf-8")
    assert main(["simulate", "--initial", str(weights), "--scale-w", "1"]) == 2
    assert "--scale-w" in capsys.readouterr().err


def test_a_pipe_is_refused_and_not_waited_for(capsys, tmp_path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for option in ("--data", "--initial"):
        assert main(["simulate", option, str(pipe)]) == 2
        assert "not a file but a pipe" in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--digits", "20"], ["--rigorous"]])
def test_standard_input_is_refused(capsys, more):
    for option in ("--data", "--initial"):
        assert main(["simulate", option, "-", *more]) == 2
        captured = capsys.readouterr()
        assert captured.err == (
            "lemmata: Standard input is not read (-): a table is read more than once; name a file.\n"
        )


def test_more_neurons_than_the_memory_holds_are_refused(capsys, monkeypatch):
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert main(["simulate", "--width", "100000", "--neurons", "all"]) == 2
    assert "GB of memory" in capsys.readouterr().err
