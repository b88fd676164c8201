"""Every faster way to the drift against the plain sums, and the plain sums' own numbers against mpmath."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numerics
from numerics import InputError, Network, generated, initial_weights
from numerics.activation import Activation, activation
from numerics.dataset import from_arrays
from numerics.integrate import Event, integrate
from numerics.kernels import choice, load, several
from numerics.kernels.loading import Compiled
from numerics.kernels.series import MOST_TERMS, series_of

SIGMA = {
    "tanh": mpmath.tanh,
    "erf": lambda u: mpmath.erf(mpmath.sqrt(mpmath.pi) * u / 2),
    "arctan": mpmath.atan,
    "sin": mpmath.sin,
    "rational": lambda u: u / mpmath.sqrt(1 + u * u),
    "gd": lambda u: 2 * mpmath.atan(mpmath.tanh(u / 2)),
}


def agree(found, expected, within=2e-14):
    """Column by column, relative to the largest entry: cancellation between samples is not the kernel's fault."""
    assert found.shape == expected.shape
    for column in range(expected.shape[1]):
        size = np.abs(expected[:, column]).max()
        assert np.abs(found[:, column] - expected[:, column]).max() <= within * size


@pytest.mark.parametrize("name", sorted(SIGMA))
def test_the_power_series_is_the_function_to_rounding_as_far_as_it_reaches(name):
    """σ(u)/u and σ'(u) at the end of the reach of each number of terms, in 40 digits."""
    series = series_of(activation(name))
    assert list(series.reach) == sorted(series.reach)
    with mpmath.workdps(40):
        coefficients = [mpmath.mpf(float(c)) for c in series.coefficients]
        for terms in range(1, MOST_TERMS + 1):
            u = mpmath.mpf(float(series.reach[terms]))
            value = sum(coefficients[j] * u ** (2 * j) for j in range(terms))
            slope = sum((2 * j + 1) * coefficients[j] * u ** (2 * j) for j in range(terms))
            assert abs(value - SIGMA[name](u) / u) < 2.3e-16
            assert abs(slope - mpmath.diff(SIGMA[name], u)) < 2.3e-16
            assert series.terms(float(u)) <= terms
    assert series.terms(math.nan) is None
    assert series.terms(1.01 * series.reach[-1]) is None


def test_the_reach_is_used_to_its_end():
    """One step further, the next term alone is above the allowed tail."""
    series = series_of(activation("tanh"))
    assert series.reach[-1] > 0.5
    for terms in range(1, MOST_TERMS - 1):
        u = 1.05 * series.reach[terms]
        assert (2 * terms + 1) * abs(series.coefficients[terms]) * u ** (2 * terms) > 2.0**-54


def test_only_known_series_are_used():
    assert series_of(activation("tanh(u)+u**3")) is None
    assert series_of(activation("u+u**4")) is None
    assert series_of(Activation("tanh", np.sin, np.cos, odd=True)) is None
    cubic = series_of(activation("2*u - (2*u)**3/3"))
    assert cubic.coefficients.tolist() == [1.0, -1 / 3]
    assert cubic.terms(1e6) == 2


@pytest.mark.parametrize("name", [*sorted(SIGMA), "u - u**3/3 + 2*u**5/15"])
@settings(max_examples=40)
@given(
    exponent=st.floats(-8.0, math.log10(3.0)),
    width=st.integers(1, 60),
    samples=st.integers(2, 61),
    seed=st.integers(0, 10**6),
    weighted=st.booleans(),
)
def test_all_kernels_agree_with_the_plain_sums(name, exponent, width, samples, seed, weighted):
    """From weights of 1e-8 to 3, whatever the number of neurons and samples."""
    data = generated(samples, 1, "sin(x)")
    state = initial_weights(seed, width, 1, 10.0**exponent)
    mu = np.linspace(0.5, 2.0, width) if weighted else None
    plain = Network(activation(name), data, neuron_weights=mu, kernels="plain", use_symmetry=False)
    expected, loss = plain.drift(state), plain.loss(state)
    for kernels in ("auto", "moments", "recurrence", "fused"):
        try:
            network = Network(activation(name), data, neuron_weights=mu, kernels=kernels)
        except InputError:
            assert kernels != "auto"
            continue
        agree(network.drift(state), expected)
        assert network.loss(state) == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("name", [*sorted(SIGMA), "u - u**3/3 + 2*u**5/15"])
