"""Starts that are not Gaussian, and second moments that are not 1: what fails, in balls and on the full network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.dataset import Dataset, halton
from numerics.milestones import first_crossing
from numerics.network import Network
from numerics.observables import order_parameters
from numerics.sampling import initial_weights
from numerics.simulate import default_horizon, simulate
from theory import width
from verify.checks import simulation
from verify.checks.enclosure_steps import step
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import exact_probability, runs
from verify.papers.multistage.descent_time import alpha
from verify.papers.multistage.exact_probability import Stated
from verify.papers.multistage.formula import Formula, formula_mutants
from verify.papers.multistage.initialisation import d, delta, eta
from verify.papers.multistage.initialisation import m as count
from verify.papers.multistage.paper import paper
from verify.parameters import remembered
from verify.stating import expression_latex, printed_from

if TYPE_CHECKING:
    pass

PLACES = tuple((10**n, Fraction(1, k)) for n in (3, 4, 6) for k in (2, 10, 100))
"""(m, δ) at d = 1."""

_WITHIN = (1 - sp.exp(-sp.sqrt(2) * eta)) ** (count * (d + 1))
LAPLACE = {
    _WITHIN: r"\Pr\Bigl[\max_{k,i}\bigl(|a_k|, |w_k^{(i)}|\bigr) \le \varepsilon\eta\Bigr] = "
    + expression_latex(_WITHIN)
}


def laplace(factor: int = 1) -> Stated:
    """P(max |X_i| ≤ η) < 1 − δ where P(|X| > η) = e^{−√2 η}, at η = √(factor · 2 log(2m(d + 1)/δ))."""
    return Stated(
        sp.Lt(_WITHIN, 1 - delta, evaluate=False),
        {
            delta: sp.FiniteSet(*(sp.Rational(level) for _, level in PLACES)),
            d: sp.FiniteSet(1),
            count: sp.FiniteSet(*(width for width, _ in PLACES)),
        },
        (sp.Eq(eta, sp.sqrt(2 * factor * sp.log(2 * count * (d + 1) / delta)), evaluate=False),),
    )


def laplace_check(factor: int = 1) -> Check:
    one = laplace(factor)
    told = [
        step(
            r"One weight over $\varepsilon$ is outside $[-\eta, \eta]$ with probability $e^{-\sqrt2\eta}$; the "
            r"$m(d+1)$ weights are independent. $\eta$ is put in, and the left side has to be below the right one."
        )
    ]
    return exact_probability.check(one.cases(), "the exact probability", told, one.compared)


def _laplace_witness(factor: int) -> str | None:
    """The other way round by mpmath: a place where the largest weight is within the bound often enough."""
    from mpmath import mp

    with mp.workdps(40):
        for m, level in PLACES:
            stated = mp.mpf(level.numerator) / level.denominator
            bound = mp.sqrt(2 * factor * mp.log(4 * m / stated))
            inside = mp.exp(2 * m * mp.log1p(-mp.exp(-mp.sqrt(2) * bound)))
            if inside >= 1 - stated:
                return f"m = {m}, δ = {level}: within the bound with probability {mp.nstr(inside, 6)}"
    return None


def _laplace_mutants() -> Sequence[Mutant]:
    return [
        Mutant(
            f"room-{factor}",
            f"a bound √{factor} times as large fails as well",
            printed_from(laplace_check(factor), LAPLACE)(),
            laplace_check(factor).run,
            partial(_laplace_witness, factor),
        )
        for factor in (9, 16, 100)
    ]


_laplace = laplace_check()
paper.checked(
    "start.gaussian.necessary",
    _laplace,
    title="For weights with a Laplace distribution Lemma 3 is false",
    where="Initialisation, normal distribution left out; Lemma 3, equation (68)",
    statement=printed_from(_laplace, LAPLACE),
    hypotheses=(
        r"independent weights of mean 0 and variance $\varepsilon^2$ with density $\frac{1}{\sqrt2\,\varepsilon}"
        r"e^{-\sqrt2|x|/\varepsilon}$",
    ),
    uses=("lem3",),
    basis="derived",
    mutants=_laplace_mutants,
)

HEAVY = Formula(sp.log(1 / sp.Symbol("A", positive=True)) / 2, (sp.Symbol("A", positive=True), width, alpha))
"""When P is about ½, from A = ¼Σ(a + w)² of the draw."""

_ALPHA, _HALF, _OFF = 2.0, 0.5, 0.75
_WIDTHS = (300, 1000, 3000, 10_000)


def cauchy(m: int, seed: int) -> FloatArray:
    """Independent Cauchy weights of scale m^{−α}."""
    from scipy.special import ndtr

    return np.asarray(float(m) ** -_ALPHA * np.tan(np.pi * (ndtr(initial_weights(seed, m, 1, 1.0)) - 0.5)))


def start_size(state: FloatArray) -> float:
    """A = ¼Σ(a + w)²."""
    return float(np.sum((state[:, 0] + state[:, 1]) ** 2)) / 4


@remembered
def half_time(m: int, seed: int, rtol: float) -> float | None:
    """When P reaches ½ in the full tanh network from Cauchy weights."""
    start = cauchy(m, seed)
    end = 0.5 * math.log(1 / start_size(start)) + 1.5
    run = simulate(Network(activation("tanh"), runs.dataset("line")), start, end, rtol=rtol)
    return first_crossing(run, lambda s: order_parameters(s)[0] - _HALF) if run.status == "ok" else None


def heavy_check(stated: Formula) -> Check:
    def measure(context: Context) -> Measurement:
        found = []
        for m in _WIDTHS:
            for seed in context.draws(context.by_effort(3, 10, 40)):
                label = f"m = {m}, seed {seed}"
                context.progress(label)
                fine, coarse = (half_time(m, seed, rtol) for rtol in (1e-8, 1e-6))
                error = None if fine is None or coarse is None else abs(fine - coarse)
                value = float(stated(start_size(cauchy(m, seed)), m, _ALPHA))
                found.append(Comparison(label, fine, value, _OFF, error))
        return Measurement(found, remark=f"tolerance {_OFF}: the largest neurons are of order 1 at that time")

    return simulation.compare(measure, quantity="time of P = ½, Cauchy weights")


def heavy_witness(changed: Formula) -> str | None:
    """The linear phase by hand: P = A e^{2t} reaches 10⁻² at a time that P = ½ is only log √50 after, or a little
    more."""
    for m in (1000, 10_000):
        start = cauchy(m, 0)
        times = np.linspace(0.0, 40.0, 40_001)
        a, w = start.T
        size = float(a @ w), float(a @ a + w @ w) / 2
        P = size[0] * np.cosh(2 * times) + size[1] * np.sinh(2 * times)
        right = float(times[np.argmax(P >= 1e-2)]) + 0.5 * math.log(100.0)
        wrong = float(changed(start_size(start), m, _ALPHA))
        if abs(wrong - right) > 1.5:
            return f"m = {m}, seed 0: linearly P = ½ is near t = {right:.2f}, in the changed formula at {wrong:.2f}"
    return None


paper.add(
    Claim(
        id="start.gaussian.network",
        paper=paper.name,
        title="From weights without a variance the descent comes earlier than Theorem 2 says",
        where="Initialisation, normal distribution left out; Theorem 2",
        statement=(
            r"t_{1/2} = \tfrac12\log\frac1A + O(1), \quad A = \tfrac14\sum_k(a_k + w_k)(0)^2 \text{ of order } m^2"
            r"\varepsilon^2, \qquad \frac{t_{1/2}}{(\alpha - \frac12)\log m} \to "
            r"\frac{\alpha - 1}{\alpha - \frac12} \ne 1"
        ),
        hypotheses=(
            r"full network, $\tanh$, $d = 1$, target $\sin x$, independent Cauchy weights of scale $\varepsilon = "
            rf"m^{{-\alpha}}$, $\alpha = {_ALPHA:g}$, $m$ from 300 to $10^4$; $P(t_{{1/2}}) = \frac12$, within {_OFF}",
            r"a sum of $m$ squares of such weights is of order $m^2$, and not $m$: Proposition 8 fails as well",
        ),
        uses=("b1", "prop8"),
        basis="derived",
        checks=(heavy_check(HEAVY),),
        mutants=formula_mutants(
            HEAVY,
            heavy_check,
            heavy_witness,
            by_hand=(
                ("what normal weights of this scale give", (alpha - sp.Rational(1, 2)) * sp.log(width)),
                ("A itself in place of its root", 2 * HEAVY.expression),
                ("a quarter of the logarithm", HEAVY.expression / 2),
                ("A of the width times the usual", HEAVY.expression + sp.log(width) / 2),
            ),
        ),
        expected=Verdict.SUPPORTED,
    )
)

STRETCH = 1.2
_z, _M = sp.symbols("z M2", positive=True)
PLATEAU = Formula(_z / _M, (_z, _M))
"""Where P rests, M₂ the second moment along e₁."""

_STRETCHED = 500


@remembered
def stretched(dim: int, first: float, second: float) -> Dataset:
    """Data with unit second moments, the inputs along e₁ and across it then stretched; z = e₁."""
    data = runs.dataset("line") if dim == 1 else halton(60, 2, "sin(x1) + 0.3*x1**2*x2")
    x = data.x * np.array([first, second][:dim])
    return replace(data, x=x, y=data.y / first)


@remembered
def resting(dim: int, first: float, second: float, seed: int, rtol: float) -> float | None:
    """P on the secondary plateau, 2 log m after the time at which Theorem 2 has the descent end."""
    m = _STRETCHED
    start = runs.initial(m, seed, dim, 1.0)
    end = default_horizon(m, 1 / m) + math.log(m)
    run = simulate(Network(activation("tanh"), stretched(dim, first, second)), start, end, rtol=rtol)
    return order_parameters(run.state(run.end))[0] if run.status == "ok" else None


_CASES = ((1, STRETCH, 1.0), (2, STRETCH, 1.0), (2, STRETCH, 0.7), (2, 1.0, 0.7))


def plateau_check(stated: Formula) -> Check:
    def measure(context: Context) -> Measurement:
        found = []
        for dim, first, second in _CASES:
            for seed in context.draws(context.by_effort(2, 6, 20)):
                label = f"d = {dim}, ∫x₁² = {first**2:.2f}, ∫x₂² = {second**2:.2f}, seed {seed}"
                label = label if dim > 1 else f"d = 1, ∫x² = {first**2:.2f}, seed {seed}"
                context.progress(label)
                fine, coarse = (resting(dim, first, second, seed, rtol) for rtol in (1e-8, 1e-6))
                error = None if fine is None or coarse is None else abs(fine - coarse)
                found.append(Comparison(label, fine, float(stated(1.0, first**2)), 10 / _STRETCHED, error))
        return Measurement(found, remark="tolerance 10/m")

    return simulation.compare(measure, quantity="P on the secondary plateau")


def plateau_witness(changed: Formula) -> str | None:
    """One linear neuron on the points ±x: the loss ½(Px − y)² is least where P = z/M₂, found by trying."""
    x = STRETCH
    tried = np.linspace(0.0, 2.0, 20_001)
    right = float(tried[np.argmin((tried * x - 1 / x) ** 2)])
    wrong = float(changed(1.0, x**2))
    return (
        f"points ±{x}, z = 1: the least loss is at P = {right:.4f}, not {wrong:.4f}"
        if abs(wrong - right) > 0.02
        else None
    )


paper.add(
    Claim(
        id="asm1.moments.network",
        paper=paper.name,
        title="With ∫x₁² ≠ 1 the network rests at P = z/∫x₁² and does not reach 1 − ζ",
        where="Assumption 1, ∫ x_i² ρ = 1 left out; Theorem 2",
        statement=r"P \to \frac{z}{\int x_1^2\rho} + O\bigl(\tfrac1m\bigr), \text{ so that } T_2 = \infty \text{ for } "
        r"\zeta < 1 - z/\textstyle\int x_1^2\rho",
        hypotheses=(
            rf"full network, $\tanh$, $m = {_STRETCHED}$, $\alpha = 1$, $z = 1$; $d = 1$ and 2, $\int x_1^2\rho = "
            rf"{STRETCH**2:g}$ and 1, $\int x_2^2\rho = 1$ and 0.49; at $2\log m$ after the time of b2, or later",
        ),
        uses=("asm1.moments.necessary", "asm1.moments.plane"),
        basis="derived",
        checks=(plateau_check(PLATEAU),),
        mutants=formula_mutants(
            PLATEAU,
            plateau_check,
            plateau_witness,
            by_hand=(
                ("1 whatever the second moment is", sp.S.One + 0 * _z),
                ("the root of it", _z / sp.sqrt(_M)),
                ("its square", _z / _M**2),
                ("5 % more", PLATEAU.expression * sp.Rational(21, 20)),
                ("5 % less", PLATEAU.expression * sp.Rational(19, 20)),
            ),
        ),
        expected=Verdict.SUPPORTED,
    )
)
