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

ORDER = Formula(alpha - 1, (alpha,))
"""What the mean of HEAVY over draws grows by as log m does: A of order m²ε²."""

_ALPHA, _HALF = 2.0, 0.5
_OFF = 0.3
"""A single neuron reaches P = ½ later by 0.28 than without the bend of tanh; of many, each carries a part of P."""
_SLOPE_OFF, _DRAWS, _SLOPE_WIDTHS = 0.1, 1000, (50, 500, 5000)
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


@remembered
def order_of_start(seeds: tuple[int, ...]) -> tuple[float, float]:
    """Slope in log m of the mean of ½ log(1/A) over draws, and three standard errors of it."""
    widths = np.log(np.array(_SLOPE_WIDTHS, dtype=float))
    logs = np.array(
        [[0.5 * math.log(1 / start_size(cauchy(m, seed))) for seed in seeds] for m in _SLOPE_WIDTHS]
    )
    weights = (widths - widths.mean()) / float(np.sum((widths - widths.mean()) ** 2))
    variances = logs.var(axis=1, ddof=1) / len(seeds)
    return float(weights @ logs.mean(axis=1)), 3 * math.sqrt(float(weights**2 @ variances))


def heavy_check(stated: Formula, order: Formula = ORDER) -> Check:
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
        context.progress(f"{_DRAWS} starts of each width")
        slope, spread = order_of_start(tuple(context.draws(_DRAWS)))
        found.append(
            Comparison("slope of the mean of ½ log(1/A)", slope, float(order(_ALPHA)), _SLOPE_OFF, spread)
        )
        return Measurement(
            found, remark=f"tolerance {_OFF} of a time: the largest neurons are of order 1 at that time"
        )

    return simulation.compare(measure, quantity="time of P = ½, Cauchy weights")


@remembered
def _plain_half_time(m: int) -> float:
    """The same of draw 0 by the generated drift and another integrator."""
    from scipy.integrate import solve_ivp

    start, rates = cauchy(m, 0), runs.generated_rates(runs.dataset("line"))

    def half(_: float, flat: FloatArray) -> float:
        a, w = flat.reshape(start.shape).T
        return float(a @ w) - _HALF

    half.terminal = True  # type: ignore[attr-defined]
    found = solve_ivp(
        lambda _, flat: rates(flat.reshape(start.shape)).ravel(), (0.0, 20.0), start.ravel(), "RK23",
        events=half, rtol=1e-4, atol=1e-10,
    )  # fmt: skip
    return float(found.t[-1])


def heavy_witness(changed: Formula) -> str | None:
    for m in (1000, 10_000):
        right, wrong = _plain_half_time(m), float(changed(start_size(cauchy(m, 0)), m, _ALPHA))
        if abs(wrong - right) > _OFF + 0.01:
            return f"m = {m}, seed 0: by other code P = ½ at t = {right:.3f}, in the changed formula at {wrong:.3f}"
    return None


def order_witness(changed: Formula) -> str | None:
    """The median of a sum of m squares of Cauchy numbers, at two widths, from the tangent of other random numbers."""
    from random import Random

    draw, halves = Random(1), []
    for m in (10, 200):
        # a + w of two Cauchy numbers is twice one, so that A is the sum of m squares.
        sums = sorted(
            sum(math.tan(math.pi * (draw.random() - 0.5)) ** 2 for _ in range(m)) * m ** (-2 * _ALPHA)
            for _ in range(3000)
        )
        halves.append(0.5 * math.log(1 / sums[1500]))
    right, wrong = (halves[1] - halves[0]) / math.log(20), float(changed(_ALPHA))
    if abs(wrong - right) <= _SLOPE_OFF + 0.01:
        return None
    return f"m = 10 and 200: the median of ½ log(1/A) has slope {right:.3f} in log m, stated {wrong:.3f}"


def _heavy_mutants() -> Sequence[Mutant]:
    times = formula_mutants(
        HEAVY,
        heavy_check,
        heavy_witness,
        by_hand=(
            ("what normal weights of this scale give", (alpha - sp.Rational(1, 2)) * sp.log(width)),
            ("A itself in place of its root", 2 * HEAVY.expression),
            ("a quarter of the logarithm", HEAVY.expression / 2),
            ("A of the width times the usual", HEAVY.expression + sp.log(width) / 2),
            ("later by 2/5", HEAVY.expression + sp.Rational(2, 5)),
            ("earlier by 2/5", HEAVY.expression - sp.Rational(2, 5)),
            ("5 % later", HEAVY.expression * sp.Rational(105, 100)),
            ("7 % earlier", HEAVY.expression * sp.Rational(93, 100)),
        ),
    )()
    orders = formula_mutants(
        ORDER,
        partial(heavy_check, HEAVY),
        order_witness,
        by_hand=(
            ("A of order mε², as normal weights have", alpha - sp.Rational(1, 2)),
            ("the slope 15 % larger", ORDER.expression * sp.Rational(115, 100)),
            ("the slope 15 % smaller", ORDER.expression * sp.Rational(85, 100)),
        ),
    )()
    return [*times, *(replace(one, name=f"order-{one.name}") for one in orders)]


_SLOPE = r"\frac{d\,\mathrm{E}[\frac12\log\frac1A]}{d\log m}"

paper.add(
    Claim(
        id="start.gaussian.network",
        paper=paper.name,
        title="From weights without a variance the descent comes earlier than Theorem 2 says",
        where="Initialisation, normal distribution left out; Theorem 2",
        statement=(
            rf"\Bigl|t_{{1/2}} - \tfrac12\log\frac1A\Bigr| \le {_OFF}, \quad A = \tfrac14\sum_k(a_k + w_k)(0)^2, "
            rf"\qquad \Bigl|{_SLOPE} - (\alpha - 1)\Bigr| \le {_SLOPE_OFF}"
        ),
        hypotheses=(
            r"full network, $\tanh$, $d = 1$, target $\sin x$, independent Cauchy weights of scale $\varepsilon = "
            rf"m^{{-\alpha}}$, $\alpha = {_ALPHA:g}$, $m$ from 300 to $10^4$; $P(t_{{1/2}}) = \frac12$; every draw",
            rf"the slope: of the mean over {_DRAWS} draws, by least squares over $m = 50, 500, 5000$, with three "
            r"standard errors; a sum of $m$ squares of such weights is of order $m^2$, and not $m$, so that $A$ is of "
            r"order $m^2\varepsilon^2$, and Proposition 8 fails as well",
            r"for normal weights the slope is $\alpha - \frac12$, and so the constant of Theorem 2",
        ),
        uses=("b1", "prop8"),
        basis="derived",
        checks=(heavy_check(HEAVY),),
        mutants=_heavy_mutants,
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