@settings(max_examples=8)
@given(
    exponent=st.floats(-8.0, -0.5),
    width=st.integers(1, 300),
    dim=st.integers(2, 3),
    seed=st.integers(0, 10**6),
    weighted=st.booleans(),
    symmetric=st.booleans(),
)
def test_moments_in_several_dimensions_agree_with_the_plain_sums(
    name, exponent, width, dim, seed, weighted, symmetric
):
    data = generated(400, dim, "sin(x1)+0.3*sin(2*x2)" + ("" if symmetric else "+x2**2"))
    state = initial_weights(seed, width, dim, 10.0**exponent)
    mu = np.linspace(0.5, 2.0, width) if weighted else None
    plain = Network(activation(name), data, neuron_weights=mu, kernels="plain", use_symmetry=False)
    # Also where it would not pay.
    with patch.object(several, "_COST", 1), patch.object(choice, "_SHORTEST_REACH", 0.0):
        network = Network(activation(name), data, neuron_weights=mu, kernels="moments")
        network.kernel_for(width)
    found, expected = network.drift(state), plain.drift(state)
    assert np.abs(found - expected)[:, 0].max() <= 2e-14 * np.abs(expected[:, 0]).max()
    assert np.abs(found - expected)[:, 1:].max() <= 2e-14 * np.abs(expected[:, 1:]).max()
    assert network.loss(state) == pytest.approx(plain.loss(state), rel=1e-12)
    state[0, 1] = math.nan
    assert not np.all(np.isfinite(network.drift(state)))


def test_small_weights_keep_relative_accuracy_in_every_kernel():
    """Weights of 1e-8: each number of the drift to 14 digits, against 40-digit arithmetic."""
    data = generated(8, 1, "sin(x)")
    state = initial_weights(6, 3, 1, 1e-8)
    with mpmath.workdps(40):
        rows = [[mpmath.mpf(float(v)) for v in row] for row in state]
        x = [mpmath.mpf(float(v)) for v in data.x[:, 0]]
        pull = [
            (mpmath.mpf(float(y)) - sum(a * mpmath.tanh(w * v) for a, w in rows)) / 8
            for v, y in zip(x, data.y, strict=True)
        ]
        exact = [
            [
                float(sum(p * mpmath.tanh(w * v) for p, v in zip(pull, x, strict=True))),
                float(a * sum(p * v * mpmath.sech(w * v) ** 2 for p, v in zip(pull, x, strict=True))),
            ]
            for a, w in rows
        ]
    for kernels in ("plain", "moments", "recurrence", "fused"):
        drift = Network(activation("tanh"), data, kernels=kernels).drift(state)
        assert np.allclose(drift, exact, rtol=1e-14, atol=0)


@pytest.mark.parametrize("kind", [0, 2])
@pytest.mark.parametrize("w", [1e-8, -1e-8, 1e-5, 1e-3, 0.03, -0.2, 0.77, -1.4, 3.0, -3.0])
def test_tanh_by_the_kernels_has_fifteen_digits(kind, w):
    """One neuron with a = 1 and labels 0 leaves −tanh(w x_i): relative error at most 1e-15, 200 samples."""
    module = load().module
    x = (np.arange(200) + 0.5)[:, None] * (math.sqrt(3) / 200)
    one, pull = np.ones(200), np.empty(200)
    state = np.array([[1.0, w]])
    module.fused(kind, state, np.ones(1), x, np.zeros(200), one, np.zeros((0, 1)), pull, np.empty_like(state))
    exact = np.array([float(mpmath.tanh(mpmath.mpf(w) * mpmath.mpf(float(v)))) for v in x[:, 0]])
    assert np.abs(-pull / exact - 1.0).max() <= 1e-15


