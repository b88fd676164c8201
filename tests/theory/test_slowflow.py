"""The slow flow against the gradient of an explicit wide network, written out by hand in high precision.

K different neurons, each N times, with weights A/√m, B/√m and m = KN: what the derivation calls the limit m → ∞ is
then reached as N grows, at a rate that is checked too.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp

import theory
from theory import FiniteModel, SlowFlow, frozen_neuron, random_model, slow_flow
from theory.meanfield import mean, on_condensed, orders
from theory.runaway import exit_logarithm

Number = mpmath.mpf


@pytest.fixture(autouse=True)
def _digits() -> object:
    with mpmath.workdps(60):
        yield


def cubic_model(seed: int, dim: int, *, aligned: bool = True) -> FiniteModel:
    """A finite model whose activation ends with the cubic term."""
    model = random_model(seed, dim, aligned=aligned, width_of_model=3)
    return replace(model, taylor=model.taylor[:4])


def on_surface(model: FiniteModel, surface: Sequence[sp.Expr]) -> FiniteModel:
    """The model with the last neuron's input weights chosen so that ⟨A B_i⟩ = surface_i."""
    *others, last = model.neurons
    moved = [
        (len(model.neurons) * s - sum(n[0] * n[i] for n in others)) / last[0]
        for i, s in enumerate(surface, 1)
    ]
    return replace(model, neurons=(*others, (last[0], *moved)))


@dataclass(frozen=True)
class WideNetwork:
    """K neurons (A, B), each N times, scaled; σ(u) = u + c₃u³; gradient and risk by explicit sums."""

    model: FiniteModel
    neurons: tuple[tuple[Number, ...], ...]
    copies: Number

    @property
    def width(self) -> Number:
        return len(self.neurons) * self.copies

    def sigma(self, u: Number, derivative: int) -> Number:
        c3 = number(self.model.taylor[3])
        return u + c3 * u**3 if derivative == 0 else 1 + 3 * c3 * u**2

    def residuals(self) -> list[tuple[Number, list[Number], Number]]:
        root = mpmath.sqrt(self.width)
        found = []
        for weight, point, label in self.model.points:
            x = [number(p) for p in point]
            output = sum(
                self.copies
                * n[0]
                / root
                * self.sigma(sum(p * q for p, q in zip(n[1:], x, strict=True)) / root, 0)
                for n in self.neurons
            )
            found.append((number(weight), x, output - number(label)))
        return found

    def risk(self) -> Number:
        return sum(weight * r**2 for weight, _, r in self.residuals()) / 2

    def slow_rate(self, k: int) -> list[Number]:
        """m^(3/2) times the rate of neuron k: d(A_k, B_k)/dτ."""
        root = mpmath.sqrt(self.width)
        a, *w = (entry / root for entry in self.neurons[k])
        rates = [mpmath.mpf(0)] * (1 + len(w))
        for weight, x, r in self.residuals():
            u = sum(p * q for p, q in zip(w, x, strict=True))
            rates[0] -= weight * r * self.sigma(u, 0)
            for i, xi in enumerate(x):
                rates[i + 1] -= weight * r * a * self.sigma(u, 1) * xi
        return [rate * root**3 for rate in rates]


def number(value: sp.Expr) -> Number:
    return mpmath.mpf(int(value.p)) / int(value.q)


def displaced(model: FiniteModel, flow: SlowFlow, copies: Number) -> WideNetwork:
    """The network off the surface by the derived displacement/m, reached through the last neuron."""
    width = len(model.neurons) * copies
    neurons = [tuple(number(entry) for entry in neuron) for neuron in model.neurons]
    by = [number(model.interpret(entry)) / width * len(neurons) for entry in flow.displacement]
    last = neurons[-1]
    moved = [w + shift / last[0] for w, shift in zip(last[1:], by, strict=True)]
    return WideNetwork(model, (*neurons[:-1], (last[0], *moved)), copies)


def cases() -> list[object]:
    return [
        pytest.param(1, True, id="line"),
        pytest.param(2, True, id="plane"),
        pytest.param(1, False, id="line, any data"),
        pytest.param(2, False, id="plane, any data"),
        pytest.param(3, True, id="space", marks=pytest.mark.deep),
    ]


def flow_for(dim: int, aligned: bool) -> SlowFlow:
    return slow_flow(dim, data=None if aligned else theory.general(dim, symmetric=False))


