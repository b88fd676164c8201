"""One asymptotic law over a grid of α, dimension, activation and data, with a verdict for each row.

A row holds one setting at widths over three decades. At each width the mean over draws of measured/predicted is to be
1 up to the law's own next order, which is written down with its constant, and a fluctuation of O(m^{−1/2}). Where the
next order is not yet small at the widest network, the range is too short and the row is undecided. The claim has
support only where every row has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from numerics.scaling import fit_power
from theory import width
from theory.asymptotics import alpha, gamma, zeta
from verify.checks.guard import guarded
from verify.claim import Check, Claim, Mutant, no_mutants
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.multistage import chosen
from verify.papers.multistage.formula import Formula
from verify.papers.multistage.grid_rows import Point, Row, judged
from verify.papers.multistage.grid_runs import WHOLE, Measured, Setting, measured, moments
from verify.papers.multistage.limit_model import limit_values
from verify.papers.multistage.paper import paper

dim = sp.Symbol("d", positive=True)

QUICK = (
    Setting(0.75, "tanh", "points"),
    Setting(1.0, "sin", "uniform"),
    Setting(1.5, "gd", "rising"),
    Setting(2.0, "arctan", "few"),
    Setting(1.0, "rational", "points"),
    Setting(1.0, "tanh", "cloud"),
    Setting(1.5, "erf", "cube"),
    Setting(2.0, "arctan", "cloud"),
    Setting(0.75, "erf", "plane"),
    Setting(1.0, "sin", "square"),
    Setting(1.5, "gd", "plane"),
    Setting(2.0, "rational", "square"),
)
_STANDARD = (
    ("tanh", "points"),
    ("sin", "uniform"),
    ("arctan", "cloud"),
    ("erf", "cube"),
    ("gd", "square"),
    ("tanh", "plane"),
)
_DEEP = (*_STANDARD, ("rational", "rising"), ("gd", "few"))
ALPHAS = (0.75, 1.0, 1.5, 2.0)

WIDTHS = (1_000, 10_000, 100_000, 1_000_000)

TOO_COARSE = 0.08
"""Largest tolerance at the widest network with which a row still says something."""

GRID = (
    rf"$\alpha \in \{{{', '.join(f'{a:g}' for a in ALPHAS)}\}}$, $\gamma$ a share of $\alpha - \frac12$ (chosen), "
    r"$m$ from $10^3$ to $10^6$; all neurons up to $10^4$ ($d = 1$), 4000 ($d = 2$) or 2000 ($d = 3$), above a "
    r"quadrature of the draw; beyond quick effort one draw of $10^4$ neurons with all of them in every row",
    r"tanh, arctan, sin, erf, Gudermannian, $u/\sqrt{1+u^2}$; $d = 1, 2, 3$; empirical measures of 6 to 120 points and "
    "uniform densities; the rows of the table",
)


def settings(effort: str) -> tuple[Setting, ...]:
    """The rows of the grid, without repetition."""
    more = {"quick": (), "standard": _STANDARD, "deep": _DEEP}[effort]
    return tuple(dict.fromkeys([*QUICK, *(Setting(a, *pair) for pair in more for a in ALPHAS)]))


def widths(effort: str, dimension: int) -> tuple[int, ...]:
    """10⁶ neurons in three dimensions take a second a draw: not at quick effort."""
    return WIDTHS[:3] if effort == "quick" and dimension > 2 else WIDTHS


def draws(context: Context, m: int) -> range:
    """Seeds: more of them where a draw scatters more, fewer where it takes long; never one alone, whose error of two
    standard deviations would leave one true law in twenty undecided."""
    count = {
        1_000: context.by_effort(3, 8, 32),
        10_000: context.by_effort(3, 4, 16),
        100_000: context.by_effort(2, 3, 8),
        1_000_000: context.by_effort(2, 2, 4),
    }[m]
    return context.draws(count)


Known = Mapping[str, float]
Sized = Callable[[Setting, int], float]


@dataclass(frozen=True)
class GridLaw:
    """One law of the paper and how its grid is judged.

    Attributes
    ----------
    quantity:
        Key of `grid_runs.Measured`.
    stated:
        Leading term; its symbols are m, alpha, gamma, zeta, d, T_2, the moments of `grid_runs.moments`, those of the
        draw, and what ``more`` gives.
    scatter:
        Relative standard deviation of one draw times √m: four of it over √m are allowed.
    next_order:
        What else measured/predicted may differ from 1 by, at a setting and a width, and in words.
    coarse:
        Largest tolerance at the widest network that still decides.
    fits, rows:
        Which settings and widths the law speaks of; its own settings in place of those of the effort.
    more_rows:
        Settings beside its own beyond quick effort.
    measure:
        The run of a setting, a width and a seed, with all neurons or as few as will do.
    more:
        Further numbers for the law's symbols, from those that are known.
    shares:
        Which laws look at the same runs, as for a claim.
    by_hand, changes, witness:
        False versions in place of the usual ones or beside them, and how they are shown false.
    """

    id: str
    title: str
    where: str
    statement: str
    quantity: str
    stated: Formula
    scatter: float
    next_order: Sized
    next_words: str
    uses: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()
    coarse: float = TOO_COARSE
    fits: Callable[[Setting, int], bool] = lambda setting, m: True
    more: Callable[[Setting, Known], Known] | None = None
    by_hand: tuple[tuple[str, sp.Expr], ...] = ()
    changes: tuple[tuple[str, sp.Expr], ...] = ()
    witness: Callable[[Formula], str | None] | None = None
    rows: tuple[Setting, ...] | None = None
    more_rows: tuple[Setting, ...] = ()
    measure: Callable[[Setting, int, int, bool], Measured | None] = measured
    shares: str = "grid"


def known(law: GridLaw, setting: Setting, m: int, values: Known) -> Known:
    """Numbers for the symbols of the law."""
    found = {
        **moments(setting),
        **values,
        "m": float(m),
        "alpha": setting.alpha,
        "gamma": setting.first,
        "zeta": float(chosen.zeta),
    }
    return {**found, **law.more(setting, found)} if law.more else found


def predicted(stated: Formula, numbers: Known) -> float:
    return float(stated(*(numbers[symbol.name] for symbol in stated.symbols)))


def row(law: GridLaw, stated: Formula, setting: Setting, context: Context) -> Row:
    """Measure one setting at every width that the law speaks of."""
    points, all_widths, all_ratios, missing = [], [], [], False
    for m in widths(context.effort, setting.dim):
        if not law.fits(setting, m):
            continue
        context.progress(f"α = {setting.alpha:g}, {setting.activation}, {setting.data}, m = {m}")
        ratios, errors, values = [], [], []
        for seed in draws(context, m):
            whole = context.effort != "quick" and seed == context.seed and m <= WHOLE[1]
            run = law.measure(setting, m, seed, whole)
            if run is None:
                missing = True
                continue
            expected = predicted(stated, known(law, setting, m, run.values))
            values.append(expected)
            ratios.append(run.values[law.quantity] / expected)
            errors.append(run.errors[law.quantity] / abs(expected))
        if not ratios or not all(map(math.isfinite, ratios)):
            missing = True
            continue
        usual = law.scatter / math.sqrt(m)
        # The spread of two draws is no estimate of a standard deviation.
        spread = float(np.std(ratios, ddof=1)) if len(ratios) > 2 else usual
        error = 2 * max(spread, usual / 2) / math.sqrt(len(ratios)) + float(np.mean(errors))
        points.append(Point(m, tuple(ratios), error, 4 * usual + law.next_order(setting, m), values[0]))
        all_widths += [m] * len(ratios)
        all_ratios += ratios
    exponent, excess = 0.0, (math.nan, math.nan)
    if len(points) > 1:
        exponent = math.log(abs(points[-1].value / points[0].value)) / math.log(points[-1].m / points[0].m)
    if len(points) > 2 and all(ratio > 0 for ratio in all_ratios):
        excess = fit_power(all_widths, all_ratios, weights=all_widths).exponent_interval
    return Row(setting, tuple(points), exponent, excess, missing)


def grid_check(law: GridLaw, rows: Sequence[Setting] | None = None) -> Callable[[Formula], Check]:
    """The law over the grid; ``rows`` in place of the settings of the effort."""

    def check(stated: Formula) -> Check:
        @guarded("scaling")
        def run(context: Context) -> Evidence:
            usable = settings(context.effort) if rows is None else rows
            if context.effort != "quick":
                usable = tuple(dict.fromkeys([*usable, *law.more_rows]))
            wide = [s for s in usable if sum(law.fits(s, m) for m in widths(context.effort, s.dim)) >= 3]
            return judged([row(law, stated, setting, context) for setting in wide], law.quantity, law.coarse)

        return Check("scaling", run)

    return check


_TENTH = sp.Rational(1, 10)


def changed_laws(law: GridLaw) -> list[tuple[str, sp.Expr]]:
    """False versions: wrong exponent, constant off by 10 %, the law's own, or only those ``by_hand``."""
    if law.by_hand:
        return list(law.by_hand)
    right = law.stated.expression
    return [
        ("constant 10 % larger", right * (1 + _TENTH)),
        ("constant 10 % smaller", right * (1 - _TENTH)),
        ("exponent of m larger by 1/10", right * width**_TENTH),
        ("exponent of m smaller by 1/10", right * width**-_TENTH),
        *law.changes,
    ]