@pytest.mark.parametrize("kernels", ["plain", "auto", "moments", "recurrence", "fused"])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_not_hidden(kernels, bad):
    network = Network(activation("tanh"), generated(20, 1, "sin(x)"), kernels=kernels)
    state = initial_weights(0, 9, 1, 0.1)
    state[4, 0] = bad
    with np.errstate(all="ignore"):
        assert not np.all(np.isfinite(network.drift(state)))
        state[4] = 0.1, math.nan
        assert not np.all(np.isfinite(network.drift(state)))


@pytest.mark.parametrize("size", [30.0, 1e3, 1e8, 1e100])
def test_huge_weights_do_not_overflow(size):
    data = generated(20, 1, "sin(x)")
    state = initial_weights(0, 300, 1, 0.1)
    state[7, 1], state[8, 1] = size, -size
    for name in ("tanh", "rational"):
        with np.errstate(over="ignore"):
            expected = Network(activation(name), data, kernels="plain").drift(state)
        for kernels in ("auto", "moments", "recurrence", "fused"):
            if (name, kernels) != ("rational", "recurrence"):
                with np.errstate(over="ignore"):
                    agree(Network(activation(name), data, kernels=kernels).drift(state), expected)


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("name", ["tanh", "rational"])
def test_compiled_sums_in_several_dimensions(name, dim, monkeypatch):
    data = generated(40, dim, "sin(x1)+0.3*sin(2*x2)")
    state = initial_weights(2, 700, dim, 0.5)
    expected = Network(activation(name), data, kernels="plain").drift(state)
    for stored in (0, 2**17):
        monkeypatch.setattr(choice, "_STORED_PAIRS", stored)
        agree(Network(activation(name), data, kernels="fused").drift(state), expected)


def test_neurons_beyond_the_series_are_summed_directly():
    data = generated(40, 1, "sin(x)")
    state = initial_weights(2, 500, 1, 0.05)
    state[[3, 77, 400], 1] = 2.0, -1.5, 0.9
    moments = Network(activation("sin"), data, kernels="moments")
    plain = Network(activation("sin"), data, kernels="plain")
    agree(moments.drift(state), plain.drift(state))
    assert moments.loss(state) == pytest.approx(plain.loss(state), rel=1e-13)
    assert state[3, 1] == 2.0


def test_a_weight_is_as_good_as_copies():
    """Three copies of a neuron move like one of weight 3."""
    data = generated(20, 2, "sin(x1)+x2")
    few = initial_weights(1, 5, 2, 0.4)
    counts = np.array([3, 1, 2, 1, 4])
    many = np.repeat(few, counts, axis=0)
    one = Network(activation("tanh"), data, neuron_weights=counts.astype(float))
    all_of_them = Network(activation("tanh"), data)
    assert np.allclose(np.repeat(one.drift(few), counts, axis=0), all_of_them.drift(many), rtol=1e-13)
    assert one.loss(few) == pytest.approx(all_of_them.loss(many), rel=1e-14)
    assert np.allclose(one.output(few, data.x), all_of_them.output(many, data.x), rtol=1e-14)


@pytest.mark.parametrize("weights", [[1.0, -1.0], [1.0, 0.0], [1.0, math.nan], [], [1.0, math.inf]])
def test_bad_neuron_weights_are_refused(weights):
    with pytest.raises(InputError, match="positive"):
        Network(activation("tanh"), generated(6, 1, "x"), neuron_weights=np.array(weights))


