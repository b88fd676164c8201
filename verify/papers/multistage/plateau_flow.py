"""The secondary plateau of the full network against its slow flow, and when it ends for κ < 0.

Section 6.2 and Theorem 3, d = 1, tanh. Prediction and measurement share nothing but the initial weights: the network is
`numerics.network`, the slow flow is generated code, and the witnesses integrate the generated exact drift.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import sympy as sp

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.milestones import descent_time
from numerics.network import Network
from numerics.observables import norms, order_parameters
from numerics.simulate import simulate
from numerics.slowflow import moment_values, profile_of_draw, run_away_time, solve_slow_flow
from numerics.trajectory import Trajectory
from theory import ParticleSystem, width
from theory.runaway import exit_logarithm
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import chosen, first_order, runs
from verify.papers.multistage.formula import Formula, formula_mutants
from verify.papers.multistage.notation import FORMAL
from verify.papers.multistage.paper import paper
from verify.papers.multistage.plateau_overshoot import F3, M4, c3, kappa
from verify.papers.multistage.slow_flow import slow_drift
from verify.parameters import remembered
from verify.stating import named

C3, C5 = -1 / 3, 2 / 15
"""Taylor coefficients of tanh."""

TAUS = {"line": (0.1, 0.2), "rising line": (0.1, 0.3, 1.0)}
"""Slow times; on ``line`` (κ < 0) before the first neurons run away."""

NETWORK = (
    r"full network, $\tanh$, $\alpha = 1$, $d = 1$, $n$ equidistant points",
    r"targets $\sin x$ ($\kappa < 0$) and $x + 0.3x^3$ ($\kappa > 0$)",
)

_HANDOVER = Formula(first_order.handover(), (F3, M4))


@remembered
def plateau(m: int, seed: int, data: str, until: float, rtol: float = 1e-9) -> Trajectory | None:
    """The network up to time ``until`` after P = ½; None where it did not get there."""
    network = Network(activation("tanh"), runs.dataset(data))
    # Where the plateau is left, up to 170 units of time before the end, the usual method again.
    slow = (20.0, max(21.0, 0.95 * (until - 150)))
    run = simulate(network, runs.initial(m, seed, 1), until + 15, rtol=rtol, slow=slow)
    return run if run.status == "ok" and descent_time(run, float(chosen.zeta)) is not None else None


def _clock(half: float, data: str) -> float:
    """Time at which τ = 0."""
    points = runs.dataset(data)
    return half + float(_HANDOVER(points.F(3), points.M(4)))


def _followed(m: int, seed: int, data: str, rtol: float) -> list[tuple[float, float]] | None:
    """‖a‖/‖w‖ and P at the slow times."""
    run = plateau(m, seed, data, m * TAUS[data][-1], rtol)
    half = None if run is None else descent_time(run, 0.5)
    if run is None or half is None:
        return None
    found = []
    for tau in TAUS[data]:
        state = run.state(_clock(half, data) + m * tau)
        a, w = norms(state)
        found.append((a / w, order_parameters(state)[0]))
    return found


def _predicted(system: ParticleSystem, m: int, seed: int, data: str) -> list[tuple[float, float]]:
    points, start = runs.dataset(data), profile_of_draw(runs.initial(m, seed, 1))
    solved = solve_slow_flow(start, TAUS[data], moment_values(points, C3), system=system, rtol=1e-8)
    products = solved.mean(solved.A * solved.B[:, 0])
    pairs = [(float(r), float(p)) for r, p in zip(solved.norm_ratio, products, strict=True)]
    return pairs + [(math.inf, math.inf)] * (len(TAUS[data]) - len(pairs))


def follow_check(system: Callable[[], ParticleSystem]) -> Check:
    def measure(context: Context) -> Measurement:
        found = []
        for m in context.by_effort((1000,), (1000, 4000), (1000, 4000)):
            for data in TAUS:
                for seed in context.draws(context.by_effort(2, 5, 10)):
                    context.progress(f"{data}, m = {m}, seed {seed}")
                    found += _compared(system(), m, seed, data)
        remark = "tolerance 40/m of the predicted ratio − 1, and 15/m for P"
        return Measurement(found, remark=remark)

    return simulation.compare(measure, quantity="‖a‖/‖w‖ and P on the secondary plateau")


def _compared(system: ParticleSystem, m: int, seed: int, data: str) -> list[Comparison]:
    fine, coarse = (_followed(m, seed, data, rtol) for rtol in (1e-9, 1e-7))
    predicted = _predicted(system, m, seed, data)
    found = []
    for index, (tau, (ratio, product)) in enumerate(zip(TAUS[data], predicted, strict=True)):
        for name, i, value, budget in (
            ("‖a‖/‖w‖", 0, ratio, 40 / m * abs(ratio - 1)),
            ("P", 1, product, 15 / m),
        ):
            label = f"{name}, {data}, m = {m}, seed {seed}, τ = {tau:g}"
            if fine is None or coarse is None or not math.isfinite(value):
                found.append(Comparison(label, None, 0.0, 0.0, None))
                continue
            measured = fine[index][i]
            found.append(Comparison(label, measured, value, budget, abs(measured - coarse[index][i])))
    return found


@remembered
def _second_route(m: int, data: str, until: float) -> Callable[[float], FloatArray]:
    """Path of seed 0 by the generated exact drift and RK23."""
    from scipy.integrate import solve_ivp

    from theory import TwoLayerNetwork, gradient_flow
    from theory.codegen import numpy_drift

    points, start = runs.dataset(data), runs.initial(m, 0, 1)
    drift = numpy_drift(gradient_flow(TwoLayerNetwork(1)), "plateau_drift")

    def field(_: float, flat: FloatArray) -> FloatArray:
        state = flat.reshape(m, 2)
        sigma = runs.tanh_derivatives
        rates = drift(state[:, 0], state[:, 1:], x=points.x, target=points.y, rho=points.weights, sigma=sigma)
        return np.asarray(rates, dtype=float).ravel()

    path = solve_ivp(
        field, (0.0, until), start.ravel(), method="RK23", rtol=1e-5, atol=1e-9, dense_output=True
    )
    return lambda t: np.asarray(path.sol(t)).reshape(m, 2)


def _crossing(function: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(function, low, high, xtol=1e-6))


def _above_half(at: Callable[[float], FloatArray], t: float) -> float:
    return float(np.prod(at(t), axis=1).sum()) - 0.5


def follow_witness(system: Callable[[], ParticleSystem]) -> str | None:
    m = 300
    for data, taus in TAUS.items():
        at = _second_route(m, data, m * taus[-1] + 20)
        clock = _clock(_crossing(partial(_above_half, at), 0.0, 15.0), data)
        for tau, (ratio, product) in zip(taus, _predicted(system(), m, 0, data), strict=True):
            a, w = at(clock + m * tau).T
            value, level = float(np.linalg.norm(a) / np.linalg.norm(w)), float(a @ w)
            if not (abs(ratio - value) < 0.2 * abs(value - 1) and abs(product - level) < 0.05):
                return (
                    f"m = {m}, {data}, τ = {tau:g}: the generated drift gives ‖a‖/‖w‖ = {value:.5g}, P = {level:.4g}, "
                    f"the changed flow {ratio:.5g}, {product:.4g}"
                )
    return None


def _changed(**values: sp.Expr) -> Callable[[], ParticleSystem]:
    names = {"c3": c3, "M4": M4}
    rule = {names[name]: value for name, value in values.items()}
    return lambda: slow_drift().map(lambda drift: drift.subs(rule))


_FLOWS: tuple[tuple[str, str, str, Callable[[], ParticleSystem]], ...] = (
    (
        "factor-one",
        "both cubic terms with the factor 1",
        r"\frac{dB_k}{d\tau} = \Lambda A_k - \kappa A_k B_k^2",
        lambda: slow_drift(factor=1),
    ),
    (
        "no-multiplier",
        "the condition of the critical point put in as 1 − S = 0",
        r"\Lambda = 0",
        lambda: slow_drift(Lambda=sp.S.Zero),
    ),
    ("opposite", "κ with the other sign", r"\kappa = c_3(F_3 - M_4)", _changed(c3=-c3)),
    ("twice", "κ twice as large", r"\kappa = -2c_3(F_3 - M_4)", _changed(c3=2 * c3)),
    ("no-data", "κ without the moment of the data", r"\kappa = -c_3F_3", _changed(M4=sp.S.Zero)),
)

paper.add(
    Claim(
        id="b4.network",
        paper=paper.name,
        title="The full network follows the slow flow",
        where="Section 6.2, beyond the paper",
        statement=(
            r"\frac{\lVert a\rVert}{\lVert w\rVert}(t) = \sqrt{\frac{\langle A^2\rangle}{\langle B^2\rangle}}(\tau) "
            r"+ O(1/m), \quad P = 1 + O(1/m), \quad \tau = \frac{t - t_{1/2} - t_{\mathrm{handover}}}{m}"
        ),
        hypotheses=(*NETWORK, r"slow flow from $A = B = \xi$ of the same draw"),
        uses=("b4", "b4.handover"),
        basis="derived",
        checks=(follow_check(slow_drift),),
        mutants=lambda: [
            Mutant(name, text, statement, follow_check(flow).run, partial(follow_witness, flow))
            for name, text, statement, flow in _FLOWS
        ],
        expected=Verdict.SUPPORTED,
    )
)


tau_star = sp.Symbol("tau", positive=True)
c5, F5, M6 = sp.symbols("c5 F5 M6", real=True)
exit_rate = -sp.sqrt(3) * c5 * (F5 - M6) / (4 * kappa**2)
largest = sp.Symbol("X", positive=True)
_SYMBOLS = (width, tau_star, largest, c3, F3, M4, c5, F5, M6)
_LOGARITHM = exit_rate * sp.log(width / largest)
EXIT = Formula(width * tau_star + _LOGARITHM, _SYMBOLS)
"""T_exit after P = ½, up to a number that stays bounded as m grows; X = ξ²_max of the draw, ⟨ξ²⟩ = 1.

