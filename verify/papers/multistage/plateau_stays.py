"""The secondary plateau for κ > 0: no neuron leaves, and the norms part for ever, like the root of time; d = 1."""

from __future__ import annotations

import numpy as np
import sympy as sp

from numerics.activation import activation
from numerics.milestones import descent_time
from numerics.network import Network
from numerics.observables import norms
from numerics.simulate import simulate
from numerics.slowflow import moment_values, profile_of_draw, solve_slow_flow
from theory import NeuronSum, width
from theory.brackets import lower
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import chosen, derivations, runs
from verify.papers.multistage.formula import Formula, formula_mutants
from verify.papers.multistage.notation import on_plateau
from verify.papers.multistage.paper import paper
from verify.papers.multistage.plateau_overshoot import F3, M4, c3, kappa
from verify.papers.multistage.slow_flow import KAPPA, SCALE, A, B, k
from verify.parameters import remembered
from verify.stating import named

tau, ratio = sp.symbols("tau rho", positive=True)

GROWTH = Formula(sp.sqrt(8 * kappa * tau), (tau, c3, F3, M4))
"""‖a‖/‖w‖ late on the plateau, κ > 0."""


def _of_equal_neurons() -> sp.Expr:
    """dρ²/dτ for neurons of equal size: |A_k| = √ρ, |B_k| = 1/√ρ, so that ρ = ‖a‖/‖w‖ and ⟨AB⟩ = 1."""
    values = {A: sp.sqrt(ratio), B: 1 / sp.sqrt(ratio)}
    rates = []
    for drift in derivations.slow(1).closed.drift:
        named, table = lower(drift)
        means = {s: width * _at(bracket, values) for s, bracket in table.items()}
        rates.append(named.xreplace(means).xreplace(values))
    # ρ = A/B
    slope = (rates[0] * values[B] - rates[1] * values[A]) / values[B] ** 2
    return 2 * ratio * slope


def _at(bracket: sp.Expr, values: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    if not isinstance(bracket, NeuronSum):
        raise TypeError(f"{bracket} is no sum over neurons")
    return bracket.open(k)[0].xreplace(values)


paper.identity(
    "b4.equal",
    _of_equal_neurons,
    lambda: 8 * kappa * ratio**2 / (1 + ratio**2),
    title="How the norms part when all neurons are equal in size",
    where="Section 6.2, beyond the paper",
    hypotheses=(
        *SCALE,
        KAPPA,
        r"$|A_k| = \sqrt\rho$, $|B_k| = 1/\sqrt\rho$, $\rho = \lVert a\rVert/\lVert w\rVert$",
    ),
    uses=("b4",),
    basis="derived",
    statement=named(r"\frac{d\rho^2}{d\tau}", printed=on_plateau),
)

_TAUS = (30.0, 60.0)
_DATA = "rising line"
_WIDTHS = (30, 60)


def _stated(stated: Formula, slow_time: float) -> float:
    points = runs.dataset(_DATA)
    return float(stated(slow_time, -1 / 3, points.F(3), points.M(4)))


@remembered
def _late(m: int, seed: int, rtol: float) -> tuple[float, ...] | None:
    """‖a‖/‖w‖ of the full network at the slow times."""
    network = Network(activation("tanh"), runs.dataset(_DATA))
    run = simulate(network, runs.initial(m, seed, 1), _TAUS[-1] * m, rtol=rtol, slow=(20.0, _TAUS[-1] * m))
    if run.status != "ok" or descent_time(run, float(chosen.zeta)) is None:
        return None
    found = []
    for slow_time in _TAUS:
        a, w = norms(run.state(slow_time * m))
        found.append(a / w)
    return tuple(found)


def growth_check(stated: Formula) -> Check:
    def measure(context: Context) -> Measurement:
        found = []
        for m in _WIDTHS:
            for seed in context.draws(context.by_effort(1, 3, 6)):
                context.progress(f"m = {m}, seed {seed}")
                fine, coarse = _late(m, seed, 1e-7), _late(m, seed, 1e-6)
                for i, slow_time in enumerate(_TAUS):
                    label = f"m = {m}, seed {seed}, τ = {slow_time:g}"
                    value = _stated(stated, slow_time)
                    if fine is None or coarse is None:
                        found.append(Comparison(label, None, 0.0, 0.0, None))
                        continue
                    budget = abs(value) * (2.5 / slow_time + 1 / m)
                    found.append(Comparison(label, fine[i], value, budget, abs(fine[i] - coarse[i])))
        return Measurement(found, remark="tolerance 2.5/τ + 1/m of the prediction")

    return simulation.compare(measure, quantity="‖a‖/‖w‖ late on the secondary plateau, κ > 0")


@remembered
def _slow(slow_time: float) -> float:
    """The second route: the slow flow of the draw m = 60, seed 0."""
    start = profile_of_draw(runs.initial(60, 0, 1))
    values = moment_values(runs.dataset(_DATA), -1 / 3)
    return float(np.squeeze(solve_slow_flow(start, [slow_time], values, rtol=1e-8).norm_ratio))


def growth_witness(changed: Formula) -> str | None:
    for slow_time in _TAUS:
        value, wrong = _slow(slow_time), _stated(changed, slow_time)
        if not abs(wrong - value) < 0.15 * value:
            return f"τ = {slow_time:g}: the slow flow of a draw gives {value:.4g}, the changed formula {wrong:.4g}"
    return None


paper.add(
    Claim(
        id="b4.stays",
        paper=paper.name,
        title="For κ > 0 the plateau has no end within O(m): the norms part like √τ",
        where="Theorem 3, section 6.2, beyond the paper",
        statement=GROWTH.printed(
            r"\frac{\lVert a\rVert}{\lVert w\rVert} \;\sim\; \sqrt{8\kappa\tau} = ", r", \quad \tau = t/m"
        ),
        hypotheses=(
            r"full network, $\tanh$, $\alpha = 1$, $d = 1$, $n$ equidistant points, target $x + 0.3x^3$ ($\kappa > 0$)",
            KAPPA,
        ),
        uses=("b4", "b4.bounded", "b4.equal"),
        basis="derived",
        checks=(GROWTH.checked(growth_check),),
        mutants=formula_mutants(GROWTH, growth_check, growth_witness, probe=(30.0, -0.33, 1.9, 1.8)),
        expected=Verdict.SUPPORTED,
    )
)