_FAR = 1e8
_PLACE = (1.5, 0.5)


def limit_witness(law: GridLaw) -> Callable[[Formula], str | None]:
    """The infinitely wide reduced descent, far out, is not what the changed law says."""
    if law.witness is not None:
        return law.witness

    def witness(changed: Formula) -> str | None:
        for d in (1, 3):
            if not any(law.fits(s, WIDTHS[-1]) for s in QUICK if s.dim == d):
                continue
            values = limit_values(_FAR, *_PLACE, d, float(chosen.zeta))
            numbers = {
                **values,
                "m": _FAR,
                "alpha": _PLACE[0],
                "gamma": _PLACE[1],
                "zeta": float(chosen.zeta),
                "d": float(d),
            }
            wrong, right = predicted(changed, numbers), values[law.quantity]
            # What the limit leaves out is below a thousandth there, the O(P) of a leading term below 10⁻⁸.
            if not abs(wrong / right - 1) < 0.01 + (law.coarse if law.coarse > TOO_COARSE else 0.0):
                return (
                    f"d = {d}, α = {_PLACE[0]:g}, γ = {_PLACE[1]:g}, m = 10⁸: the infinitely wide reduced descent has "
                    f"{law.quantity} = {right:.4g}, the changed law {wrong:.4g}"
                )
        return None

    return witness


