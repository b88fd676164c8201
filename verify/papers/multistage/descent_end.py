"""Where the descent ends: size of the gradient (54) and distance of a and w (57) at T_2 in the full network, d = 1.

Both formulas are first order in 1/m and use each draw's own moments; `first_order` derives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import sympy as sp

from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import chosen, runs
from verify.papers.multistage.first_order import zeta
from verify.papers.multistage.formula import Formula, formula_mutants
from verify.papers.multistage.milestone_runs import milestones, second_route
from verify.papers.multistage.paper import paper
from verify.papers.multistage.plateau_overshoot import F3, M4, c3, k4
from verify.parameters import remembered
from verify.stating import Printed

k6 = sp.Symbol("k6", positive=True)

_level = 1 - zeta
_integral = (F3 - M4) * sp.log(1 / zeta) - F3 * _level + M4 * (_level + _level**2 / 2)

EXCESS = Formula(c3 * k4 * _level * (2 * F3 - 3 * M4 * _level), (c3, k4, k6, F3, M4, zeta))
"""m (‖∇R‖/‖θ‖ − ζ) at T_2."""

DISTANCE = Formula(sp.Abs(c3 * _integral) * sp.sqrt(k6) / _level, (c3, k4, k6, F3, M4, zeta))
"""m W₂/√(Σa²/m) of {a_k} and {w_k} at T_2 for α > 1, where the cubic term outweighs what the start leaves."""

_SLACK = 30
"""Tolerance _SLACK/m of the prediction: the next order is 1/m smaller."""

LINE = r"full network, $\tanh$, $d = 1$, $n$ equidistant points, target $\sin x$, $\zeta$ chosen"


@remembered
def _moments(m: int, seed: int, alpha: float) -> tuple[float, float]:
    """k₄ and k₆ of a draw."""
    start = runs.initial(m, seed, 1, alpha)
    xi = start[:, 0] + start[:, 1]
    return tuple(float(np.mean(xi**n) / np.mean(xi**2) ** (n // 2)) for n in (4, 6))  # type: ignore[return-value]


def _predicted(stated: Formula, m: int, seed: int, alpha: float) -> float:
    data = runs.dataset("line")
    return float(stated(-1 / 3, *_moments(m, seed, alpha), data.F(3), data.M(4), float(chosen.zeta)))


def excess(run: Mapping[str, float], m: int) -> float:
    return m * (run["gradient at T_2"] - float(chosen.zeta))


def distance(run: Mapping[str, float], m: int) -> float:
    return m * run["distance at T_2"]


Quantity = Callable[[Mapping[str, float], int], float]


def check_of(quantity: Quantity, name: str, alphas: tuple[float, ...]) -> Callable[[Formula], Check]:
    def check(stated: Formula) -> Check:
        def measure(context: Context) -> Measurement:
            found = []
            for m in (1000, 4000):
                for alpha in alphas:
                    for seed in context.draws(context.by_effort(2, 5, 15)):
                        context.progress(f"m = {m}, α = {alpha:g}, seed {seed}")
                        found.append(_compared(quantity, stated, m, alpha, seed))
            return Measurement(
                found, remark=f"tolerance {_SLACK}/m of the prediction, of each draw's own moments"
            )

        return simulation.compare(measure, quantity=name)

    return check


def _compared(quantity: Quantity, stated: Formula, m: int, alpha: float, seed: int) -> Comparison:
    label = f"m = {m}, α = {alpha:g}, seed {seed}"
    fine, coarse = (milestones(m, seed, "line", alpha, alpha / 2 - 0.25, True, rtol) for rtol in (1e-9, 1e-7))
    if fine is None or coarse is None:
        return Comparison(label, None, 0.0, 0.0, None)
    predicted = _predicted(stated, m, seed, alpha)
    value = quantity(fine, m)
    return Comparison(label, value, predicted, _SLACK / m * abs(predicted), abs(value - quantity(coarse, m)))


def witness_of(quantity: Quantity, name: str, alphas: tuple[float, ...]) -> Callable[[Formula], str | None]:
    def witness(changed: Formula) -> str | None:
        m = 400
        for alpha in alphas:
            value = quantity(second_route(m, 0, "line", alpha, alpha / 2 - 0.25, True), m)
            wrong = _predicted(changed, m, 0, alpha)
            if not abs(wrong - value) < 0.15 * abs(value):
                return (
                    f"m = {m}, α = {alpha:g}, seed 0: the generated drift gives {name} = {value:.5g}, "
                    f"the changed formula {wrong:.5g}"
                )
        return None

    return witness


_PROBE = (-0.33, 3.0, 15.0, 1.7, 1.8, 0.1)


def _add(
    id: str, title: str, where: str, statement: Printed, uses: tuple[str, ...], stated: Formula, quantity: Quantity,
    name: str, alphas: tuple[float, ...],
) -> None:  # fmt: skip
    check = check_of(quantity, name, alphas)
    paper.add(
        Claim(
            id=id,
            paper=paper.name,
            title=title,
            where=where,
            statement=statement,
            hypotheses=(LINE, rf"$\alpha \in \{{{', '.join(f'{a:g}' for a in alphas)}\}}$"),
            uses=uses,
            basis="derived",
            checks=(stated.checked(check),),
            mutants=formula_mutants(stated, check, witness_of(quantity, name, alphas), probe=_PROBE),
            expected=Verdict.SUPPORTED,
        )
    )


_add(
    "eq54",
    "Relative size of the gradient at the end of the descent, in the full network",
    "Corollary 3, equation (54), sharpened",
    EXCESS.printed(
        r"\frac{\lVert\nabla R\rVert}{\lVert\theta\rVert}(T_2) = \zeta + \frac1m\Bigl(", r"\Bigr) + O(m^{-2})"
    ),
    ("eq54.derived",),
    EXCESS,
    excess,
    "m (‖∇R‖/‖θ‖ − ζ) at T_2",
    (1.0,),
)

_add(
    "eq57",
    "Wasserstein distance at the end of the descent, in the full network",
    "Corollary 4, equation (57), its cubic part",
    DISTANCE.printed(r"m\,\frac{W_2(\{a_k\}, \{w_k\})}{\sqrt{\sum_k a_k^2/m}}(T_2) \;\to\; "),
    ("eq57.derived",),
    DISTANCE,
    distance,
    "m W₂/√(Σa²/m) at T_2",
    (1.5, 2.0),
)
