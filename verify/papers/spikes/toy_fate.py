"""Spikes of the landscape do not always recover: the trap, an orbit that falls into it, and how often that is."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache, partial
from typing import Any

import numpy as np
import sympy as sp

from numerics.array import FloatArray
from numerics.llas import divergence_steps, orbit, plain_descent
from numerics.llas_enclosed import ORBIT_BITS, EnclosedState, enclosed_orbit
from theory import llas
from theory.llas import epsilon, m, z
from verify.checks import statistical
from verify.checks.enclosure_steps import Steps, step
from verify.checks.guard import guarded
from verify.checks.statistical import Tally
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.spikes.panels import cells, curve, panel
from verify.papers.spikes.paper import paper
from verify.papers.spikes.toy_map import REDUCED

stated_product = m * (z - 1)

paper.inequality(
    "toy.trap",
    lambda: sp.And(
        sp.Lt(llas.reduced()[m], m, evaluate=False),
        sp.Gt(llas.reduced()[z], z, evaluate=False),
        sp.Lt(sp.expand(llas.reduced().image(stated_product)), sp.expand(stated_product), evaluate=False),
        evaluate=False,
    ),
    assuming=(sp.Lt(m, 0, evaluate=False), sp.Gt(z, 1, evaluate=False), sp.Gt(epsilon, 0, evaluate=False)),
    title="From m < 0 with z > 1 there is no way back",
    where="beyond the paper; the toy landscape",
    hypotheses=(
        *REDUCED,
        r"left to the reader: by induction every later step is there too, with $z_t \ge z_0(1 - m_0)^{2t} \to "
        r"\infty$ and so $m_t "
        r"\to -\infty$; "
        r"$R - \beta/\alpha - C = m(z-1)/(2\alpha\eta) \to -\infty$ (toy.reduced)",
    ),
    uses=("toy.reduced",),
    basis="derived",
    statement=r"m < 0,\; z > 1 \;\Longrightarrow\; m' < m,\quad z' > z,\quad m'(z' - 1) < m(z - 1)",
)

START = (Fraction(1, 625), Fraction(8, 5), Fraction(1, 2))
"""ε, m₀, z₀ of α = 50, β = 200, η = 1/250 from x = 0, y = 1/10."""

LOST_AT = 1901
SHOWN = (
    r"$\alpha = 50$, $\beta = 200$, $\eta = 1/250$, start $x = 0$, $y = 1/10$: $\varepsilon = 1/625$, $m_0 = "
    r"8/5$, $z_0 = 1/2$"
)


@cache
def enclosed(steps: int) -> tuple[EnclosedState, ...]:
    """The orbit from START in balls."""
    return tuple(enclosed_orbit(*START, steps))


def trap_check(step: int) -> Check:
    """PROVED when the orbit is certainly in the trap after so many steps and certainly was not one step before."""

    @guarded("enclosure")
    def run(context: Context) -> Evidence:
        context.progress("the orbit in balls")
        found = enclosed(3000)
        last = found[-1]
        text = f"after {last.step} steps m is in {last.m.str(6)} and z in {last.z.str(6)}, from exact numbers in balls"
        data = {"figure": _toy_panels(), "derivation": _told(last)}
        before = found[-2]
        first = last.trapped and bool(before.m > 0 or before.z < 1)
        if not first:
            return Evidence(Verdict.UNDECIDED, "enclosure", f"not decided: {text}.", {"not_confirmed": True})
        if last.step == step:
            return Evidence(Verdict.PROVED, "enclosure", f"{text}.", data)
        return Evidence(Verdict.REFUTED, "enclosure", f"It is at another step: {text}.", {})

    return Check("enclosure", run)


def _told(last: EnclosedState) -> Steps:
    return [
        step(
            "The map of the landscape, from exact rational numbers.",
            r"m' = m + \varepsilon(1 - z), \quad z' = (1 - m)^2 z; \qquad \varepsilon = \tfrac{1}{625},\; "
            r"m_0 = \tfrac85,\; z_0 = \tfrac12",
        ),
        step(
            f"It is iterated in balls of {ORBIT_BITS} bits: each contains the exact $m_t$ or $z_t$, with all rounding "
            "included. So many bits are needed because a step can stretch a ball."
        ),
        step(
            f"After {last.step} steps both balls lie in the region $m < 0$, $z > 1$, and one step earlier they do not.",
            rf"m_{{{last.step}}} = {last.m.str(6, radius=False)}\ldots < 0, \qquad "
            rf"z_{{{last.step}}} = {last.z.str(6, radius=False)}\ldots > 1",
        ),
        step(
            "From there the map lowers $m$ and raises $z$ at every step, so that the region is never left (toy.trap).",
            r"m' = m - \varepsilon(z - 1) < m, \qquad z' = (1 - m)^2 z > z",
        ),
    ]


def _trap_witness(step: int) -> str | None:
    """The orbit in log z in double precision."""
    eps, m0, z0 = (float(v) for v in START)
    found = orbit(eps, m0, math.log(z0), step + 5)
    before, after = found.m[min(step - 1, len(found) - 1)], found.m[min(step, len(found) - 1)]
    if found.status == "diverged" and len(found) - 1 == step:
        return None
    return f"m is {before:.4g} after {step - 1} steps and {after:.4g} after {step}: it does not fall below 0 there"


def _plane() -> tuple[FloatArray, FloatArray, FloatArray]:
    x, y = np.linspace(-1.2, 2.4, 49), np.linspace(-2.4, 2.4, 49)
    risk = (50 * x[None, :] + 200) * y[:, None] ** 2 - x[None, :]
    return x, y, risk


def _toy_panels() -> list[dict[str, Any]]:
    eps, m0, z0 = (float(v) for v in START)
    found = orbit(eps, m0, math.log(z0), 3000)
    xs, ys = plain_descent(50.0, 200.0, 1 / 250, 0.0, 0.1, 575)
    x, y, risk = _plane()
    low = float(risk.min())
    return [
        panel(
            "The landscape and its first spike",
            "x",
            "y",
            [curve("gradient descent, 575 steps", xs, ys)],
            cells=cells(x, y, risk - low + 1.0, "R − lowest R shown + 1", "log"),
        ),
        panel(
            "Two spikes; the second does not recover",
            "m = η λ on the axis",
            "log₁₀ z",
            [curve("orbit", found.m, found.log_z / math.log(10))],
            marks=[(0.0, "0"), (2.0, "2")],
        ),
    ]


paper.checked(
    "toy.diverges",
    trap_check(LOST_AT),
    title="An orbit that does not come back from its second spike",
    where="beyond the paper; the toy landscape",
    hypotheses=(*REDUCED, SHOWN),
    uses=("toy.trap",),
    basis="derived",
    statement=(
        rf"m_t < 0 \text{{ and }} z_t > 1 \text{{ for the first time at }} t = {LOST_AT}; \quad R \to -\infty"
    ),
    mutants=lambda: [
        Mutant(
            name,
            words,
            rf"m_t < 0, z_t > 1 \text{{ for the first time at }} t = {step}",
            trap_check(step).run,
            partial(_trap_witness, step),
        )
        for name, words, step in (
            ("earlier", "one step earlier", LOST_AT - 1),
            ("later", "one step later", LOST_AT + 1),
            ("first-spike", "in the first spike", 552),
        )
    ],
)


@paper.claim(
    "toy.recovers",
    method="enclosure",
    title="The spike always recovers",
    where="abstract, 'The training stabilizes when it finds a flat region', read of the toy landscape",
    hypotheses=REDUCED,
    uses=("toy.trap",),
    basis="text",
    statement=r"\text{after every } t \text{ with } z_t > 1 \text{ there is a later one with } z < 1",
    expected=Verdict.REFUTED,
    expected_reason=(
        "R is unbounded below, and the energy never falls (toy.energy.rises): one orbit from exact numbers, in balls, "
        "comes to m < 0 "
        "with z > 1, from where z grows for ever (toy.trap)."
    ),
)
def recovers(context: Context) -> Evidence:
    """One orbit that certainly does not."""
    last = enclosed(3000)[-1]
    if not last.trapped:
        return Evidence(
            Verdict.UNDECIDED, "enclosure", "The orbit did not come to the trap.", {"not_confirmed": True}
        )
    return Evidence(
        Verdict.REFUTED,
        "enclosure",
        f"ε = 1/625, m₀ = 8/5, z₀ = 1/2: after {last.step} steps m is in {last.m.str(6)} and z in "
        f"{last.z.str(6)}; from there "
        "z grows for ever.",
        {"figure": _toy_panels(), "derivation": _told(last)},
    )


DRAWN = 30_000
_LEVEL = Fraction(1, 2)


@cache
def fates(seed: int, draws: int) -> tuple[bool, ...]:
    """Whether each of so many random starts diverges within DRAWN steps."""
    eps, m0, log_z = _starts(seed, draws)
    return tuple(bool(v >= 0) for v in divergence_steps(eps, m0, log_z, DRAWN))


def _starts(seed: int, draws: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    rng = np.random.Generator(np.random.Philox(key=seed))
    eps = 10.0 ** rng.uniform(-4, -2, draws)
    return eps, rng.uniform(1.2, 1.95, draws), math.log(10) * rng.uniform(-6, 0, draws)


def mostly_check(level: Fraction) -> Check:
    def count(context: Context) -> Tally:
        context.progress("random starts")
        return Tally.of(fates(context.seed, context.by_effort(120, 1000, 5000)))

    return statistical.bound(count, probability=level)


def _mostly_witness(level: Fraction) -> str | None:
    """Starts of the same law, iterated in (m, z) as the map is written, in extended precision."""
    eps, m0, log_z = (v.astype(np.longdouble) for v in _starts(12345, 200))
    height, lost = np.exp(log_z), np.zeros(len(eps), dtype=bool)
    with np.errstate(all="ignore"):
        for _ in range(DRAWN):
            m0, height = m0 + eps * (1 - height), (1 - m0) ** 2 * height
            lost |= (m0 < 0) & (height > 1)
            m0, height = np.where(lost, -1, m0), np.where(lost, 2, height)
    share = float(lost.mean())
    deviation = math.sqrt(share * (1 - share) / len(lost))
    if share + 2.5 * deviation < float(level):
        return f"{share:.3f} of 200 other starts diverge, {deviation:.3f} standard deviation"
    return None


paper.checked(
    "toy.mostly",
    mostly_check(_LEVEL),
    title="Most orbits diverge in the end",
    where="beyond the paper; the toy landscape",
    hypotheses=(
        *REDUCED,
        rf"random starts: $\log_{{10}}\varepsilon$ uniform on $[-4, -2]$, $m_0$ on $[1.2, 1.95]$, "
        rf"$\log_{{10}} z_0$ on "
        rf"$[-6, 0]$, {DRAWN} steps, in $\log z$ (chosen)",
    ),
    uses=("toy.trap",),
    basis="derived",
    statement=rf"\Pr[m < 0,\; z > 1 \text{{ within }} {DRAWN} \text{{ steps}}] \ge \tfrac12",
    mutants=lambda: [
        Mutant(
            "nearly-all",
            "at least 99 of 100",
            r"\Pr \ge \tfrac{99}{100}",
            mostly_check(Fraction(99, 100)).run,
            partial(_mostly_witness, Fraction(99, 100)),
        ),
        Mutant(
            "all",
            "every one",
            r"\Pr = 1",
            mostly_check(Fraction(1)).run,
            partial(_mostly_witness, Fraction(1)),
        ),
    ],
    expected=Verdict.SUPPORTED,
)