@pytest.mark.parametrize(("dim", "aligned"), cases())
def test_the_rates_of_a_wide_network_tend_to_the_slow_flow(dim: int, aligned: bool) -> None:
    flow = flow_for(dim, aligned)
    raw = cubic_model(3, dim, aligned=aligned)
    model = on_surface(raw, [raw.interpret(s) for s in flow.surface])
    first = replace(model, neurons=model.neurons)
    predicted = [number(first.interpret(drift)) for drift in flow.closed.drift]
    errors = []
    for copies in (mpmath.mpf(10) ** 12, mpmath.mpf(10) ** 14):
        rates = displaced(model, flow, copies).slow_rate(0)
        errors.append(max(abs(p - q) for p, q in zip(rates, predicted, strict=True)))
    assert errors[0] < 1e-6 * max(1, *map(abs, predicted))
    assert errors[1] < errors[0] / 50  # the next order is 1/m smaller


@pytest.mark.parametrize(("dim", "aligned"), cases())
def test_the_risk_on_the_surface_is_the_plateau_and_the_energy(dim: int, aligned: bool) -> None:
    flow = flow_for(dim, aligned)
    raw = cubic_model(5, dim, aligned=aligned)
    model = on_surface(raw, [raw.interpret(s) for s in flow.surface])
    plateau = number(model.interpret(flow.plateau_risk))
    energy = number(model.interpret(flow.energy))
    network = displaced(model, flow, mpmath.mpf(10) ** 15)
    assert abs((network.risk() - plateau) * network.width - energy) < 1e-10 * max(1, abs(energy))


@pytest.mark.parametrize("dim", [1, 2])
def test_the_surface_is_kept(dim: int) -> None:
    flow = slow_flow(dim)
    for w in flow.neuron.w:
        assert theory.decide_zero(flow.derivative(mean(flow.neuron.a * w, flow.neuron))).is_zero


@pytest.mark.parametrize("taylor", [theory.tanh_like(4), theory.tanh_like(5, odd=True)], ids=["c4", "c5"])
def test_higher_orders_of_the_activation_do_not_matter(taylor: theory.TaylorModel) -> None:
    flow, longer = slow_flow(1), slow_flow(1, taylor)
    assert (flow.push, flow.cubic, flow.energy) == (longer.push, longer.cubic, longer.energy)


def test_a_longer_z_moves_the_surface() -> None:
    norm = sp.Symbol("z", positive=True)
    flow = slow_flow(1, data=theory.aligned(1, norm=norm))
    M4, F3, c3 = sp.symbols("M4 F3 c3", real=True)
    assert flow.surface == (norm,)
    assert sp.expand(flow.kappa + c3 * (F3 - M4 * norm)) == 0


def test_an_expansion_without_the_cubic_term_is_refused() -> None:
    with pytest.raises(theory.TheoryError, match="order 3"):
        slow_flow(1, theory.tanh_like(1))


def test_singular_second_moments_are_refused() -> None:
    data = theory.DataModel(2, sp.ImmutableMatrix([[1, 0], [0, 0]]), (sp.S.One, sp.S.Zero))
    with pytest.raises(theory.TheoryError, match="singular"):
        slow_flow(2, data=data)


def test_orders_refuse_what_has_no_order() -> None:
    with pytest.raises(theory.TheoryError, match="expand the activation"):
        orders(theory.Derivation(1).flow.drift[0])


def test_orders_count_sums_and_weights() -> None:
    k = theory.Neuron("k", 1)
    expr = k.a**2 * theory.NeuronSum(k.a * k.w[0], k) + theory.width * k.w[0]
    found = orders(expr, [k])
    assert found == {2: sp.expand(k.a**2 * mean(k.a * k.w[0], k)), -1: k.w[0]}


def test_means_of_the_condensed_state() -> None:
    k = theory.Neuron("k", 1)
    level, k4 = sp.Symbol("P", positive=True), sp.Symbol("k4", real=True)
    assert on_condensed(mean(k.a * k.w[0] ** 3, k), level) == level**2 * k4
    assert on_condensed(mean(k.a**2, k) * theory.width, level) == level * theory.width


def test_the_frozen_neuron_takes_the_time_of_its_ode() -> None:
    """The quadrature against a Taylor integration of the two equations, κ = −1, until B is large."""
    neuron = frozen_neuron(slow_flow(1))
    mu = mpmath.mpf(1) / 3
    integrand = sp.lambdify(
        neuron.u, neuron.integrand.subs({neuron.mu: sp.Rational(1, 3), neuron.ratio: 1}), "mpmath"
    )
    with mpmath.workdps(20):

        def field(_: Number, y: Sequence[Number]) -> list[Number]:
            A, u = y  # B = 1/u stays finite in u
            return [-mu / u + 1 / u**3, A * (mu * u**2 - 3)]

        # du/dτ = −u² dB/dτ = −u² A (Λ + 3B²)
        solution = mpmath.odefun(field, 0, [mpmath.mpf(1), mpmath.mpf(1)], tol=1e-12)
        times = [mpmath.mpf(n) / 10 for n in (0, 1, 2)]
        for earlier, later in pairwise(times):
            spent = mpmath.quad(integrand, [solution(later)[1], solution(earlier)[1]])
            assert mpmath.almosteq(spent, later - earlier, 1e-9)