def test_weights_for_another_number_of_neurons_are_refused():
    network = Network(activation("tanh"), generated(6, 1, "x"), neuron_weights=np.ones(3))
    with pytest.raises(InputError, match="4 neurons"):
        network.drift(np.ones((4, 2)))


def test_kernels_that_do_not_fit_are_refused_and_named():
    for name, data, kernels in (
        ("tanh", generated(8, 3, "x1+x2"), "moments"),
        ("sin", generated(8, 1, "x"), "fused"),
        ("tanh", generated(8, 2, "x1+x2"), "recurrence"),
        ("exp(u)-exp(-u)", generated(8, 1, "x"), "moments"),
        ("tanh", from_arrays(np.array([0.0, 1.0, 1.5, 4.0]), np.arange(4.0)), "recurrence"),
    ):
        with pytest.raises(InputError, match=f"{kernels!r} does not fit"):
            Network(activation(name), data, kernels=kernels)
    with pytest.raises(InputError, match="no kernel 'quick'"):
        Network(activation("tanh"), generated(8, 1, "x"), kernels="quick")


def test_the_choice_says_its_reason():
    chosen = Network(activation("tanh"), generated(60, 1, "sin(x)")).kernel_for(20000)
    assert chosen.name == "moments, recurrence, plain"
    assert "power series" in chosen.reason
    assert Network(activation("tanh"), generated(60, 4, "x1+x2")).kernel_for(20000).name == "plain"


def test_without_numba_everything_works_as_before(monkeypatch):
    monkeypatch.setattr(choice, "load", lambda: Compiled(None, 0.0, "numba cannot be imported: absent"))
    data, state = generated(60, 1, "sin(x)"), initial_weights(0, 10**4, 1, 0.8)
    network = Network(activation("tanh"), data)
    assert "recurrence" in network.kernel_for(10**4).name
    assert np.array_equal(
        network.drift(state), Network(activation("tanh"), data, kernels="plain").drift(state)
    )
    with pytest.raises(InputError, match="absent"):
        Network(activation("tanh"), data, kernels="recurrence")


@pytest.mark.parametrize("name", ["tanh", "sin", "u - u**3/3"])
@pytest.mark.parametrize("weighted", [False, True])
def test_compiled_steps_are_those_of_scipy(name, weighted):
    """The same number of evaluations, the same steps and states to rounding, dense output and events included."""
    load()
    data, start = generated(40, 1, "sin(x)"), initial_weights(3, 500, 1, 1 / 500)
    mu = np.linspace(0.5, 1.5, 500) if weighted else None
    network = Network(activation(name), data, neuron_weights=mu, kernels="moments")
    event = Event(lambda state: float(state[:, 0] @ state[:, 1]) - 0.5)
    quick, slow = (
        integrate(network.drift, start, 9.0, events=[event], solver=solver)
        for solver in (network.solver(500), None)
    )
    assert network.solver(500) is not None
    assert quick.evaluations == slow.evaluations
    assert np.allclose(quick.t, slow.t, rtol=1e-6)
    for time in np.linspace(0, 9, 23):
        assert np.abs(quick(time) - slow(time)).max() <= 1e-9 * np.abs(slow(time)).max() + 1e-13
    assert quick.events[0] == pytest.approx(slow.events[0], abs=1e-9)


@pytest.mark.parametrize("width", [3, 40, 1500])
def test_steps_taken_together_are_those_taken_one_by_one(width):
    """An event makes the integrator look at each step; without one a small network takes many steps in one call."""
    load()
    data, start = generated(60, 1, "sin(x)"), initial_weights(5, width, 1, 1 / width)
    network = Network(activation("tanh"), data, kernels="moments")
    reported = []
    event = Event(lambda state: 1.0)
    together, single = (
        integrate(
            network.drift, start, 12.0, events=events, progress=reported.append, solver=network.solver(width)
        )
        for events in ([], [event])
    )
    assert np.array_equal(together.t, single.t)
    assert np.array_equal(together.y, single.y)
    assert together.evaluations == single.evaluations
    assert (together.status, together.message) == ("ok", single.message)
    one_by_one = len(single.t) - 1
    assert reported[-one_by_one:] == list(single.t[1:])
    assert reported[:-one_by_one] == sorted(reported[:-one_by_one])
    assert reported[-one_by_one - 1] == 12.0
    for time in np.linspace(0, 12, 50):
        assert np.allclose(together(time), single(time), rtol=1e-14, atol=0)