def add_grid(law: GridLaw, source: str, expected: Verdict = Verdict.SUPPORTED, reason: str = "") -> Claim:
    """The claim ``<id>.grid``; ``source`` is the file that states it. A sentence expected to fail has no mutants."""
    check, witness = grid_check(law, law.rows), limit_witness(law)

    def mutants() -> Sequence[Mutant]:
        made = [(words, Formula(expr, law.stated.symbols)) for words, expr in changed_laws(law)]
        return [
            Mutant(
                f"wrong-{number}",
                words,
                law.statement + str(sp.latex(sp.powsimp(changed.expression))),
                check(changed).run,
                lambda changed=changed: witness(changed),  # type: ignore[misc]
            )
            for number, (words, changed) in enumerate(made, 1)
        ]

    claim = Claim(
        id=f"{law.id}.grid",
        paper=paper.name,
        title=law.title + ", over a grid",
        where=law.where,
        statement=law.stated.printed(law.statement),
        hypotheses=(
            *GRID,
            *law.hypotheses,
            rf"measured/stated is to be $1$ up to ${law.next_words}$ and {4 * law.scatter:.3g}$/\sqrt m$ (chosen)",
        ),
        uses=law.uses,
        basis="derived",
        checks=(law.stated.checked(check),),
        mutants=mutants if expected is Verdict.SUPPORTED else no_mutants,
        expected=expected,
        expected_reason=reason,
        shares=law.shares,
        source=f"verify/papers/multistage/{source}",
    )
    paper.add(claim)
    return claim


__all__ = ["GRID", "GridLaw", "add_grid", "alpha", "dim", "gamma", "grid_check", "width", "zeta"]
