"""Lemma 1 with its constants as numbers, proved for whole boxes of weights of small networks on a given data set.

With a_j = qα_j and w_j = qω_j both sides have the factor q³, which is divided out before balls are put in: with
δ(u) = u³H(u) and δ'(u) = u²K(u) what is left is regular at q = 0 and at u = 0, where H = σ'''/6 and K = σ'''/2 at some
point between 0 and u. So the box may hold the weights zero, where both sides of the lemma vanish.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import sympy as sp

from theory.estimates import D, F, L, q
from theory.symbols import width as m
from verify.checks.enclosure_steps import Steps, in_balls, settled, step
from verify.checks.guard import guarded
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.multistage.estimates import BOUND, NORMS, ratio
from verify.papers.multistage.paper import paper
from verify.papers.multistage.remainder_search import SLOPES, Case
from verify.stating import implication, printed_from

if TYPE_CHECKING:
    from flint import arb

    from numerics.balls.subdivision import Box, Decision, Point

BITS = 64
_CELLS = 1024  # to a unit of u
BUDGET = {"quick": 6_000, "standard": 60_000, "deep": 400_000}
SAMPLES = tuple((Fraction(x, 2), Fraction(y, 4)) for x, y in ((-3, -4), (-1, -2), (1, 2), (3, 4)))
"""x and y: D = 3/2, F = 3/4."""


@dataclass(frozen=True)
class Setting:
    """All networks of this activation and width with max(|a|, |w|) up to ``reach``."""

    activation: str
    width: int
    reach: Fraction

    @property
    def box(self) -> Box:
        """q, then α and ω of each neuron."""
        unit = (Fraction(-1), Fraction(1))
        return ((Fraction(0), self.reach), *(unit,) * (2 * self.width))

    def __str__(self) -> str:
        return f"{self.activation}, m = {self.width}, |a|, |w| ≤ {self.reach}"


_NAMES = ("tanh", "arctan", "sin", "gd", "erf", "rational")
QUICK = tuple(Setting(name, width, Fraction(reach)) for name in _NAMES for width, reach in ((1, 4), (2, 1)))
LONGER = (*QUICK, Setting("tanh", 2, Fraction(2)))


class Bounded:
    """|f_k|/q³ and |g_k|/q³ over a box, and the bound over q³."""

    def __init__(self, setting: Setting, bound: sp.Expr) -> None:
        from flint import arb

        from numerics.balls.subdivision import ball

        slope = SLOPES[setting.activation]
        constant = arb.pi() / 4 if slope is None else ball(slope)
        reach = ball(max(abs(x) for x, _ in SAMPLES))
        mean = ball(sum((abs(y) for _, y in SAMPLES), Fraction(0)) / len(SAMPLES))
        self.samples = [(ball(x), ball(y)) for x, y in SAMPLES]
        self.values = {L: constant, D: reach, F: mean, m: arb(setting.width)}
        self.thirds = _thirds(setting.activation, setting.reach * max(abs(x) for x, _ in SAMPLES))
        self.terms = sp.Add.make_args(sp.expand(bound / q**3))

    def bound(self, size: arb) -> arb:
        """The bound over q³, a sum of powers of q and of the constants."""
        from flint import arb, fmpq

        total = arb(0)
        for term in self.terms:
            product = arb(1)
            for factor, power in term.as_powers_dict().items():
                if factor.is_Rational:
                    value = arb(fmpq(int(factor.p), int(factor.q)))
                else:
                    value = size if factor == q else self.values[factor]
                raised = value ** abs(int(power))
                product = product * (raised if power > 0 else 1 / raised)
            total = total + product
        return total

    def quotients(self, u: arb) -> tuple[arb, arb]:
        """H(u) = δ(u)/u³ and K(u) = δ'(u)/u²: a sixth and half of σ's third derivative between 0 and u."""
        from flint import arb

        cell = int(float((abs(u).upper() * _CELLS).ceil()))
        if cell > len(self.thirds):
            return arb("nan"), arb("nan")
        third = self.thirds[max(cell - 1, 0)]
        return third, third * 3

    def sides(self, box: Sequence[arb]) -> list[tuple[arb, arb]]:
        """For each neuron |f_k|/q³ and |g_k|/q³."""
        from flint import arb

        size, weights = box[0], list(zip(box[1::2], box[2::2], strict=True))
        square, count = size * size, len(self.samples)
        f = [arb(0)] * len(weights)
        g = [arb(0)] * len(weights)
        for x, y in self.samples:
            inner = [omega * x for _, omega in weights]
            known = [self.quotients(size * u) for u in inner]
            # Products in place of powers: a power of a ball with centre 0 is not finite in python-flint.
            output, bent = -y, arb(0)
            for (alpha, _), u, (H, _) in zip(weights, inner, known, strict=True):
                output = output + square * alpha * u * (1 + square * u * u * H)
                bent = bent + alpha * u * u * u * H
            for k, ((alpha, _), u, (H, K)) in enumerate(zip(weights, inner, known, strict=True)):
                f[k] = f[k] + output * u * u * u * H + square * bent * u
                g[k] = g[k] + alpha * x * (output * u * u * K + square * bent)
        return [(abs(one) / count, abs(other) / count) for one, other in zip(f, g, strict=True)]


@cache
def _thirds(name: str, reach: Fraction) -> list[arb]:
    """A sixth of σ's third derivative over [0, (i + 1)/cells] for each i; it is even, because σ is odd.

    At the precision that is set.
    """
    from flint import arb_series

    from numerics.balls.from_formula import ball_activation
    from numerics.balls.subdivision import ball

    series = ball_activation(name).series
    found: list[arb] = []
    # Products of balls reach beyond the product of their ends.
    for i in range(math.ceil(reach * _CELLS * 5 / 4) + 1):
        cell = ball(Fraction(i, _CELLS), Fraction(i + 1, _CELLS))
        third = series(arb_series([cell, 1], 4))[0][3]
        found.append(third.union(found[-1]) if found else third)
    return found


def decide(setting: Setting, bound: sp.Expr, budget: int) -> Decision:
    """Prove the bound for the setting's box, or find a network that breaks it."""
    from numerics.balls.subdivision import Answer, ball
    from numerics.balls.subdivision import decide as subdivide
    from numerics.precision import working_precision

    with working_precision(BITS):
        sides = Bounded(setting, bound)

        def judge(box: Box) -> Answer:
            balls = [ball(low, high) for low, high in box]
            largest = sides.bound(balls[0])
            found = [side for pair in sides.sides(balls) for side in pair]
            return Answer.HOLDS if all(side <= largest for side in found) else Answer.OPEN

        def refutes(point: Point) -> bool:
            # The q of the lemma is the largest weight itself.
            weights = [point[0] * part for part in point[1:]]
            size = max(abs(part) for part in weights)
            if size == 0:
                return False
            balls = [ball(size), *(ball(part / size) for part in weights)]
            largest = sides.bound(balls[0])
            return any(side > largest for pair in sides.sides(balls) for side in pair)

        return subdivide(setting.box, judge, refutes, budget=budget)


