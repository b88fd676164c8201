"""Names of coordinates, and what they refuse."""

from __future__ import annotations

import pytest
import sympy as sp

from theory import Neuron, Sample, TheoryError, dot, width


def test_coordinates_carry_slot_space_and_label() -> None:
    k, s = Neuron("k", 12), Sample("x", 2)
    assert [c.slot for c in k.coordinates] == ["a", *(f"w{i}" for i in range(1, 13))]
    assert {c.space for c in k.coordinates} == {"neuron"}
    assert {c.space for c in s.coordinates} == {"sample"}
    assert k.w[11].label == "k"
    assert k.w[11].height == 0
    assert all(c.is_real for c in (*k.coordinates, *s.coordinates))


def test_points_are_equal_by_label_and_dimension() -> None:
    assert Neuron("k", 1) == Neuron("k", 1)
    assert len({Neuron("k", 1), Neuron("k", 2), Neuron("j", 1), Sample("k", 1)}) == 4
    assert Neuron("k", 1).a != Neuron("j", 1).a


def test_width_is_a_positive_whole_number() -> None:
    assert width.is_integer
    assert width.is_positive


@pytest.mark.parametrize("dim", [0, -1, 1.0, True, sp.Symbol("d"), "2"])
def test_dimension_is_a_positive_number(dim: object) -> None:
    with pytest.raises(TheoryError, match="positive integer"):
        Neuron("k", dim)  # type: ignore[arg-type]


@pytest.mark.parametrize("label", ["", "k~1", "k@j", "1k", "k j"])
def test_labels_are_identifiers(label: str) -> None:
    with pytest.raises(TheoryError, match="identifier"):
        Neuron(label, 1)


def test_dot_needs_equal_lengths() -> None:
    k = Neuron("k", 2)
    assert dot(k.w, k.w) == k.w[0] ** 2 + k.w[1] ** 2
    with pytest.raises(TheoryError, match="lengths 2 and 1"):
        dot(k.w, k.w[:1])
