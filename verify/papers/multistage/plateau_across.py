"""The slow flow for d ≥ 2: a vector multiplier keeps ⟨AB⟩ = e₁, and the weights across e₁ grow.

The coordinates of neuron k stand for A_k = √m a_k and B_k = √m w_k here, Σ/m for the mean ⟨·⟩, τ = t/m.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import sympy as sp

from numerics.activation import activation
from numerics.milestones import descent_time
from numerics.network import Network
from numerics.observables import transverse
from numerics.simulate import simulate
from theory import DataMean, Neuron, ParticleSystem, Sample, Target, aligned
from theory.meanfield import mean, profile
from theory.naming import Named, NamedQuantity, in_full, quantity
from theory.noting import kept
from theory.symbols import Coordinate, dot
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import derivations, names, runs
from verify.papers.multistage.dynamics import ASSUMPTIONS
from verify.papers.multistage.formula import Formula, formula_mutants
from verify.papers.multistage.notation import FORMAL, on_plateau
from verify.papers.multistage.paper import paper
from verify.papers.multistage.plateau_overshoot import c3, k4
from verify.stating import named

DIMENSIONS = (2, 3)

SCALE = (
    *ASSUMPTIONS,
    "$d = 2, 3$, cubic truncation of an activation of Assumption 3",
    r"$a_k = A_k/\sqrt m$, $w_k = B_k/\sqrt m$, $\tau = t/m$, leading order in $1/m$ on $\langle AB\rangle = e_1$",
)
SCALE_OF_TWO = ("$d = 2$, cubic truncation of an activation of Assumption 3", SCALE[-1])
CUBIC = (
    r"$K(B) = \int (f^* - x_1)(B\cdot x)^3\rho\,dx$; $K_k$ and $K_k^{(i)}$ are $K$ and $\partial K/\partial B_i$ at "
    r"$B_k$; in a mean $\langle\cdot\rangle$ numbers count entries"
)
OF_TWO = "printed for $d = 2$, checked for $d = 2, 3$"
_RATE = r"\bigl(\langle A^2\rangle I + \langle BB^\top\rangle\bigr)"


def in_two(*lefts: str, told: Sequence[str] = ("K",)) -> Callable[..., str]:
    """Prints components in names for d = 2, in the scale of the plateau; K the hypotheses tell."""
    return named(*lefts, only="d = 2", printed=by_moments, told=told)


def cubic_mean(dim: int) -> sp.Expr:
    """K(B_k), moments named."""
    k, x = Neuron("k", dim), Sample("x", dim)
    integrand = (Target(*x.x) - x.x[0]) * sp.expand(dot(k.w, x.x) ** 3)
    return sp.expand(aligned(dim).apply(DataMean(integrand, x)))


def multipliers(dim: int) -> tuple[sp.Symbol, ...]:
    return tuple(sp.Symbol(f"Lambda{i}", real=True) for i in range(1, dim + 1))


def cubic_names(dim: int) -> dict[sp.Expr, sp.Expr]:
    """K_k for K(B_k), and K_k^(i) for its derivative along B_i."""
    k, K = Neuron("k", dim), cubic_mean(dim)
    return {quantity("K", k): K} | {quantity(f"K{i}", k): _slope(K, w) for i, w in enumerate(k.w, 1)}


def stated_drift(dim: int) -> dict[str, sp.Expr]:
    """The flow, with Λ as symbols."""
    k, called = Neuron("k", dim), cubic_names(dim)
    K, *slopes = called
    along = [k.a * (one + c3 * slope) for one, slope in zip(multipliers(dim), slopes, strict=True)]
    return names.rates(dim, (dot(multipliers(dim), k.w) + c3 * K, *along), called)


@kept
def slow_drift(dim: int) -> ParticleSystem:
    """The same with K written out."""
    return ParticleSystem(
        Neuron("k", dim), tuple(sp.expand(in_full(one)) for one in stated_drift(dim).values())
    )


def by_moments(expr: sp.Expr) -> str:
    """LaTeX in the scale of the plateau, where K and its derivatives are collected by powers of B."""
    weights = sorted((c for c in expr.free_symbols if isinstance(c, Coordinate) and c.slot != "a"), key=str)
    if isinstance(expr, Named | NamedQuantity) or not weights:
        return on_plateau(expr, several=True)
    terms = sp.Poly(expr, *weights).terms()
    monomials = [sp.Mul(*(w**p for w, p in zip(weights, powers, strict=True))) for powers, _ in terms]
    return " + ".join(
        on_plateau(sp.Mul(*sp.factor(c).as_coeff_Mul(), one, evaluate=False), several=True)
        for (_, c), one in zip(terms, monomials, strict=True)
    )


def _slope(expr: sp.Expr, coordinate: sp.Symbol) -> sp.Expr:
    own = sp.Dummy("own", real=True)
    return expr.xreplace({coordinate: own}).diff(own).xreplace({own: coordinate})


def energy(dim: int) -> sp.Expr:
    """E."""
    k, called = Neuron("k", dim), cubic_names(dim)
    return Named(-c3 * mean(k.a * next(iter(called)), k), called)


def pushes(dim: int) -> tuple[sp.Expr, ...]:
    """⟨B_i K(B) + A² ∂_iK(B)⟩ for each i, in names."""
    k = Neuron("k", dim)
    K, *slopes = cubic_names(dim)
    return tuple(mean(w * K + k.a**2 * slope, k) for w, slope in zip(k.w, slopes, strict=True))


paper.identity(
    "b4.vector",
    lambda: derivations.over_dimensions(lambda d: derivations.slow(d).flow, DIMENSIONS),
    lambda: {name: rate for d in DIMENSIONS for name, rate in stated_drift(d).items()},
    title="The slow flow for inputs of several dimensions",
    where="Section 6.2, beyond the paper",
    hypotheses=(*SCALE, CUBIC, r"$\Lambda \in \mathbb{R}^d$ keeps $\langle AB\rangle = e_1$", OF_TWO),
    uses=("eq10", "b4"),
    basis="derived",
    statement=in_two(
        *(rf"\frac{{d{entry}}}{{d\tau}}" for entry in ("A_k", "B_k^{(1)}", "B_k^{(2)}")),
        told=(),
    ),
)


def _kept(dim: int) -> dict[str, sp.Expr]:
    """(⟨A²⟩ I + ⟨BBᵀ⟩) Λ for the derived Λ."""
    flow = derivations.slow(dim)
    product = flow.fast_rate * sp.Matrix(flow.multiplier)
    return {f"d = {dim}: {i}": entry for i, entry in enumerate(product, 1)}


def _stated_kept(dim: int) -> dict[str, sp.Expr]:
    called = cubic_names(dim)
    return {f"d = {dim}: {i}": Named(-c3 * push, called) for i, push in enumerate(pushes(dim), 1)}


paper.identity(
    "b4.vector.multiplier",
    lambda: _kept(2),
    lambda: _stated_kept(2),
    title="The multiplier for inputs of two dimensions",
    where="Section 6.2, beyond the paper",
    hypotheses=(*SCALE[:-2], *SCALE_OF_TWO, CUBIC),
    uses=("b4.vector",),
    basis="derived",
    statement=in_two(*(rf"\Bigl[{_RATE}\Lambda\Bigr]_{i}" for i in (1, 2))),
)

paper.identity(
    "b4.vector.energy",
    lambda: {name: value for d in DIMENSIONS for name, value in _risk_of_plateau(d).items()},
    lambda: {
        name: value
        for d in DIMENSIONS
        for name, value in ((f"d = {d}: E", energy(d)), (f"d = {d}: R - R_0", -sp.S.Half))
    },
    title="The risk on the plateau for inputs of several dimensions",
    where="Section 6.2, beyond the paper",
    hypotheses=(
        *SCALE,
        CUBIC,
        r"$[m^{-n}]$: the coefficient in the formal expansion of the risk in $1/m$; " + FORMAL,
        r"$R_0 = \frac12\int f^{*2}\rho$",
        OF_TWO,
    ),
    uses=("b4.vector",),
    basis="derived",
    statement=in_two(r"E = [m^{-1}]\,R", r"[m^0]\,R - R_0"),
)


def _risk_of_plateau(dim: int) -> dict[str, sp.Expr]:
    """E, and the risk of the plateau without ½ ∫ f*² ρ."""
    flow, x = derivations.slow(dim), Sample("x", dim)
    base = DataMean(Target(*x.x) ** 2, x) / 2
    return {f"d = {dim}: E": flow.energy, f"d = {dim}: R - R_0": flow.plateau_risk - base}


def _neuron_rates(dim: int) -> sp.Expr:
    k = Neuron("k", dim)
    return slow_drift(dim).derivative(3 * k.a**2 - sp.Add(*(w**2 for w in k.w)))


def _stated_neuron_rates(dim: int) -> sp.Expr:
    k = Neuron("k", dim)
    return 4 * k.a * dot(multipliers(dim), k.w)


def _norm_rates(dim: int) -> sp.Expr:
    k = Neuron("k", dim)
    return slow_drift(dim).derivative(mean(k.a**2 - sp.Add(*(w**2 for w in k.w)), k))


def _four_times(named_energy: sp.Expr) -> sp.Expr:
    assert isinstance(named_energy, Named)
    return named_energy.restated(4 * named_energy.stated)


paper.identity(
    "b4.vector.norms",
    lambda: (
        {f"d = {d}: norms": _norm_rates(d) for d in DIMENSIONS}
        | {f"d = {d}: neuron": _neuron_rates(d) for d in DIMENSIONS}
    ),
    lambda: (
        {f"d = {d}: norms": _four_times(energy(d)) for d in DIMENSIONS}
        | {f"d = {d}: neuron": _stated_neuron_rates(d) for d in DIMENSIONS}
    ),
    title="How the norms part for inputs of several dimensions",
    where="Section 6.2, beyond the paper",
    hypotheses=(*SCALE, CUBIC, r"any $\Lambda$; the first right side is $4E$ of b4.vector.energy", OF_TWO),
    uses=("b4.vector", "b4.vector.energy"),
    basis="derived",
    statement=in_two(
        r"\frac{d}{d\tau}\langle A^2 - \lVert B\rVert^2\rangle",
        r"\frac{d}{d\tau}\bigl(3A_k^2 - \lVert B_k\rVert^2\bigr)",
    ),
)


def growth(dim: int, i: int) -> sp.Expr:
    """dB_i/dτ of a neuron at A = B₁ = ξ."""
    powers = [2, *(int(j == i) for j in range(2, dim + 1))]
    target = sp.Symbol("F" + "_".join(map(str, powers)), real=True)
    data = sp.Symbol("M" + "_".join(map(str, [3, *powers[1:]])), real=True)
    return 3 * c3 * (target - data) * (profile**3 - k4 * profile)


def _growth(dim: int) -> dict[str, sp.Expr]:
    found = derivations.slow(dim).growth_across
    return {f"d = {dim}: dB{i}/dtau": rate for i, rate in enumerate(found, 2)}


paper.identity(
    "b4.across",
    lambda: {name: rate for d in DIMENSIONS for name, rate in _growth(d).items()},
    lambda: {f"d = {d}: dB{i}/dtau": growth(d, i) for d in DIMENSIONS for i in range(2, d + 1)},
    title="Which directions across e₁ grow on the plateau",
    where="Section 6.2, beyond the paper; Proposition 7",
    hypotheses=(
        *SCALE,
        r"where $A_k = B_k^{(1)} = \xi_k$, $\langle\xi^2\rangle = 1$, $k_4 = \langle\xi^4\rangle$, "
        r"and no weight across $e_1$; printed for $d = 2$, where $F_{21} = \int f^*x_1^2x_2\rho$, "
        r"$M_{31} = \int x_1^3x_2\rho$",
    ),
    uses=("b4.vector",),
    basis="derived",
    statement=named(r"\frac{dB_k^{(2)}}{d\tau}", only="d = 2:"),
)

F21, M31 = sp.symbols("F2_1 M3_1", real=True)
k6, tau = sp.symbols("k6 tau", positive=True)
ACROSS = Formula(3 * sp.Abs(c3 * (F21 - M31)) * sp.sqrt(k6 - k4**2) * tau, (c3, F21, M31, k4, k6, tau))
"""V_2 = √Σ(w^(2))² at slow time τ, to first order in τ, from a start that leaves nothing across e₁."""

_ALPHA = 2.0
_TAUS = (0.05, 0.1)
_DATA = "bent plane"


def _moments() -> tuple[float, float]:
    points = runs.dataset(_DATA)
    x1, x2 = points.x.T
    return float(points.weights @ (points.y * x1**2 * x2)), float(points.weights @ (x1**3 * x2))


def _predicted(stated: Formula, width: int, seed: int, slow_time: float) -> float:
    start = runs.initial(width, seed, 2, _ALPHA)
    xi = start[:, 0] + start[:, 1]
    fourth, sixth = (float(np.mean(xi**n) / np.mean(xi**2) ** (n // 2)) for n in (4, 6))
    return float(stated(-1 / 3, *_moments(), fourth, sixth, slow_time))


@cache
def _transverse(width: int, seed: int, rtol: float) -> tuple[float, ...] | None:
    """V_2 of the full network at the slow times after P = ½."""
    network = Network(activation("tanh"), runs.dataset(_DATA))
    start = runs.initial(width, seed, 2, _ALPHA)
    run = simulate(network, start, _TAUS[-1] * width + 30, rtol=rtol, slow=(25.0, _TAUS[-1] * width + 30))
    half = descent_time(run, 0.5)
    if run.status != "ok" or half is None:
        return None
    return tuple(float(transverse(run.state(half + slow_time * width))[0]) for slow_time in _TAUS)


def across_check(stated: Formula) -> Check:
    def measure(context: Context) -> Measurement:
        found = []
        for width in context.by_effort((800, 1600), (800, 1600, 3200), (800, 1600, 3200)):
            for seed in context.draws(context.by_effort(2, 4, 8)):
                context.progress(f"m = {width}, seed {seed}")
                fine, coarse = (_transverse(width, seed, rtol) for rtol in (1e-9, 1e-7))
                for i, slow_time in enumerate(_TAUS):
                    label = f"m = {width}, seed {seed}, τ = {slow_time:g}"
                    value = _predicted(stated, width, seed, slow_time)
                    if fine is None or coarse is None:
                        found.append(Comparison(label, None, 0.0, 0.0, None))
                        continue
                    budget = (slow_time + 20 / width) * abs(value)
                    found.append(Comparison(label, fine[i], value, budget, abs(fine[i] - coarse[i])))
        return Measurement(
            found, remark="tolerance τ + 20/m of the prediction, as the next orders are τ² and 1/m"
        )

    return simulation.compare(measure, quantity="V₂ on the secondary plateau, d = 2")


@cache
def _second_route(width: int) -> tuple[float, ...]:
    """V_2 of seed 0 at the slow times after P = ½, by the generated exact drift and RK23."""
    from scipy.integrate import solve_ivp
    from scipy.optimize import brentq

    from theory import TwoLayerNetwork, gradient_flow
    from theory.codegen import numpy_drift

    points, start = runs.dataset(_DATA), runs.initial(width, 0, 2, _ALPHA)
    drift = numpy_drift(gradient_flow(TwoLayerNetwork(2)), "across_drift")

    def field(_: float, flat: np.ndarray) -> np.ndarray:
        state = flat.reshape(width, 3)
        sigma = runs.tanh_derivatives
        rates = drift(state[:, 0], state[:, 1:], x=points.x, target=points.y, rho=points.weights, sigma=sigma)
        return np.asarray(rates, dtype=float).ravel()

    end = _TAUS[-1] * width + 25
    path = solve_ivp(
        field, (0.0, end), start.ravel(), method="RK23", rtol=1e-5, atol=1e-10, dense_output=True
    )

    def columns(t: float) -> np.ndarray:
        return np.asarray(path.sol(t)).reshape(width, 3).T

    half = float(brentq(lambda t: float(columns(t)[0] @ columns(t)[1]) - 0.5, 0.0, 25.0))
    return tuple(float(np.sqrt(np.sum(columns(half + slow_time * width)[2] ** 2))) for slow_time in _TAUS)


def across_witness(changed: Formula) -> str | None:
    width = 300
    for slow_time, value in zip(_TAUS, _second_route(width), strict=True):
        wrong = _predicted(changed, width, 0, slow_time)
        if not abs(wrong - value) < 0.2 * value:
            return (
                f"m = {width}, seed 0, τ = {slow_time:g}: the generated drift gives V₂ = {value:.4g}, "
                f"the changed formula {wrong:.4g}"
            )
    return None


paper.add(
    Claim(
        id="b4.across.network",
        paper=paper.name,
        title="Growth across e₁ on the plateau, in the full network",
        where="Section 6.2, beyond the paper; Proposition 7",
        statement=ACROSS.printed(r"V_2(\tau) = ", r" + O(\tau^2) + O(1/m)"),
        hypotheses=(
            r"full network, $\tanh$, $d = 2$, 200 points, target $\sin x_1 + 0.3x_1^2x_2$, $\alpha = 2$",
            r"$\tau = (t - t_{1/2})/m$; $k_4, k_6$: fourth and sixth moment of the draw's $\xi$",
        ),
        uses=("b4.across",),
        basis="derived",
        checks=(ACROSS.checked(across_check),),
        mutants=formula_mutants(
            ACROSS, across_check, across_witness, probe=(-0.33, 0.45, 0.27, 3.0, 15.0, 0.1)
        ),
        expected=Verdict.SUPPORTED,
    )
)
