"""Leading terms at the milestones: (29), (35), (36), (40), (41), (44), (55), and (43) with its constant.

Each formula stands once, as SymPy. A symbolic claim compares it with what the theory derives; a simulation claim, with
the suffix ``.network``, with the full network at several widths and two α.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from theory import Asymptotics, width
from theory.asymptotics import alpha, gamma, zeta
from theory.descent_time import descent_time_variance, leading_descent_time, mean_descent_time
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import chosen
from verify.papers.multistage.descent_time import MEAN, SPREAD
from verify.papers.multistage.formula import Formula, formula_mutants
from verify.papers.multistage.milestone_runs import milestones, second_route
from verify.papers.multistage.notation import LEAD
from verify.papers.multistage.paper import paper
from verify.parameters import remembered
from verify.stating import expression_latex, named

second = sp.Symbol("T_2", positive=True)

START = (
    r"$a_k, w_k \sim N(0, m^{-2\alpha})$, $T_1 = \gamma\log m$ with $0 < \gamma < \alpha - \frac12$ (chosen)",
    r"$\lVert z\rVert = 1$; relative corrections $O(m^{-1/2}) + O(m^{-2\gamma}) + O(P(T_1))$",
)
DERIVED = (
    r"leading terms: means in the linear phase (23), then the reduced system solved exactly, $v = e^{2T_1}$",
    LEAD,
)


def places() -> tuple[tuple[float, float], ...]:
    """(α, γ), by default with γ = (α − ½)/2."""
    return tuple((alpha, chosen.gamma(alpha)) for alpha in (1.0, 1.5))


_GROWN = width ** (1 - 2 * alpha + 2 * gamma) / 2
_FALL = (1 - zeta**2) * gamma * sp.log(width) / (second - gamma * sp.log(width))


_PROBE = {"m": 1000.0, "alpha": 1.0, "gamma": 0.25, "zeta": 0.1, "T_2": 5.0}


@remembered
def derived(dim: int) -> Asymptotics:
    return Asymptotics(dim)


@dataclass(frozen=True)
class Leading:
    """One leading term: the stated formula, what the theory derives, and how the network measures it.

    Attributes
    ----------
    quantity:
        What the term leads, in LaTeX.
    quantities:
        Keys of `milestone_runs.milestones`, each compared with the formula.
    slack:
        The tolerance is slack/√m of the measured mean where γ is half of α − ½; see `tolerance`.
    """

    id: str
    title: str
    where: str
    stated: Formula
    derived: Callable[[], sp.Expr]
    quantity: str
    quantities: tuple[str, ...]
    slack: float
    data: str = "line"
    uses: tuple[str, ...] = ("eq23",)
    far: bool = False


def _values(stated: Formula, m: int, place: tuple[float, float], run: Mapping[str, float]) -> float:
    known = {
        "m": m,
        "alpha": place[0],
        "gamma": place[1],
        "zeta": float(chosen.zeta),
        "T_2": run.get("second", 0.0),
    }
    return float(stated(*(known[s.name] for s in stated.symbols)))


def network_check(leading: Leading) -> Callable[[Formula], Check]:
    def check(stated: Formula) -> Check:
        def measure(context: Context) -> Measurement:
            found = []
            count = context.by_effort(8, 16, 32)
            for m in context.by_effort((1000, 4000), (1000, 4000, 16000), (1000, 4000, 16000)):
                for place in places():
                    context.progress(f"m = {m}, α = {place[0]}")
                    found += _compared(leading, stated, m, place, context.draws(count))
            remark = f"mean over draws, tolerance {leading.slack / 2:g}(1/√m + next order) of it"
            return Measurement(found, remark=remark)

        return simulation.compare(measure, quantity=f"{leading.title}, {', '.join(leading.quantities)}")

    return check


def tolerance(m: int, alpha: float, gamma: float) -> float:
    """½(m^{−1/2} + the largest of m^{−1/2}, m^{−2γ} and m^{1−2α+2γ}), which are what leading terms leave out."""
    return float(0.5 * (m**-0.5 + max(m**-0.5, m ** (-2 * gamma), m ** (1 - 2 * alpha + 2 * gamma))))


def _compared(
    leading: Leading, stated: Formula, m: int, place: tuple[float, float], seeds: Sequence[int]
) -> list[Comparison]:
    listed = [milestones(m, seed, leading.data, *place, leading.far) for seed in seeds]
    done = [run for run in listed if run is not None]
    found = []
    for quantity in leading.quantities:
        label = f"{quantity}, m = {m}, α = {place[0]:g}, γ = {place[1]:g}"
        if len(done) < len(listed):
            found.append(Comparison(label, None, 0.0, 0.0, None))
            continue
        values = np.array([run[quantity] for run in done])
        predicted = np.array([_values(stated, m, place, run) for run in done])
        error = float((values - predicted).std(ddof=1)) / len(values) ** 0.5
        budget = leading.slack * tolerance(m, *place) * abs(float(values.mean()))
        found.append(Comparison(label, float(values.mean()), float(predicted.mean()), budget, error))
    return found


def network_witness(leading: Leading) -> Callable[[Formula], str | None]:
    def witness(changed: Formula) -> str | None:
        m = 400
        for place in places():
            run = second_route(m, 0, leading.data, *place, leading.far)
            wrong = _values(changed, m, place, run)
            for quantity in leading.quantities:
                value = run[quantity]
                if not abs(wrong - value) < 0.2 * abs(value):
                    return (
                        f"m = {m}, α = {place[0]:g}, seed 0: the generated drift gives {quantity} = {value:.5g}, "
                        f"the changed formula {wrong:.5g}"
                    )
        return None

    return witness


LEADING = (
    Leading(
        "eq35",
        "Norms and P at the end of the initial plateau",
        "Proposition 2, equation (35)",
        Formula(_GROWN, (width, alpha, gamma)),
        lambda: derived(1).squares.leading,
        r"\sum_k a_k^2,\ \sum_k (w_k^{(1)})^2,\ P",
        ("Σa²", "Σw²", "P"),
        3.0,
    ),
    Leading(
        "eq36",
        "How close Q is to P at the end of the initial plateau",
        "Proposition 2, equation (36)",
        Formula(2 * width ** (-4 * gamma), (width, gamma)),
        lambda: derived(1).imbalance.leading,
        r"\frac{Q - P}{P}",
        ("imbalance",),
        4.0,
        uses=("b1", "eq35"),
    ),
    Leading(
        "eq29",
        "Average decay rate of the risk on the initial plateau",
        "Theorem 1, equation (29)",
        Formula(_GROWN / (gamma * sp.log(width)), (width, alpha, gamma)),
        lambda: derived(1).first_decay.leading,
        r"\frac{R(0) - R(T_1)}{T_1}",
        ("decay",),
        3.0,
        uses=("eq35",),
    ),
    Leading(
        "eq40",
        "Coupling bound on the Wasserstein distance at the end of the initial plateau",
        "Corollary 1, equation (40)",
        Formula(2 * width ** (-2 * gamma), (width, gamma)),
        lambda: derived(1).coupling.leading,
        r"\sqrt{\frac{\sum_k (a_k - w_k^{(1)})^2}{\sum_k a_k^2}}",
        ("coupling",),
        3.0,
        uses=("b1", "eq35"),
    ),
    Leading(
        "eq41",
        "Condensation at the end of the initial plateau",
        "Corollary 2, equation (41)",
        Formula(2 * width ** (-2 * gamma), (width, gamma)),
        lambda: derived(2).across.leading,
        r"\frac{\sum_k \lVert w_k\rVert^2 - \sum_k (w_k^{(1)})^2}{\sum_k \lVert w_k\rVert^2}",
        ("across",),
        4.0,
        data="plane",
        uses=("eq23", "eq35"),
    ),
    Leading(
        "eq55",
        "Relative size of the gradient at the end of the initial plateau",
        "Corollary 3, equation (55)",
        Formula(_GROWN + width ** (-2 * gamma) / 2, (width, alpha, gamma)),
        lambda: derived(2).gradient_at_plateau.leading,
        r"1 - \frac{\lVert\nabla R\rVert}{\lVert\theta\rVert}",
        ("gradient",),
        3.0,
        data="plane",
        uses=("cor3.exact", "eq35", "eq41"),
    ),
    Leading(
        "eq44",
        "Decay rate of the risk on the descent over that on the plateau",
        "Theorem 2, equation (44)",
        Formula(_FALL * width ** (2 * alpha - 1 - 2 * gamma), (width, alpha, gamma, zeta, second)),
        lambda: derived(1).decay_ratio(second),
        r"\frac{(R(T_1) - R(T_2))/(T_2 - T_1)}{(R(0) - R(T_1))/T_1}",
        ("fall ratio",),
        4.0,
        uses=("eq29",),
        far=True,
    ),
)

for _leading in LEADING:
    paper.identity(
        _leading.id,
        {_leading.id: _leading.derived}[_leading.id],
        _leading.stated.expression,
        title=_leading.title + ", derived",
        where=_leading.where,
        hypotheses=(*START, *DERIVED, f"$d = {2 if _leading.data == 'plane' else 1}$"),
        uses=_leading.uses,
        basis="derived",
        statement=named(rf"\operatorname{{lead}}\Bigl[{_leading.quantity}\Bigr]"),
    )
    paper.add(
        Claim(
            id=f"{_leading.id}.network",
            paper=paper.name,
            title=_leading.title + ", in the full network",
            where=_leading.where,
            statement=_leading.stated.printed(rf"{_leading.quantity} \;\sim\; "),
            hypotheses=(
                r"full network, $\tanh$, "
                + (
                    r"$d = 2$, 200 points"
                    if _leading.data == "plane"
                    else r"$d = 1$, $n$ points, target $\sin x$"
                ),
                r"$\alpha = 1$ and $\frac32$, with $\gamma / (\alpha - \frac12)$ chosen",
                *START,
            ),
            uses=(_leading.id,),
            basis="derived",
            checks=(_leading.stated.checked(network_check(_leading)),),
            mutants=formula_mutants(
                _leading.stated,
                network_check(_leading),
                network_witness(_leading),
                probe=[_PROBE[symbol.name] for symbol in _leading.stated.symbols],
            ),
            expected=Verdict.SUPPORTED,
            shares="milestones",
        )
    )


def _named(expr: sp.Expr) -> sp.Expr:
    """The symbols of `descent_time`, for positive values."""
    known = {"alpha": alpha, "zeta": zeta, "m": width}
    changed = expr.xreplace({s: known[s.name] for s in expr.free_symbols})
    return sp.expand(sp.expand_log(sp.expand(changed), force=True))


paper.identity(
    "b2.derived",
    lambda: {"mean": mean_descent_time(), "variance": descent_time_variance().leading},
    lambda: {"mean": _named(MEAN.expression), "variance": _named(SPREAD.expression) ** 2},
    title="Mean and scatter of T₂, derived from the exact solution",
    where="Theorem 2, equation (43), sharpened",
    hypotheses=(
        r"reduced system from $a, w \sim N(0, m^{-2\alpha})$; $[\,\cdot\,]_1$: the formal expansion up to first order "
        r"in $A, B$ and in $1/m$, $\operatorname{lead}[\,\cdot\,]$: its leading term. That what is left out is of "
        "second order is not part of the check",
        r"$\mathbb{E}\log\chi^2_m$ and $\operatorname{Var}\log\chi^2_m$ by the expansions of $\psi$ and $\psi'$",
    ),
    uses=("b1", "b2", "b2.spread"),
    basis="derived",
    statement=named(
        r"\bigl[\mathbb{E}\,T_2\bigr]_1",
        r"\operatorname{lead}\bigl[\operatorname{Var} T_2\bigr]",
        printed=lambda expr: expression_latex(sp.powsimp(expr)),
    ),
)

paper.identity(
    "eq43",
    lambda: leading_descent_time().leading,
    lambda: sp.expand_log(sp.log(1 / (sp.sqrt(width) * width**-alpha)), force=True),
    title="T₂ to leading order, derived",
    where="Theorem 2, equations (2) and (43)",
    hypotheses=(
        *START,
        *DERIVED,
        r"on the right is $\log\frac{1}{\sqrt m\,\varepsilon}$ with $\varepsilon = m^{-\alpha}$",
    ),
    uses=("b2.derived",),
    basis="derived",
    statement=named(r"\operatorname{lead}[T_2]", printed=lambda expr: expression_latex(sp.factor(expr))),
)
