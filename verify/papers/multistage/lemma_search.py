"""Lemma 2 and Propositions 3 to 5 and 7 on exact whole networks, searched towards a violation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import sqrt
from typing import TYPE_CHECKING, Any

from verify.checks import search
from verify.claim import Check, Mutant
from verify.papers.multistage.paper import paper

if TYPE_CHECKING:
    from verify.networks import Network

EXACT = (
    r"whole networks under Assumptions 1 to 3 with $z = e_1$, in fractions: $d = 2, 3$, $m \le 4$, activations "
    r"$u$, $u + cu^3$ and $u/(1 + cu^2)$, weights of each stage and of any size",
)
H = r"$H = 2\sqrt{mQ}\,\max_k\max(|f_k|, |g_k^{(1)}|)$, $V_2 = \sum_{i\ge2}V_i^2$"

#: Cases to draw, by effort: an exact network costs about a millisecond.
CASES = {"quick": 120, "standard": 1_500, "deep": 15_000}


@dataclass(frozen=True)
class Gap:
    """A claimed bound at one network: left ≤ plain + √(squared), all exact."""

    left: Fraction
    plain: Fraction
    squared: Fraction

    @property
    def holds(self) -> bool:
        over = self.left - self.plain
        return over <= 0 or over * over <= self.squared

    @property
    def share(self) -> float:
        """left over right: 1 is a violation. Far below where the left side is negative."""
        right = float(self.plain) + sqrt(float(self.squared))
        return float(self.left) / right if right > 0 else float("nan")


Bounds = Callable[["Network"], Sequence[Gap]]


def cases() -> Any:
    """Networks of every stage, in two and three dimensions."""
    from hypothesis import strategies as st

    from verify.strategies import STAGES, networks

    # In three dimensions a symmetric measure has up to 64 points, which is slow in fractions.
    drawn = [networks(stage, 2) for stage in (None, *STAGES)]
    return st.one_of(networks(None, 2, width=(1, 1)), *drawn, networks(None, 3, width=(1, 2)))


def check(bounds: Bounds) -> Check:
    """No network breaks one of the bounds; the search climbs towards the largest share."""

    def towards(case: Network) -> float:
        shares = [gap.share for gap in bounds(case)]
        return max((share for share in shares if share == share), default=float("nan"))

    return search.property(
        cases, lambda case: all(gap.holds for gap in bounds(case)), cases=CASES, towards=towards
    )


def _largest_remainder(network: Network) -> Fraction:
    return max(max(abs(f), abs(g[0])) for f, g in network.remainders)


def growth(network: Network, width: bool = True, damped: bool = True) -> list[Gap]:
    """Lemma 2: ½ dV_i²/dt + S_i² ≤ V_i √m max_j |g_j^(i)|."""
    found = []
    for i in range(2, network.data.dim + 1):
        largest = max(abs(g[i - 1]) for _, g in network.remainders)
        left = network.rate_of_V2(i) + (network.S(i) ** 2 if damped else -(network.S(i) ** 2))
        # Both signs: the identity before (22) says that what is left is Σ_j w_j g_j.
        for side in (left, -left):
            found.append(Gap(side, Fraction(0), network.V2(i) * largest**2 * (network.width if width else 1)))
    return found


def monotone(network: Network, across: Fraction = Fraction(1), rest: Fraction = Fraction(4)) -> list[Gap]:
    """Proposition 4: dP/dt ≥ 2Q(1 − P) − V₂Q − H and dQ/dt ≥ 2P(1 − P) − 2V₂Q − H."""
    P, Q, V2 = network.P, network.Q, network.across
    squared = rest * network.width * Q * _largest_remainder(network) ** 2
    return [
        Gap(2 * Q * (1 - P) - network.rate_of_P, across * V2 * Q, squared),
        Gap(2 * P * (1 - P) - network.rate_of_Q, 2 * across * V2 * Q, squared),
    ]


def invariant(network: Network, across: Fraction = Fraction(4), rest: Fraction = Fraction(4)) -> list[Gap]:
    """Proposition 5: |d(Q² − P²)/dt| ≤ 4V₂Q² + 2HQ."""
    P, Q, V2 = network.P, network.Q, network.across
    rate = 2 * Q * network.rate_of_Q - 2 * P * network.rate_of_P
    squared = rest * Q**2 * 4 * network.width * Q * _largest_remainder(network) ** 2
    return [Gap(side, across * V2 * Q**2, squared) for side in (rate, -rate)]


def _simulated(a: Sequence[float], w: Sequence[Sequence[float]], c: float, target: float) -> dict[str, Any]:
    """V, S, P, Q, f, g and rates of a network with σ = u + cu³ on the four points (±1, ±1), by NumPy.

    The target is x₁ + target · x₁x₂² − target · x₁ + target · x₂: its linear part is x₁ + target · x₂ less that again.
    """
    import numpy as np

    x = np.array([(s, t) for s in (1.0, -1.0) for t in (1.0, -1.0)])
    y = x[:, 0] + target * x[:, 0] * x[:, 1]
    outer, inner = np.array(a, dtype=float), np.array(w, dtype=float)
    u = x @ inner.T
    residual = (u + c * u**3) @ outer - y
    rates = -np.mean(residual[:, None] * (u + c * u**3), axis=0)
    moved = -outer[:, None] * np.einsum("n,nk,ni->ki", residual, 1 + 3 * c * u**2, x) / len(x)
    sums = outer @ inner
    pull = np.array([1.0, 0.0]) - sums
    return {
        "m": len(outer),
        "a": outer,
        "w": inner,
        "S": sums,
        "P": sums[0],
        "Q": float(np.sum(outer**2 + inner[:, 0] ** 2) / 2),
        "V2": float(np.sum(inner[:, 1] ** 2)),
        "f": rates - inner @ pull,
        "g": moved - outer[:, None] * pull,
        "rates": rates,
        "moved": moved,
    }


#: Networks (a, w, c, target) at which the changed statements are tried.
_TRIED: tuple[tuple[Any, Any, float, float], ...] = (
    ((1.0, 1.0), ((1.0, 1.0), (1.0, 1.0)), 0.5, 0.0),
    ((1.0, -1.0), ((1.0, 1.0), (-1.0, -1.0)), -0.5, 0.0),
    ((0.6,), ((0.6, 0.9),), 0.0, 0.0),
    ((0.6,), ((0.6, -0.9),), 0.001, 0.0),
    ((0.5, 0.5), ((0.5, 0.0), (0.5, 0.0)), 1.0, 0.0),
    ((0.3,), ((0.3, 0.0),), -2.0, 0.0),
    ((0.3,), ((0.3, 2.0),), 0.0, 0.0),
    ((1.0,), ((0.2, 1.5),), 0.0, 0.0),
    ((0.2,), ((1.0, 1.5),), 0.0, 0.0),
    ((1.5,), ((1.5, 0.0),), 0.3, 0.0),
    ((0.5,), ((0.2, 0.0),), 1.0, 0.0),
)


def _witness(excess: Callable[[dict[str, Any]], float]) -> str | None:
    for a, w, c, target in _TRIED:
        over = excess(_simulated(a, w, c, target))
        if over > 1e-9:
            return f"a = {a}, w = {w}, σ = u + {c}u³, points (±1, ±1): the bound is exceeded by {over:.4g}"
    return None


def _growth_excess(v: dict[str, Any], width: bool, damped: bool) -> float:
    import numpy as np

    rate = float(np.sum(v["w"][:, 1] * v["moved"][:, 1])) + (1 if damped else -1) * float(v["S"][1]) ** 2
    largest = float(np.abs(v["g"][:, 1]).max())
    return abs(rate) - sqrt(v["V2"] * (v["m"] if width else 1)) * largest


def _rates(v: dict[str, Any]) -> tuple[float, float, float]:
    """dP/dt, dQ/dt and the largest remainder."""
    import numpy as np

    first, moved = v["w"][:, 0], v["moved"][:, 0]
    largest = float(max(np.abs(v["f"]).max(), np.abs(v["g"][:, 0]).max()))
    return (
        float(v["a"] @ moved + v["rates"] @ first),
        float(v["a"] @ v["rates"] + first @ moved),
        largest,
    )


def _monotone_excess(v: dict[str, Any], across: Fraction, rest: Fraction) -> float:
    dP, dQ, largest = _rates(v)
    P, Q, V2 = v["P"], v["Q"], v["V2"]
    right = sqrt(float(rest) * v["m"] * Q) * largest
    low = float(across) * V2 * Q
    return float(max(2 * Q * (1 - P) - dP - low, 2 * P * (1 - P) - dQ - 2 * low) - right)


def _invariant_excess(v: dict[str, Any], across: Fraction, rest: Fraction) -> float:
    dP, dQ, largest = _rates(v)
    P, Q = v["P"], v["Q"]
    right = float(across) * v["V2"] * Q**2 + sqrt(4 * float(rest) * v["m"] * Q**3) * largest
    return float(abs(2 * Q * dQ - 2 * P * dP) - right)


def _mutant(name: str, words: str, bounds: Bounds, excess: Callable[[dict[str, Any]], float]) -> Mutant:
    return Mutant(name, words, r"\text{" + words + "}", check(bounds).run, partial(_witness, excess))


def _growth_mutants() -> Sequence[Mutant]:
    listed = (
        ("width-dropped", "√m left out", False, True),
        ("damping-sign", "+ S² in place of − S² in the identity", True, False),
    )
    return [
        _mutant(
            name,
            words,
            partial(growth, width=width, damped=damped),
            partial(_growth_excess, width=width, damped=damped),
        )
        for name, words, width, damped in listed
    ]


def _pair_mutants(
    bounds: Callable[..., list[Gap]], excess: Callable[..., float], listed: Any
) -> Sequence[Mutant]:
    return [
        _mutant(
            name,
            words,
            partial(bounds, across=Fraction(across), rest=Fraction(rest)),
            partial(excess, across=Fraction(across), rest=Fraction(rest)),
        )
        for name, words, across, rest in listed
    ]


def _monotone_mutants() -> Sequence[Mutant]:
    return _pair_mutants(
        monotone,
        _monotone_excess,
        [
            ("across-dropped", "the term of V₂ left out", 0, 4),
            ("rest-dropped", "H left out", 1, 0),
            ("across-third", "a third of the term of V₂", "1/3", 4),
            ("rest-quarter", "a quarter of H", 1, "1/4"),
        ],
    )


def _invariant_mutants() -> Sequence[Mutant]:
    return _pair_mutants(
        invariant,
        _invariant_excess,
        [
            ("across-dropped", "the term of V₂ left out", 0, 4),
            ("rest-dropped", "the term of H left out", 4, 0),
            ("across-quarter", "a quarter of the term of V₂", 1, 4),
        ],
    )


for _id, _bounds, _made, _title, _where, _statement, _uses in (
    (
        "lem2.search",
        growth,
        _growth_mutants,
        "No network was found that breaks Lemma 2",
        "Section 3.3, Lemma 2; Propositions 1, 3 and 7",
        r"\Bigl|\tfrac12 \frac{d}{dt} V_i^2 + S_i^2\Bigr| \le V_i \sqrt m\,\max_j |g_j^{(i)}|",
        ("lem2.identity", "lem2"),
    ),
    (
        "prop4.search",
        monotone,
        _monotone_mutants,
        "No network was found that breaks the bounds of Proposition 4",
        "Section 5.1, proof of Proposition 4",
        r"\dot P \ge 2Q(1-P) - V_2 Q - H, \qquad \dot Q \ge 2P(1-P) - 2V_2 Q - H",
        ("prop4.rates", "prop4.across", "prop4.remainders"),
    ),
    (
        "eq49.search",
        invariant,
        _invariant_mutants,
        "No network was found that breaks Proposition 5",
        "Section 5.1, Proposition 5, equation (49)",
        r"\Bigl|\frac{d}{dt}(Q^2 - P^2)\Bigr| \le 4 V_2 Q^2 + 2 H Q",
        ("eq49",),
    ),
):
    paper.checked(
        _id,
        check(_bounds),
        title=_title,
        where=_where,
        statement=_statement,
        hypotheses=(*EXACT, H) if _id != "lem2.search" else EXACT,
        uses=_uses,
        basis="derived",
        mutants=_made,
    )