_f, _g = sp.symbols("f_k g_k", real=True)


def stated(bound: sp.Expr) -> tuple[Any, ...]:
    """max(|f_k|, |g_k|) ≤ bound."""
    return sp.Le(sp.Max(sp.Abs(_f), sp.Abs(_g)), bound, evaluate=False), {}, ()


def over_boxes(of_bound: sp.Expr) -> Check:
    """The bound for every setting of the effort."""

    @guarded("enclosure")
    def run(context: Context) -> Evidence:
        from numerics.balls.subdivision import Status

        bound = stated(of_bound)[0].rhs
        rows: list[list[Any]] = []
        of = "Lemma 1 with these constants"
        for setting in QUICK if context.effort == "quick" else LONGER:
            context.progress(str(setting))
            found = decide(setting, bound, BUDGET[context.effort])
            rows.append([setting.activation, setting.width, str(setting.reach), found.boxes])
            data: dict[str, Any] = {
                "table": {"columns": ["activation", "m", "weights up to", "boxes"], "rows": rows}
            }
            if found.status is Status.REFUTED:
                assert found.point is not None
                shown = ", ".join(str(part) for part in network_at(found.point))
                detail = f"{of}: false for {setting} at a, w = {shown}."
                return Evidence(Verdict.REFUTED, "enclosure", detail, data)
            if found.status is not Status.PROVED:
                detail = f"{of}: {setting}: {found.reason}."
                return Evidence(Verdict.UNDECIDED, "enclosure", detail, {**data, "not_confirmed": True})
        boxes = sum(row[3] for row in rows)
        detail = f"{of}: proved for {len(rows)} sets of networks, {boxes} boxes in all."
        data["derivation"] = [*_told(bound), settled(boxes)]
        return Evidence(Verdict.PROVED, "enclosure", detail, data)

    return Check("enclosure", run, partial(stated, of_bound))


