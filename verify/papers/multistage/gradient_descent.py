"""Beyond the paper: it trains by gradient descent and reasons about the flow. What a learning rate η changes."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import sympy as sp

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.network import Network
from numerics.observables import order_parameters
from theory import (
    Derivation,
    Neuron,
    P,
    Q,
    VectorField,
    condensed_order_parameters,
    drift_sum,
)
from theory.gradient_descent import descent_map, euler_map, learning_rate, reduce_map
from theory.iteration import IterationMap
from theory.modified import (
    deviation_field,
    scalar_deviation,
)
from theory.noting import kept
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import derivations, runs
from verify.papers.multistage.notation import FORMAL
from verify.papers.multistage.paper import paper
from verify.parameters import remembered
from verify.stating import named

eta = learning_rate
STEP = (r"gradient descent $\theta \leftarrow \theta - \eta \nabla R$ on the leading order (16), any width",)

NEXT = r"a prime marks values after one step: $(Q + P)' = Q_{n+1} + P_{n+1}$, where $P$, $Q$ stand for $P_n$, $Q_n$"


@kept
def reduced_step(dim: int = 1) -> IterationMap:
    """(P, Q) after one step of gradient descent, derived."""
    step = descent_map(derivations.leading_order(dim))
    return reduce_map(step, condensed_order_parameters(step.neuron))


def _derived_step(dim: int) -> dict[str, sp.Expr]:
    step = reduced_step(dim)
    return {f"d = {dim}: Q + P": step[Q] + step[P], f"d = {dim}: Q - P": step[Q] - step[P]}


def _stated_step(dim: int) -> dict[str, sp.Expr]:
    grown = (Q + P) * (1 + eta * (1 - P)) ** 2
    shrunk = (Q - P) * (1 - eta * (1 - P)) ** 2
    return {f"d = {dim}: Q + P": grown, f"d = {dim}: Q - P": shrunk}


paper.identity(
    "gd.step",
    lambda: {name: e for dim in derivations.DIMENSIONS for name, e in _derived_step(dim).items()},
    lambda: {name: e for dim in derivations.DIMENSIONS for name, e in _stated_step(dim).items()},
    title="Gradient descent closes in P and Q, exactly",
    where="beyond the paper; Appendix D trains by gradient descent",
    hypotheses=(*STEP, NEXT, "checked for $d = 1, 2, 3$"),
    uses=("eq16",),
    basis="derived",
    statement=named("(Q + P)'", "(Q - P)'", only="d = 2:"),
)

paper.identity(
    "gd.invariant",
    lambda: {"Q^2 - P^2": reduced_step().image(Q**2 - P**2), "a^2 - w^2": _neuron_invariant()},
    lambda: {
        "Q^2 - P^2": (Q**2 - P**2) * (1 - eta**2 * (1 - P) ** 2) ** 2,
        "a^2 - w^2": _neuron_difference() * (1 - eta**2 * (1 - drift_sum(Neuron("k", 1), 1)) ** 2),
    },
    title="What the flow conserves, gradient descent shrinks at second order in η",
    where="beyond the paper; after equation (18)",
    hypotheses=(*STEP, NEXT, r"$d = 1$, where $P = \sum_j a_j w_j^{(1)}$"),
    uses=("gd.step", "eq18.invariant"),
    basis="derived",
    statement=named(r"(Q^2 - P^2)'", r"\bigl(a_k^2 - (w_k^{(1)})^2\bigr)'"),
)


def _neuron_difference() -> sp.Expr:
    k = Neuron("k", 1)
    return k.a**2 - k.w[0] ** 2


def _neuron_invariant() -> sp.Expr:
    return descent_map(derivations.leading_order(1)).image(_neuron_difference())


def _plateau_multipliers() -> dict[str, sp.Expr]:
    """Multipliers of the map on the set P = 1 of its fixed points."""
    (plateau,) = [f for f in reduced_step().fixed_points() if dict(f.conditions) == {P: sp.S.One}]
    across, along = sorted(plateau.multipliers, key=lambda v: v == 1)
    return {"across": across, "along": along}


paper.identity(
    "gd.stable",
    _plateau_multipliers,
    lambda: {"across": 1 - 2 * eta * Q, "along": sp.S.One},
    title="The secondary plateau attracts gradient descent for ηQ < 1 only",
    where="beyond the paper; section 3.3",
    hypotheses=(*STEP, "$\\mu$: the multipliers of a step on $P = 1$, across this set and along it"),
    uses=("gd.step", "eq21.critical"),
    basis="derived",
    statement=named(r"\mu_{\text{across}}", r"\mu_{\text{along}}"),
)


start = sp.Symbol("P0", positive=True)
below = sp.Symbol("P", positive=True)


def _deviation() -> sp.Expr:
    p, value = scalar_deviation(reduced_step().restrict({Q: P}), start)
    return value.xreplace({p: below})


paper.identity(
    "gd.deviation",
    _deviation,
    lambda: (
        -below * (1 - below) * ((sp.log(below) - sp.log(start)) / 2 + sp.log(1 - below) - sp.log(1 - start))
    ),
    title="Distance between gradient descent and the flow, in closed form",
    where="beyond the paper; equation (19)",
    hypotheses=(
        *STEP,
        r"$Q = P$, $0 < P_0 \le P < 1$",
        r"$[\eta]$: the coefficient of $\eta$ in the formal expansion, at the same time $t = n\eta$",
        FORMAL,
    ),
    uses=("gd.step", "eq19"),
    basis="derived",
    statement=named(r"[\eta]\,\bigl(P_n - P(n\eta)\bigr)"),
)

RATES = (0.02, 0.01)
"""Learning rates η of the simulations; the second is compared, the first tells the error."""

CASES = (("line", 250), ("line", 1000), ("plane", 1000))


def _stepped(
    drift: Callable[[FloatArray], FloatArray], state: FloatArray, rate: float, last: float
) -> FloatArray:
    """P after 0, 1, 2 … steps of gradient descent up to time ``last``."""
    found = []
    for _ in range(int(last / rate) + 1):
        found.append(order_parameters(state)[0])
        state = state + rate * drift(state)
    return np.array(found)


def _predicted(field: VectorField, m: int, seed: int, data: str, last: float) -> tuple[float, float]:
    """The extreme of e_P and the time of it, from the derived first-order distance."""
    from scipy.integrate import solve_ivp

    from theory.codegen import numpy_function

    P0, Q0 = order_parameters(runs.initial(m, seed, runs.dataset(data).dim))
    code = numpy_function(field, "deviation")
    times = np.linspace(0.0, last, 4001)
    found = solve_ivp(
        code, (0.0, last), [P0, Q0, 0.0, 0.0], method="DOP853", rtol=1e-10, atol=1e-14, t_eval=times
    )
    at = int(np.argmax(np.abs(found.y[2])))
    return float(found.y[2, at]), float(times[at])


def distance_check(field: Callable[[], VectorField]) -> Check:
    """Full network by gradient descent and by the flow, against the derived distance."""

    def measure(context: Context) -> Measurement:
        found = []
        seeds = context.by_effort(1, 3, 10)
        for data, m in CASES:
            for seed in context.draws(seeds):
                context.progress(f"{data}, m = {m}, seed {seed}")
                found.append(_comparison(field(), data, m, seed))
        return Measurement(
            found, remark="tolerance 4/m of the prediction; the error is the change from 2η to η"
        )

    return simulation.compare(
        measure, quantity="(P of gradient descent − P of the flow)/η, where it is largest"
    )


def _comparison(field: VectorField, data: str, m: int, seed: int) -> Comparison:
    last = 2.0 * math.log(m) + 1.0
    value, _ = _predicted(field, m, seed, data, last)
    flow, steps = _both(data, m, seed, last)
    extremes = [_extreme((p - flow(len(p), rate)) / rate) for rate, p in zip(RATES, steps, strict=True)]
    error = abs(extremes[1] - extremes[0])
    return Comparison(f"{data}, m = {m}, seed {seed}", extremes[1], value, 4 / m * abs(value), error)


@remembered
def _both(
    data: str, m: int, seed: int, last: float
) -> tuple[Callable[[int, float], FloatArray], tuple[FloatArray, ...]]:
    run = runs.trajectory(m, seed, data, until=last)
    network = Network(activation("tanh"), runs.dataset(data))

    def flow(count: int, rate: float) -> FloatArray:
        return np.array([order_parameters(run.state(rate * n))[0] for n in range(count)])

    stepped = tuple(_stepped(network.drift, run.state(0.0), rate, last) for rate in RATES)
    return flow, stepped


def _extreme(values: FloatArray) -> float:
    return float(values[np.argmax(np.abs(values))])


@remembered
def _derived_distance() -> VectorField:
    return deviation_field(reduced_step())


def _changed(change: Callable[[sp.Expr, sp.Expr], sp.Expr]) -> VectorField:
    """The distance with its forcing changed: ``change`` gets the rate of e_P or e_Q and the forcing in it."""
    field = _derived_distance()
    errors = field.variables[2:]
    forcing = [c.subs(dict.fromkeys(errors, 0)) for c in field.components[2:]]
    moved = (change(c, f) for c, f in zip(field.components[2:], forcing, strict=True))
    return VectorField(field.variables, (*field.components[:2], *moved))


def _witness(field: Callable[[], VectorField]) -> str | None:
    """Gradient descent with the generated drift at two learning rates tells e_P without any integrator."""
    from theory import TwoLayerNetwork, gradient_flow
    from theory.codegen import numpy_drift

    data, m, seed = "line", 250, 0
    points = runs.dataset(data)
    code = numpy_drift(gradient_flow(TwoLayerNetwork(1)), "witness_drift")

    def sigma(order: int, u: FloatArray) -> FloatArray:
        return np.tanh(u) if order == 0 else 1 - np.tanh(u) ** 2

    def drift(state: FloatArray) -> FloatArray:
        return np.asarray(
            code(state[:, 0], state[:, 1:], x=points.x, target=points.y, rho=points.weights, sigma=sigma)
        )

    value, at = _predicted(field(), m, seed, data, 2.0 * math.log(m) + 1.0)
    rate = 0.02
    at = rate * round(at / rate)
    coarse, fine = (
        float(_stepped(drift, runs.initial(m, seed, 1), h, at + h / 2)[-1]) for h in (rate, rate / 2)
    )
    seen = 2 * (coarse - fine) / rate
    if abs(seen - value) > 0.05 * abs(value):
        return (
            f"m = {m}, seed 0, t = {at:.2f}: steps of {rate} and {rate / 2} tell {seen:.4f}, not {value:.4f}"
        )
    return None


_WRONG: tuple[tuple[str, str, str, Callable[[], VectorField]], ...] = (
    (
        "sign",
        "the correction with the opposite sign",
        r"+\tfrac{\eta}{2}F'F",
        lambda: _changed(lambda c, f: c - 2 * f),
    ),
    ("factor", "the correction without its factor ½", r"-\eta F'F", lambda: _changed(lambda c, f: c + f)),
    ("none", "no correction but the flow's own", "0", lambda: _changed(lambda c, f: c - f + P / 100)),
    (
        "euler",
        "Euler's step of (P, Q) instead of the network's",
        r"P_{n+1} = P_n + 2\eta Q_n(1 - P_n)",
        lambda: deviation_field(euler_map(Derivation(1).reduced)),
    ),
)


def _distance_mutants() -> list[Mutant]:
    return [
        Mutant(name, words, statement, distance_check(field).run, lambda field=field: _witness(field))  # type: ignore[misc]
        for name, words, statement, field in _WRONG
    ]


paper.add(
    Claim(
        id="gd.network",
        paper=paper.name,
        title="The full network by gradient descent is off the flow by η times a derived constant",
        where="beyond the paper; Appendix D",
        statement=(
            r"\max_n |P_n - P(n\eta)| = \eta\,\max_t |e_P(t)|\,\bigl(1 + O(1/m) + O(\eta)\bigr),\quad "
            r"\dot e = F'e + F_1,\; e(0) = 0"
        ),
        hypotheses=(
            r"full network, $\tanh$, $\alpha = 1$, $m = 250, 1000$, $d = 1, 2$, up to $t = 2\log m + 1$",
            rf"$\eta = {RATES[1]}$; $F$, $F_1$: the $(P, Q)$ system and the first-order part of its modified field",
        ),
        uses=("gd.modified", "eq18.flow"),
        basis="derived",
        checks=(distance_check(_derived_distance),),
        mutants=_distance_mutants,
        expected=Verdict.SUPPORTED,
    )
)
