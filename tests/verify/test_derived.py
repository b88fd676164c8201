"""Derived equations kept on disk: the same objects come back, and nothing else is ever read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

import theory
import verify.derived
from theory import equations, tanh_like
from theory.codegen.tree import decode, encode
from verify.derived import derived


@pytest.fixture
def keep_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify.derived, "WORTH_KEEPING", 0.0)


def parts(made: Any) -> Any:
    return [
        getattr(made, name, None) for name in ("drift", "images", "components", "variables", "neuron")
    ] + (list(made) if isinstance(made, tuple) else [])


@pytest.mark.parametrize("name", list(equations.EQUATIONS))
def test_every_equation_comes_back_as_it_was(name: str, tmp_path: Path, keep_all: None) -> None:
    taylor = tanh_like(3 if equations.find(name).any_order else 1)
    made = derived(name, 1, taylor, tmp_path)
    assert len(list((tmp_path / "derived").iterdir())) == 1
    again = derived(name, 1, taylor, tmp_path)
    assert again is not made
    assert type(again) is type(made)
    assert parts(again) == parts(made)
    text = [str(e) for e in parts(again) if isinstance(e, sp.Basic)]
    assert text == [str(e) for e in parts(made) if isinstance(e, sp.Basic)]


def test_a_second_call_derives_nothing(
    tmp_path: Path, keep_all: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = derived("eq16", 2, tanh_like(1), tmp_path)

    def never(*args: object) -> None:
        raise AssertionError("derived again")

    monkeypatch.setattr(equations, "derive", never)
    assert parts(derived("eq16", 2, tanh_like(1), tmp_path)) == parts(made)
    for other in (("eq16", 1, 1), ("eq15", 2, 1), ("truncated", 2, 3)):
        with pytest.raises(AssertionError, match="again"):
            derived(other[0], other[1], tanh_like(other[2]), tmp_path)


def test_quick_equations_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify.derived, "WORTH_KEEPING", 1e9)
    derived("eq16", 1, tanh_like(1), tmp_path)
    assert not (tmp_path / "derived").exists()


@pytest.mark.parametrize("damage", ["cut", "number", "list", "digest", "kind"])
def test_a_damaged_entry_is_derived_again(damage: str, tmp_path: Path, keep_all: None) -> None:
    made = derived("eq18.flow", 1, tanh_like(1), tmp_path)
    (path,) = (tmp_path / "derived").iterdir()
    entry = json.loads(path.read_text())
    if damage == "number":
        entry["content"]["nodes"][0] = ["q", 5, 1]
    if damage == "kind":
        entry["content"]["kind"] = "system"
        entry["sha256"] = verify.derived._digest(entry["content"])
    if damage == "digest":
        entry["sha256"] = "0"
    text = {"cut": json.dumps(entry)[:-9], "list": "[[[]]]"}.get(damage, json.dumps(entry))
    path.write_text(text)
    assert parts(derived("eq18.flow", 1, tanh_like(1), tmp_path)) == parts(made)


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, keep_all: None) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert derived("eq16", 1, tanh_like(1), blocked) is not None


@pytest.mark.parametrize(
    "node",
    [
        ["system", 0],
        ["q", 1.5, 1],
        ["q", 1, "2"],
        ["s", 5, {}],
        ["s", "x", {"real": "yes"}],
        ["+", 7],
        ["+", -1],
        ["sum", 0, "1"],
        ["c", ""],
        [],
    ],
)
def test_unknown_nodes_are_refused(node: list[Any]) -> None:
    with pytest.raises(theory.TheoryError, match="no expressions"):
        decode([["q", 1, 1], node], [1])


def test_an_object_without_a_form_is_refused() -> None:
    with pytest.raises(theory.TheoryError, match="no form"):
        encode([sp.Integral(sp.Symbol("x"))])


def test_old_entries_are_removed(tmp_path: Path, keep_all: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify.derived, "_MOST", 3)
    for dim in range(1, 6):
        derived("eq15", dim, tanh_like(1), tmp_path)
    assert len(list((tmp_path / "derived").iterdir())) == 3