def test_steps_taken_together_can_be_interrupted():
    load()
    data, start = generated(60, 1, "sin(x)"), initial_weights(5, 40, 1, 1 / 40)
    network = Network(activation("tanh"), data, kernels="moments")

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    found = integrate(network.drift, start, 30.0, progress=stop, solver=network.solver(40))
    whole = integrate(network.drift, start, 30.0, solver=network.solver(40))
    assert found.status == "interrupted"
    assert 1 < len(found.t) < len(whole.t)
    assert np.array_equal(found.y, whole.y[: len(found.t)])
    assert np.array_equal(found(found.t[-1] / 2), whole(found.t[-1] / 2))


def test_compiled_steps_give_way_where_the_series_ends():
    """A wild neuron beyond the series, all through the run; and weights that leave it on the way."""
    load()
    data, start = generated(40, 1, "sin(x)"), initial_weights(3, 200, 1, 1 / 200)
    start[5, 1] = 1.5
    network = Network(activation("tanh"), data)
    quick = integrate(network.drift, start, 5.0, solver=network.solver(200))
    slow = integrate(network.drift, start, 5.0)
    assert quick.evaluations == slow.evaluations
    assert np.abs(quick.y[-1] - slow.y[-1]).max() < 1e-12
    one = np.array([[0.1, 0.11]])
    network = Network(activation("tanh"), data, kernels="moments")
    quick, slow = (integrate(network.drift, one, 8.0, solver=s) for s in (network.solver(1), None))
    assert abs(slow.y[-1][0, 1]) * data.x.max() > 0.6
    assert np.abs(quick.y[-1] - slow.y[-1]).max() < 1e-8


def test_compiled_steps_end_as_others_where_the_solution_explodes():
    """σ(u) = u + u³ fitted to −x³: beyond all bounds the status is "diverged", at the same time."""
    load()
    data = from_arrays(np.array([-1.0, 1.0]), np.array([-1.0, 1.0]))
    network = Network(activation("u + u**3"), data, kernels="moments")
    start = np.array([[1e90, 1e90]])
    for solver in (network.solver(1), None):
        found = integrate(network.drift, start, 1.0, solver=solver)
        assert found.status == "diverged"
        assert np.all(np.isfinite(found.y))


def answer(code: str, **environment: str) -> str:
    root = Path(numerics.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(root), **environment},
    )
    return done.stdout.strip()


def test_numba_is_not_imported_before_it_is_needed():
    code = (
        "import sys, numpy as np\n"
        "from numerics import Network, generated, initial_weights\n"
        "from numerics.activation import activation\n"
        "Network(activation('tanh'), generated(60, 1, 'sin(x)')).drift(initial_weights(0, 20000, 1, 0.01))\n"
        "print('numba' in sys.modules)\n"
    )
    assert answer(code) == "False"


def test_a_cache_that_cannot_be_written_is_no_error_and_the_package_stays_clean(tmp_path):
    """The cache folder would have to be made inside a file."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    code = "from numerics.kernels import load; import numba; print(load().message, numba.config.CACHE_DIR)"
    said = answer(code, XDG_CACHE_HOME=str(tmp_path / "file"), NUMBA_CACHE_DIR="")
    assert said.startswith("loaded")
    assert said.endswith("machine code not kept")
    folder = Path(numerics.__file__).parent / "kernels"
    assert not [path for path in folder.rglob("*") if path.suffix in (".nbi", ".nbc")]
