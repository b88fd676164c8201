"""Data: second moment I, z along the first axis, exact symmetry, and refusals."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from numerics import Dataset, InputError, equidistant, generated, halton
from numerics.dataset import from_arrays, from_csv

TARGETS = {1: "sin(x)", 2: "sin(x1)+0.3*sin(2*x2)", 3: "x1 - 2*x2 + x3**3", 5: "tanh(x1+x5)+x2*x3*x4-x2"}


@pytest.mark.parametrize("dim", [1, 2, 3, 5])
@pytest.mark.parametrize("samples", [30, 200])
def test_generated_data_have_unit_second_moment_and_z_along_the_first_axis(dim, samples):
    data = generated(samples, dim, TARGETS[dim])
    assert data.samples == samples
    assert data.dim == dim
    moment = sum(np.outer(row, row) for row in data.x) / samples
    assert np.abs(moment - np.eye(dim)).max() < 1e-14
    assert np.abs(data.second_moment - moment).max() < 1e-14
    z = sum(y * row for y, row in zip(data.y, data.x, strict=True)) / samples
    assert np.abs(z - np.eye(dim)[0]).max() < 1e-14
    assert np.abs(data.z - z).max() < 1e-14
    assert np.all(data.weights == 1 / samples)
    assert data.is_symmetric


def test_equidistant_points_are_equidistant_with_exact_moments():
    data = equidistant(60, "x+0.3*x**3")
    steps = [2 * j - 59 for j in range(60)]
    square = Fraction(sum(s * s for s in steps), 60)
    assert np.allclose(data.x[:, 0], np.array(steps) / math.sqrt(square), rtol=1e-15)
    fourth = float(Fraction(sum(s**4 for s in steps), 60) / square**2)
    sixth = float(Fraction(sum(s**6 for s in steps), 60) / square**3)
    assert data.M(4) == pytest.approx(fourth, rel=1e-14)
    assert data.M(6) == pytest.approx(sixth, rel=1e-14)
    # y = (x + 0.3 x³)/(1 + 0.3 M4), taken at the rescaled points.
    assert data.F(1) == pytest.approx(1.0, rel=1e-14)
    assert data.F(3) == pytest.approx((fourth + 0.3 * sixth) / (1 + 0.3 * fourth), rel=1e-13)
    assert data.M(3) == 0.0
    assert data.F(2) == 0.0


def test_a_falling_target_is_turned_over():
    rising, falling = equidistant(20, "sin(x)"), equidistant(20, "-sin(x)")
    assert np.array_equal(rising.y, falling.y)
    assert falling.description["target_scale"] == -rising.description["target_scale"]


def test_halton_points_are_whitened_halton_points():
    """The first points of bases 2 and 3 by hand; whitening is linear, so ratios of determinants survive."""
    data = halton(3, 2, "x1")
    raw = 2 * np.array([[1 / 2, 1 / 3], [1 / 4, 2 / 3], [3 / 4, 1 / 9]]) - 1

    def areas(p):
        return np.array([p[i, 0] * p[j, 1] - p[i, 1] * p[j, 0] for i, j in ((0, 1), (0, 2), (1, 2))])

    ratio = areas(data.x[:3]) / areas(raw)
    assert np.allclose(ratio, ratio[0], rtol=1e-12)
    assert ratio[0] > 0  # a rotation, not a reflection
    assert np.array_equal(data.x[3:], -data.x[2::-1])


def test_the_target_is_taken_before_the_rotation():
    data = halton(100, 2, "sin(x1)+0.3*sin(2*x2)")
    rotation = np.array(data.description["rotation"])
    assert np.linalg.det(rotation) == pytest.approx(1.0, rel=1e-14)
    whitened = data.x @ rotation
    target = np.sin(whitened[:, 0]) + 0.3 * np.sin(2 * whitened[:, 1])
    assert np.allclose(data.y, target * data.description["target_scale"], rtol=0, atol=1e-14)


@pytest.mark.parametrize("target", ["-x1", "x2", "-x2", "-x1+x3", "x1"])
def test_rotation_handles_every_direction(target):
    data = halton(40, 3, target)
    assert np.abs(data.z - [1, 0, 0]).max() < 1e-14
    assert np.linalg.det(np.array(data.description["rotation"])) == pytest.approx(1.0, rel=1e-13)


def test_a_target_that_is_not_odd_keeps_its_even_part():
    data = equidistant(20, "x+x**2")
    assert not data.is_symmetric
    assert data.F(2) == pytest.approx(data.M(4), rel=1e-13)
    assert data.F(1) == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize("target", ["x**2", "cos(x)", "1", "0", "0*x", "x - x", "abs(x)", "x**3*x"])
def test_a_target_without_linear_part_is_refused(target):
    with pytest.raises(InputError, match="Assumption 2"):
        equidistant(20, target)


def test_a_target_orthogonal_to_every_coordinate_is_refused():
    with pytest.raises(InputError, match="Assumption 2"):
        halton(50, 2, "x1*x2")


@pytest.mark.parametrize("target", ["1/(x-x)", "log(x)", "sqrt(x)", "exp(exp(exp(exp(x+9))))", "x*1e200"])
def test_a_target_that_is_not_finite_is_refused(target):
    with pytest.raises(InputError, match="not finite at the data point"):
        equidistant(20, target)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: equidistant(1, "x"), "at least 2"),
        (lambda: generated(0, 1, "x"), "at least 2"),
        (lambda: generated(-4, 2, "x1"), "at least 2"),
        (lambda: generated(7, 2, "x1"), "even"),
        (lambda: generated(4, 3, "x1"), "too few"),
        (lambda: halton(5, 0, "x1"), "dimension"),
        (lambda: equidistant(10, "x2"), "x2"),
        (lambda: halton(10, 2, "x3"), "x3"),
        (lambda: equidistant(10, "__import__('os')"), "not allowed"),
        (lambda: equidistant(10, ""), "empty"),
        (lambda: generated(10, 2, "x1").M(2), "one input coordinate"),
        (lambda: generated(10, 2, "x1").F(2), "one input coordinate"),
    ],
)
def test_bad_arguments_are_refused(call, word):
    with pytest.raises(InputError, match=word):
        call()


def test_arrays_are_copied_and_cannot_be_written_to():
    x, y = np.array([[-1.0], [2.0]]), np.array([-1.0, 1.0])
    data = from_arrays(x, y)
    x[0, 0] = 77.0
    assert data.x[0, 0] == -1.0
    with pytest.raises(ValueError, match="read-only"):
        data.x[0, 0] = 3.0


@pytest.mark.parametrize(
    ("x", "y", "weights", "word"),
    [
        ([[1.0]], [1.0], [1.0], "at least 2"),
        ([[1.0], [2.0]], [1.0], [0.5, 0.5], "shapes"),
        ([1.0, 2.0], [1.0, 2.0], [0.5, 0.5], "shapes"),
        ([[1.0], [math.nan]], [1.0, 2.0], [0.5, 0.5], "in x"),
        ([[1.0], [2.0]], [1.0, math.inf], [0.5, 0.5], "in y"),
        ([[1.0], [2.0]], [1.0, 1e101], [0.5, 0.5], "in y"),
        ([[1.0], [2.0]], [1.0, 2.0], [0.5, math.nan], "in weights"),
        ([[1.0], [2.0]], [1.0, 2.0], [0.5, 0.6], "sum to 1"),
        ([[1.0], [2.0]], [1.0, 2.0], [1.5, -0.5], "negative"),
    ],
)
def test_arrays_that_are_no_data_are_refused(x, y, weights, word):
    with pytest.raises(InputError, match=word):
        Dataset(np.array(x), np.array(y), np.array(weights))


def test_symmetry_is_exact_and_of_pairs():
    x = np.array([[1.0, 2.0], [-1.0, -2.0], [0.0, 3.0], [0.0, -3.0]])
    y = np.array([1.0, -1.0, 2.0, -2.0])
    assert from_arrays(x, y).is_symmetric
    assert not from_arrays(x, y + 1e-15).is_symmetric
    assert not from_arrays(x[:3], y[:3]).is_symmetric
    # The same labels on the wrong partners.
    assert not from_arrays(x, np.array([1.0, -2.0, 2.0, -1.0])).is_symmetric


def test_data_from_a_file_are_not_rescaled(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("y,x2,x1\n1,2,3\n-1/4,5,6e-1\n", encoding="utf-8")
    data = from_csv(file)
    assert data.x.tolist() == [[3.0, 2.0], [0.6, 5.0]]
    assert data.y.tolist() == [1.0, -0.25]
    file.write_text("x,y\n1,2\n-3,5\n", encoding="utf-8")
    assert from_csv(file).x.tolist() == [[1.0], [-3.0]]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("x1,y\n1,2\n", "at least 2"),
        ("x1,x1,y\n1,2,3\n1,2,4\n", "twice"),
        ("x1,x3,y\n1,2,3\n1,2,4\n", "must be"),
        ("x1,y\n1,2\n2,nan\n", "finite"),
        ("x1;y\n1;2\n", "separated by ';'; separate them by commas"),
        ("x1\ty\n1\t2\n", "separate them by commas"),
        ("x1,y\n1\n", "line 2: 1 cell, but"),
        ("x1,y\n1,1\n-1,1\n", "Assumption 2"),
        ("x1,y\n1,0\n-1,0\n", "Assumption 2"),
    ],
)
def test_files_that_are_no_data_are_refused(tmp_path, text, word):
    file = tmp_path / "data.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=word):
        from_csv(file)


def test_a_file_in_another_encoding_is_told_so(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("x1,y\n1,2\n", encoding="utf-16")
    with pytest.raises(InputError, match="not a text in UTF-8; save it"):
        from_csv(file)