def test_the_expansion_of_the_run_away_time() -> None:
    neuron = frozen_neuron(slow_flow(1))
    first, second = (mpmath.mpf(sp.N(entry, 30)) for entry in neuron.expansion)
    function = sp.lambdify((neuron.u, neuron.mu), neuron.integrand.subs(neuron.ratio, 1), "mpmath")
    with mpmath.workdps(30):
        assert mpmath.almosteq(first, mpmath.quad(lambda u: function(u, mpmath.mpf(0)), [0, 1]), 1e-20)
        step = mpmath.mpf("1e-6")
        values = [mpmath.quad(lambda u, x=x: function(u, x), [0, 0.5, 1]) for x in (-step, step)]
        assert mpmath.almosteq(second, (values[1] - values[0]) / (2 * step), 1e-9)


def test_run_away_separates_on_the_line_only() -> None:
    with pytest.raises(theory.TheoryError, match="d = 1 only"):
        frozen_neuron(slow_flow(2))


def test_the_conserved_mean_survives_random_rational_states() -> None:
    """The other route: the rate of ⟨AB⟩ summed over explicit rational neurons."""
    flow = slow_flow(1)
    rng = random.Random(7)
    model = on_surface(cubic_model(rng.randint(0, 99), 1), [sp.S.One])
    total = sp.S.Zero
    for neuron in model.neurons:
        here = replace(model, neurons=(neuron, *(n for n in model.neurons if n is not neuron)))
        rate_a, rate_w = (here.interpret(drift) for drift in flow.closed.drift)
        total += neuron[1] * rate_a + neuron[0] * rate_w
    assert total == 0


def test_the_growth_across_is_the_flow_at_the_condensed_state() -> None:
    """d = 2: the rate of explicit neurons with A = B₁ = ξ, against the derived polynomial in ξ with their moments."""
    flow = slow_flow(2)
    xi = [sp.Rational(p, 7) for p in (5, -9, 3)]
    size = sum(x**2 for x in xi) / 3
    model = cubic_model(11, 2)
    (growth,) = flow.growth_across
    values = {"k4": sum(x**4 for x in xi) / 3 / size**2}
    for index, x in enumerate(xi):
        others = [(y, y, sp.S.Zero) for i, y in enumerate(xi) if i != index]
        here = replace(model, neurons=((x, x, sp.S.Zero), *others))
        # ⟨ξ²⟩ = size instead of 1: the rate is homogeneous, cubic in ξ and in the root of size.
        rate = here.interpret(flow.closed.drift[2])
        names = {s: values[s.name] for s in growth.free_symbols if s.name in values}
        unit = here.interpret(growth.xreplace(names), {sp.Symbol("xi", real=True): x / sp.sqrt(size)})
        assert sp.simplify(rate - unit * size ** sp.Rational(3, 2)) == 0


def test_the_logarithm_of_the_exit() -> None:
    """One neuron with cubic and quintic terms, from w₀ on: what the quintic term takes grows like 2c log(1/w₀)."""
    cubic, quintic = 0.7, -0.3  # c₃(F₃ − M₄) > 0 is −κ > 0, and c₅(F₅ − M₆)
    names = {"c3": 1, "F3": sp.Rational(7, 10), "M4": 0, "c5": 1, "F5": sp.Rational(-3, 10), "M6": 0}
    expr = exit_logarithm()
    predicted = float(expr.subs({s: names[s.name] for s in expr.free_symbols}))

    def spent(w0: float, strength: float) -> float:
        """Time from w₀ to 1/4 in the variable log w, from a = w/√3."""

        def field(s: float, y: np.ndarray) -> list[float]:
            w, r = np.exp(s), y[0]
            speed = r * (3 * cubic + 5 * strength * w * w)  # (dw/dt)/w³
            slope = cubic + strength * w * w - r * speed  # (dr/dt)/w²
            return [slope / speed, 1 / (w * w * speed)]

        start = [1 / np.sqrt(3), 0.0]
        found = solve_ivp(field, (np.log(w0), np.log(0.25)), start, rtol=1e-12, atol=1e-10)
        return float(found.y[1, -1])

    taken = [spent(w0, quintic) - spent(w0, 0.0) for w0 in (1e-2, 1e-3)]
    assert (taken[1] - taken[0]) / (2 * np.log(10)) == pytest.approx(predicted, rel=1e-3)
