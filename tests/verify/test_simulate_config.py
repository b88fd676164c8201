"""`lemmata simulate --config FILE.toml`: the options as keys, the command line above it, and what is refused."""

from __future__ import annotations

import json
import typing
from pathlib import Path

import pytest

from verify.cli import main
from verify.commands import simulate


def written(folder: Path, text: str, name: str = "run.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert main(["simulate", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_file_says_what_the_options_say(capsys, tmp_path):
    config = written(
        tmp_path,
        'width = 12\nsamples = 8\nalpha = 1\nuntil = 2\nseed = 3\nactivation = "u - u**3"\nrtol = 1e-8\n',
    )
    options = "--width 12 --samples 8 --alpha 1 --until 2 --seed 3 --activation u-u**3 --rtol 1e-8".split()
    from_file, from_options = printed(capsys, "--config", str(config)), printed(capsys, *options)
    assert from_file["final"] == from_options["final"]
    assert from_file["provenance"]["seed"] == 3


def test_the_command_line_wins(capsys, tmp_path):
    config = written(
        tmp_path, "width = 12\nsamples = 8\nuntil = 2\nseed = 3\nrigorous = true\ndescent = true\n"
    )
    found = printed(
        capsys, "--no-rigorous", "--seed", "4", "--config", str(config), "--no-descent", "--width", "9"
    )
    assert (found["provenance"]["seed"], found["provenance"]["width"]) == (4, 9)
    assert found["enclosure"] is None
    assert "learning_rate" not in found["provenance"]


def test_names_of_files_are_relative_to_the_file(capsys, tmp_path, monkeypatch):
    folder, elsewhere = tmp_path / "study", tmp_path / "elsewhere"
    for place in (folder, elsewhere):
        place.mkdir()
    written(folder, "a,w1\n1/10,1/5\n", "start.csv")
    written(folder, "x1,y\n-1,-1\n1,1\n", "data.csv")
    absolute = tmp_path / "figure.svg"
    written(
        folder, f'initial = "start.csv"\ndata = "data.csv"\nuntil = 1\nout = "run.csv"\nplot = "{absolute}"\n'
    )
    monkeypatch.chdir(elsewhere)
    assert printed(capsys, "--config", "../study/run.toml")["provenance"]["width"] == 1
    assert (folder / "run.csv").is_file()
    assert absolute.is_file()
    assert printed(capsys, "--config", "../study/run.toml", "--out", "here.csv")
    assert [path.name for path in elsewhere.iterdir()] == ["here.csv"]


def test_every_option_is_a_key_of_the_type_that_it_has(capsys, tmp_path):
    """A table fits no option, and is refused as a value of the right kind: so each key is known."""
    names = [name for name in typing.get_type_hints(simulate.run) if name not in ("config", "return")]
    assert len(names) > 20
    for name in names:
        config = written(tmp_path, f"[{name}]\n")
        assert main(["simulate", "--config", str(config)]) == 2
        assert f"line 1, {name}: {{}} must be " in capsys.readouterr().err
    assert main(["simulate", "--help"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in names if f"--{name.replace('_', '-')}" not in shown] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("widht = 3", ["line 1, widht", "did you mean width?"]),
        ("seed = 1\nnoise = 1", ["line 2, noise", "the keys are width, alpha"]),
        ('config = "other.toml"', ["line 1, config", "no option of simulate"]),
        ('width = "3"', ["line 1, width", "'3' must be a whole number"]),
        ("width = 1e3", ["width", "must be a whole number"]),
        ("width = true", ["True must be a whole number"]),
        ("width = [10, 20]", ["[10, 20] must be a whole number"]),
        ('alpha = "1"', ["alpha", "must be a number"]),
        ("alpha = false", ["alpha", "must be a number"]),
        ("descent = 1", ["descent", "must be true or false"]),
        ("target = 3", ["target", "must be a text"]),
        ("out = 3", ["out", "name of a file"]),
        ('data = ""', ["data", "name of a file"]),
        ("learning-rate = 0.1\nlearning_rate = 0.1", ["line 2", "learning_rate is given twice"]),
        ("width = 3 4", ["not TOML", "line 1"]),
        ("alpha = nan", ["must be a number above 1/2"]),
        ('data = "absent.csv"', ["Cannot read", "absent.csv"]),
        ("learning_rate = 0.1", ["--learning-rate is for gradient descent"]),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_one_sentence(text, words, capsys, tmp_path):
    config = written(tmp_path, text)
    assert main(["simulate", "--config", str(config)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("lemmata: ")
    assert captured.err.count("\n") == 1
    for word in words:
        assert word in captured.err


def test_a_file_that_cannot_be_read_is_refused(capsys, tmp_path):
    (tmp_path / "bytes.toml").write_bytes(b"width = '\xff'")
    for name, word in (("absent.toml", "No such file"), ("", "directory"), ("bytes.toml", "UTF-8")):
        assert main(["simulate", "--config", str(tmp_path / name)]) == 2
        said = capsys.readouterr().err
        assert word in said
        assert said.count("\n") == 1


def test_a_number_out_of_range_names_its_option(capsys, tmp_path):
    assert main(["simulate", "--config", str(written(tmp_path, "seed = -1"))]) == 2
    assert "--seed" in capsys.readouterr().err
