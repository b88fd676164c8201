"""What the full network does where a hypothesis is left out: α = ½, γ = α − ½, κ > 0."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import sympy as sp

from numerics.activation import activation
from numerics.milestones import descent_time, plateau_exit
from numerics.network import Network
from numerics.sampling import initial_weights
from numerics.simulate import simulate
from theory import width
from verify.checks import simulation
from verify.checks.simulation import Comparison
from verify.claim import Check, Claim, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import chosen, runs
from verify.papers.multistage.formula import Formula
from verify.papers.multistage.grid import GridLaw, add_grid
from verify.papers.multistage.grid_runs import Setting
from verify.papers.multistage.laws_plateau import power
from verify.papers.multistage.limit_model import limit_values
from verify.papers.multistage.paper import paper
from verify.parameters import remembered

SOURCE = "necessity_runs.py"


EDGE = Formula(sp.Rational(1, 3) + 0 * width, (width,))
"""P at γ log m with γ = α − ½: the logistic curve (20) from ½m^{1−2α}, grown by m^{2α−1}, P/(1 − P) = ½."""


def _edge_witness(changed: Formula) -> str | None:
    right = limit_values(1e8, 1.5, 1.0, 1, float(chosen.zeta))["P"]
    wrong = float(changed(1e8))
    if not abs(wrong - right) < 0.01:
        return f"m = 10⁸, α = 1.5, γ = 1: the infinitely wide reduced descent has P = {right:.4f}, not {wrong:.4g}"
    return None


add_grid(
    GridLaw(
        "thm1.edge",
        "At γ = α − ½ the plateau is over: P is a third, whatever the width",
        "Theorem 1, γ < α − ½ left out",
        r"P(\gamma\log m) \;\to\; ",
        "P",
        EDGE,
        1.5,
        lambda s, m: 2 * power(m, 1 - 2 * s.alpha) * math.log(m) + 10 / m,
        r"2m^{1-2\alpha}\log m + 10/m",
        uses=("eq20", "eq35"),
        hypotheses=(r"$\gamma = \alpha - \frac12$: (27) to (29) would say $P(T_1) \to 0$",),
        rows=(
            Setting(1.0, "tanh", "points", 0.5),
            Setting(1.5, "sin", "uniform", 1.0),
            Setting(1.0, "arctan", "cloud", 0.5),
        ),
        by_hand=(
            ("ten times less", sp.Rational(1, 30) + 0 * width),
            ("one half, as e^{2T_1} P(0) says", sp.Rational(1, 2) + 0 * width),
            ("ten per cent more", sp.Rational(11, 30) + 0 * width),
            ("ten per cent less", sp.Rational(3, 10) + 0 * width),
            ("falling like 1/log m", 1 / sp.log(width)),
        ),
        witness=_edge_witness,
    ),
    SOURCE,
)


@remembered
def _half(m: int, seed: int) -> float | None:
    """T_2 at α = ½, target sin x."""
    start = initial_weights(seed, m, 1, float(m) ** -0.5)
    run = simulate(Network(activation("tanh"), runs.dataset("line")), start, 8.0, rtol=1e-8)
    return descent_time(run, float(chosen.zeta)) if run.status == "ok" else None


def half_check(slope: float) -> Check:
    """T_2 at α = ½ is the number of the limit plus ``slope`` log m."""

    def measure(context: Context) -> list[Comparison]:
        found = []
        limit = limit_values(1e8, 0.5, 0.01, 1, float(chosen.zeta))["T_2"]
        for m in (1000, 10_000):
            count = context.by_effort(8, 24, 80)
            context.progress(f"m = {m}")
            values = [_half(m, seed) for seed in context.draws(count)]
            known = [value for value in values if value is not None]
            mean = float(np.mean(known)) if len(known) == count else None
            error = float(np.std(known, ddof=1)) / math.sqrt(count) if len(known) > 1 else None
            # A draw's P(0) scatters by 1/√m and is not small here; the mean is off by its square and the cubic 1/m.
            found.append(
                Comparison(f"mean T₂, m = {m}", mean, limit + slope * math.log(m), 6 / math.sqrt(m), error)
            )
        return found

    return simulation.compare(measure, quantity="T₂ at α = ½")


def _half_witness(slope: float) -> Callable[[], str | None]:
    """sinh 2s = 1 − ζ and ds = (1 − P) dt, by Simpson's rule: no log m in it."""

    def witness() -> str | None:
        end = math.asinh(1 - float(chosen.zeta)) / 2
        s = np.linspace(0.0, end, 20001)
        values = 1 / (1 - np.sinh(2 * s))
        h = s[1] - s[0]
        time = float(h / 3 * (values[0] + values[-1] + 4 * values[1:-1:2].sum() + 2 * values[2:-1:2].sum()))
        if abs(slope) * math.log(1e8) > 0.1:
            return f"for any m the limit takes {time:.4f}, and not {slope:g} log m more"
        return None

    return witness