The quintic terms act from w² = ξ²_max/m up to w² of order 1, hence the logarithm of m/ξ²_max.
"""

_BOUNDED = 15.0
"""How large that number may be, in time of the flow."""

paper.identity(
    "b4.exit.log",
    exit_logarithm,
    lambda: exit_rate,
    title="What the quintic terms add to the time of the exit, derived",
    where="Section 6.2, beyond the paper",
    hypotheses=(
        r"$d = 1$, $\kappa < 0$, one neuron ahead of all others, Taylor expansion of $\sigma$ to order 5",
        r"$[\log m]$: the coefficient of $\log m$ in the formal expansion, which begins with $m\tau^*$",
        FORMAL,
    ),
    uses=("b4",),
    basis="derived",
    statement=named(r"[\log m]\,T_{\mathrm{exit}}"),
)


@remembered
def half_loss(m: int, seed: int, rtol: float) -> float | None:
    """First time after P = ½ at which the loss is half of what it is on the plateau, ``line``."""
    tau = escape(m, seed)
    run = plateau(m, seed, "line", m * tau + 150, rtol)
    half = None if run is None else descent_time(run, 0.5)
    reached = None if run is None else descent_time(run, float(chosen.zeta))
    if run is None or half is None or reached is None:
        return None
    start = reached + math.log(m)
    level = run.network.loss(run.state(start)) / 2
    found = first_below(lambda t: run.network.loss(run.state(t)), level, start, run.end)
    return None if found is None else found - half


def first_below(loss: Callable[[float], float], level: float, start: float, end: float) -> float | None:
    times = np.linspace(start, end, 200)
    below = next((i for i, t in enumerate(times) if loss(t) < level), None)
    return None if not below else _crossing(lambda t: loss(t) - level, times[below - 1], times[below])


@remembered
def escape(m: int, seed: int) -> float:
    """τ* of a draw for the target sin x."""
    found = run_away_time(runs.initial(m, seed, 1), moment_values(runs.dataset("line"), C3))
    if found is None:
        raise ValueError(f"no neuron of the draw m = {m}, seed {seed} runs away")
    return found


def _exit_time(stated: Formula, m: int, seed: int) -> float:
    data = runs.dataset("line")
    start = runs.initial(m, seed, 1)
    square = float(np.max(profile_of_draw(start).B ** 2))
    return float(stated(m, escape(m, seed), square, C3, data.F(3), data.M(4), C5, data.F(5), data.M(6)))


def exit_check(stated: Formula) -> Check:
    def measure(context: Context) -> Measurement:
        found = []
        for m in context.by_effort((250, 1000), (250, 1000, 4000), (250, 1000, 4000)):
            for seed in context.draws(context.by_effort(3, 5, 10)):
                context.progress(f"m = {m}, seed {seed}")
                fine, coarse = (half_loss(m, seed, rtol) for rtol in (1e-8, 1e-7))
                error = None if fine is None or coarse is None else abs(fine - coarse)
                label = f"m = {m}, seed {seed}, mτ* = {m * escape(m, seed):.1f}"
                found.append(Comparison(label, fine, _exit_time(stated, m, seed), _BOUNDED, error))
        return Measurement(found, remark=f"tolerance {_BOUNDED:g} units of time at every width")

    return simulation.compare(measure, quantity="time from P = ½ to half of the plateau loss")


def exit_witness(changed: Formula) -> str | None:
    m = 250
    at = _second_route(m, "line", m * escape(m, 0) + 150)
    data = runs.dataset("line")

    def loss(t: float) -> float:
        a, w = at(t).T
        return float(data.weights @ (np.tanh(data.x @ w[None, :]) @ a - data.y) ** 2) / 2

    found = first_below(loss, loss(15.0) / 2, 15.0, m * escape(m, 0) + 149)
    wrong = _exit_time(changed, m, 0) + _crossing(partial(_above_half, at), 0.0, 15.0)
    if found is not None and not abs(wrong - found) < _BOUNDED:
        return f"m = {m}, seed 0: with the generated drift the loss is halved at t = {found:.4g}, not {wrong:.4g}"
    return None


paper.add(
    Claim(
        id="thm3.exit",
        paper=paper.name,
        title="For κ < 0 the plateau ends at mτ*, with τ* from the slow flow of the draw",
        where="Theorem 3, section 6.2, beyond the paper",
        statement=EXIT.printed(
            r"T_{\mathrm{half\ loss}} - t_{1/2} = ",
            r" + O(1), \quad X = \max_k \xi_k^2",
            names={tau_star: r"\tau^*"},
        ),
        hypotheses=(
            r"full network, $\tanh$, $\alpha = 1$, $d = 1$, $n$ equidistant points, target $\sin x$",
            r"$\tau^*$: run-away of the largest neuron in the slow flow of all neurons of the draw, its own share in "
            r"$\Lambda$ included",
        ),
        uses=("b4", "b4.network", "b4.exit.log"),
        basis="derived",
        checks=(EXIT.checked(exit_check),),
        mutants=formula_mutants(
            EXIT,
            exit_check,
            exit_witness,
            by_hand=(
                ("without the logarithm", width * tau_star),
                ("the logarithm of m alone", width * tau_star + exit_rate * sp.log(width)),
                ("the logarithm with the other sign", width * tau_star - _LOGARITHM),
                ("the logarithm twice", width * tau_star + 2 * _LOGARITHM),
                ("half of τ*", width * tau_star / 2 + _LOGARITHM),
                ("m log m τ*", width * sp.log(width) * tau_star + _LOGARITHM),
            ),
        ),
        expected=Verdict.SUPPORTED,
    )
)