def _told(bound: sp.Expr) -> Steps:
    return [
        step(
            "With $a_j = q\\alpha_j$, $w_j = q\\omega_j$ and $v_j = \\omega_j x$ both sides have the factor $q^3$, "
            "which is divided out. The sums are over the four data, and $r$ is the residual at each.",
            r"\begin{aligned} \frac{f_k}{q^3} &= \frac14 \sum_{(x, y)} \Bigl( r\,v_k^3 H(q v_k) + "
            r"q^2 v_k \sum_j \alpha_j v_j^3 H(q v_j) \Bigr) \\ \frac{g_k}{q^3} &= \frac{\alpha_k}{4} \sum_{(x, y)} "
            r"x\,\Bigl(r\,v_k^2 K(q v_k) + q^2 \sum_j \alpha_j v_j^3 H(q v_j)\Bigr) \\ "
            r"r &= q^2 \sum_j \alpha_j v_j \bigl(1 + q^2 v_j^2 H(q v_j)\bigr) - y \end{aligned}",
        ),
        step(
            "$H$ and $K$ are what is left of $\\delta$ and $\\delta'$. By Taylor's theorem they are values of the "
            f"third derivative between 0 and $u$, for which balls are made on {_CELLS} cells to a unit of $u$.",
            r"H(u) = \frac{\delta(u)}{u^3} = \frac{\sigma'''(\xi)}{6}, \qquad "
            r"K(u) = \frac{\delta'(u)}{u^2} = \frac{\sigma'''(\xi')}{2}",
        ),
        step("The right-hand side, over $q^3$.", str(sp.latex(sp.expand(bound / q**3)))),
        step(
            "The set, for each activation: every network with weights up to the table's reach, a box with the weights "
            "zero in it.",
            r"q \in [0, \text{reach}], \quad \alpha_j, \omega_j \in [-1, 1]",
        ),
        step(
            f"Both sides are evaluated over parts of the box, {in_balls(BITS)}. A part is settled when the ball of "
            r"every $|f_k|/q^3$ and $|g_k|/q^3$ lies below that of the right-hand side; one that is not is cut in two."
        ),
    ]


def network_at(point: Point) -> list[Fraction]:
    """The weights a_1, w_1, … of a point of the box."""
    return [point[0] * part for part in point[1:]]


@cache
def witness(bound: sp.Expr) -> str | None:
    """A network on these data that breaks the bound, by mpmath from the definitions of f_k and g_k."""
    samples = tuple(((x,), y) for x, y in SAMPLES)
    for name in ("tanh", "arctan", "sin", "rational"):
        for size in (Fraction(1, 100), Fraction(1, 2), Fraction(1)):
            for sign in (1, -1):
                case = Case(name, Fraction(0), ((sign * size, (size,)),), samples)
                found = ratio(case, bound)
                if found > 1 + 1e-12:
                    return f"{name}, a = {sign * size}, w = {size}: {found:.4g} times the stated bound"
    return None


def _mutants() -> Sequence[Mutant]:
    first, second, third = L * D**3 * F * q**3, m * L * D**4 * q**5, m * L**2 * D**6 * q**7
    listed: list[tuple[str, str, sp.Expr]] = [
        ("first-dropped", "first term dropped", 2 * second + third),
        ("power-of-q", "q³ raised to q⁴ in the first term", q * first + 2 * second + third),
        ("constant-small", "all three terms divided by 3", BOUND / 3),
        ("second-third-dropped", "only a third of the first term left", first / 3),
    ]

    return [
        Mutant(
            name, words, implication()(*stated(changed)), over_boxes(changed).run, partial(witness, changed)
        )
        for name, words, changed in listed
    ]


_boxes = over_boxes(BOUND)
paper.checked(
    "lem1.box",
    _boxes,
    title="Lemma 1 holds with its explicit constants on whole boxes of weights",
    where="Section 3.2, Lemma 1, equation (12)",
    statement=printed_from(_boxes),
    hypotheses=(
        *NORMS,
        r"$d = 1$, data $(\pm\tfrac12, \pm\tfrac12), (\pm\tfrac32, \pm 1)$ with equal weights, so that "
        r"$D = \tfrac32$, $F = \tfrac34$",
        r"$L$: 1 for tanh and arctan, $\tfrac12$ for sin and gd, $\tfrac32$ for $u/\sqrt{1+u^2}$, $\pi/4$ for erf",
        r"every network with $m = 1$ and $|a|, |w| \le 4$, or $m = 2$ and $|a_k|, |w_k| \le 1$; beyond quick effort "
        r"also tanh with $m = 2$ up to 2",
    ),
    uses=("eq8", "eq9"),
    basis="derived",
    mutants=_mutants,
)