paper.add(
    Claim(
        id="thm2.half",
        paper=paper.name,
        title="At α = ½ the descent begins at once: T₂ tends to a number",
        where="Theorems 1 and 2, α > ½ left out",
        statement=(
            r"\alpha = \tfrac12:\quad T_2 \to \int_0^{s_2} \frac{ds}{1 - \sinh 2s},\; \sinh 2s_2 = 1 - \zeta,"
            r"\quad\text{and no plateau comes before it}"
        ),
        hypotheses=(
            r"full network, $\tanh$, $d = 1$, equidistant points, target $\sin x$; $m = 10^3, 10^4$, mean over draws",
        ),
        uses=("b1",),
        basis="derived",
        checks=(half_check(0.0),),
        mutants=lambda: [
            Mutant(f"slope-{i}", f"{slope:g} log m added", rf"T_2 \sim {slope:g}\log m", half_check(slope).run,
                   _half_witness(slope))
            for i, slope in enumerate((0.05, 0.25, -0.1), 1)
        ],
        expected=Verdict.SUPPORTED,
    )
)  # fmt: skip


def exit_check(slow_time: float) -> Check:
    """The loss is halved before T_2 + slow_time · m: to be refuted where κ > 0."""

    def measure(context: Context) -> list[Comparison]:
        found = []
        for m in (50, 100):
            context.progress(f"m = {m}")
            start = runs.initial(m, context.seed, 1)
            network = Network(activation("tanh"), runs.dataset("rising line"))
            run = simulate(network, start, slow_time * m + 15, rtol=1e-7)
            left = plateau_exit(run, float(chosen.zeta))
            happened = 0.0 if left is None or left.loss_halves is None else 1.0
            label = f"loss halved by τ = {slow_time:g}, m = {m}"
            found.append(
                Comparison(
                    label, happened if run.status == "ok" and left is not None else None, 1.0, 0.5, 0.0
                )
            )
        return found

    return simulation.compare(measure, quantity="exits from the secondary plateau, κ > 0")


paper.add(
    Claim(
        id="b4.exit.positive",
        paper=paper.name,
        title="Control: the secondary plateau ends within O(m) for κ > 0 as well",
        where="Theorem 3, section 6.2, beyond the paper",
        statement=r"\kappa > 0:\quad R(T_2 + 20m) \le \tfrac12 R(T_2 + \log m)",
        hypotheses=(
            r"full network, $\tanh$, $\alpha = 1$, target $x + 0.3x^3$, $m = 50, 100$, to $\tau = 20$",
        ),
        uses=("b4.bounded", "b4.stays"),
        basis="derived",
        checks=(exit_check(20.0),),
        expected=Verdict.REFUTED,
        expected_reason="The sentence is false on purpose: for κ > 0 no neuron runs away, and the plateau has no end.",
    )
)
