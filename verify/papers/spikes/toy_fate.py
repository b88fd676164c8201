"""The spiral about (2, 1), and that spikes of the landscape do not always recover."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
from verify.checks import simulation, statistical
from verify.checks.enclosure_steps import Steps, step
from verify.checks.guard import guarded
from verify.checks.simulation import Comparison, Measurement
from verify.checks.statistical import Tally
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.spikes.panels import cells, curve, panel
from verify.papers.spikes.paper import paper
from verify.papers.spikes.toy_energy import FORMAL
from verify.papers.spikes.toy_map import REDUCED, in_order
from verify.stating import named

s = llas.spiral_symbol()


def _spiral() -> dict[str, sp.Expr]:
    points = {point.conditions[m]: point for point in llas.reduced().fixed_points()}
    found: dict[str, sp.Expr] = {}
    for place, name in ((2, "(2, 1)"), (0, "(0, 1)")):
        low, high = points[sp.Integer(place)].multipliers
        found |= {f"{name}: sum": sp.expand(low + high), f"{name}: product": sp.expand(low * high)}
        found |= {f"{name}: z": points[sp.Integer(place)].conditions[z]}
    return found


paper.identity(
    "toy.spiral",
    _spiral,
    lambda: {
        "(2, 1): sum": sp.S(2),
        "(2, 1): product": 1 + 2 * epsilon,
        "(2, 1): z": sp.S.One,
        "(0, 1): sum": sp.S(2),
        "(0, 1): product": 1 - 2 * epsilon,
        "(0, 1): z": sp.S.One,
    },
    title="The threshold is an unstable spiral",
    where="beyond the paper; the toy landscape",
    hypotheses=(
        *REDUCED,
        "both fixed points of the map, from the complete list; sum and product of the multipliers",
    ),
    uses=("toy.reduced",),
    basis="derived",
    statement=(
        r"(m, z) = (2, 1):\; 1 \pm i\sqrt{2\varepsilon}; \qquad (m, z) = (0, 1):\; 1 \pm \sqrt{2\varepsilon}"
    ),
)


def _leading(expr: sp.Expr, order: int) -> sp.Expr:
    return sp.expand(sp.series(expr, s, 0, order).removeO())


paper.identity(
    "toy.spiral.turn",
    lambda: {
        "log growth": llas.spiral_growth()[0],
        "steps": llas.spiral_growth()[1],
        "log growth, leading": _leading(llas.spiral_growth()[0], 4),
        "steps, leading": _leading(llas.spiral_growth()[1], 2),
    },
    lambda: {
        "log growth": sp.pi * sp.log(1 + s**2) / sp.atan(s),
        "steps": 2 * sp.pi / sp.atan(s),
        "log growth, leading": sp.pi * s - sp.pi * s**3 / 6,
        "steps, leading": 2 * sp.pi / s + 2 * sp.pi * s / 3,
    },
    title="Growth and length of a turn of the spiral",
    where="beyond the paper; the toy landscape",
    hypotheses=(
        *REDUCED,
        r"$s = \sqrt{2\varepsilon}$; the linearised map",
        r"$[\,\cdot\,]_n$: the formal series in $s$ up to $s^n$",
        FORMAL,
    ),
    uses=("toy.spiral",),
    basis="derived",
    statement=named(
        r"\log\text{growth}",
        r"\text{steps}",
        r"[\,\log\text{growth}\,]_3",
        r"[\,\text{steps}\,]_1",
        printed=in_order,
    ),
)

TURNS = (1e-4, 4e-4, 1.6e-3)
"""ε of the orbits that are measured."""


def measured_turn(eps: float, size: float) -> tuple[float, float]:
    """(growth, steps) of the first whole turn of an orbit that starts at m = 2 + size, z = 1."""
    steps = round(3 * 2 * math.pi / math.sqrt(2 * eps))
    found = orbit(eps, 2.0 + size, 0.0, steps)
    # In these coordinates the linear map is a rotation by arctan s and a stretching.
    across, along = found.above * math.sqrt(2.0 / eps), np.expm1(found.log_z)
    angle = np.unwrap(np.arctan2(along, across))
    radius = 0.5 * np.log(across**2 + along**2)
    whole = angle[0] + 2 * math.pi
    at = float(np.interp(whole, angle, np.arange(len(angle))))
    return math.exp(float(np.interp(at, np.arange(len(radius)), radius)) - radius[0]), at


def turn_check(growth: sp.Expr, length: sp.Expr) -> Check:
    def measure(context: Context) -> Measurement:
        items = []
        for eps in TURNS:
            context.progress(f"ε = {eps}")
            (grown, steps), (other, others) = measured_turn(eps, 1e-6), measured_turn(eps, 1e-5)
            root = math.sqrt(2 * eps)
            said = [float(e.subs(s, sp.Float(root, 30))) for e in (growth, length)]
            items += [
                Comparison(f"growth, ε = {eps}", grown, said[0], 2e-5, abs(other - grown)),
                Comparison(f"steps, ε = {eps}", steps, said[1], 2e-2, abs(others - steps)),
            ]
        return Measurement(
            items, figure=[_spiral_panel()], remark="the error is the change from 10⁻⁶ to 10⁻⁵"
        )

    return simulation.compare(measure, quantity="a turn about (2, 1)")


def _spiral_panel() -> dict[str, Any]:
    found = orbit(1e-4, 1.9, math.log(0.01), 14000)
    return panel(
        "An orbit of the map, ε = 10⁻⁴, from m = 1.9, z = 0.01",
        "m = η λ on the axis",
        "log₁₀ z",
        [curve("orbit", found.m, found.log_z / math.log(10))],
        marks=[(2.0, "threshold")],
    )


def turn_witness(growth: sp.Expr, length: sp.Expr) -> str | None:
    """Eigenvalues of the Jacobian at (2, 1) as numbers, by NumPy."""
    eps = TURNS[-1]
    value = np.linalg.eigvals(np.array([[1.0, -eps], [2.0, 1.0]]))[0]
    steps = 2 * math.pi / abs(float(np.angle(value)))
    grown = float(abs(value) ** steps)
    said = [float(e.subs(s, math.sqrt(2 * eps))) for e in (growth, length)]
    if abs(said[0] - grown) > 1e-4 or abs(said[1] - steps) > 0.05:
        return f"ε = {eps}: eigenvalues give {grown:.6f} in {steps:.3f} steps, not {said[0]:.6f} in {said[1]:.3f}"
    return None


TURN = (sp.exp(sp.pi * sp.log(1 + s**2) / sp.atan(s)), 2 * sp.pi / sp.atan(s))


def _turn_mutants() -> list[Mutant]:
    growth, length = TURN
    listed: Sequence[tuple[str, str, str, sp.Expr, sp.Expr]] = (
        ("half-turn", "the growth of half a turn", r"e^{\pi s/2}", sp.sqrt(growth), length),
        ("half-length", "half the steps", r"\pi/\arctan s", growth, length / 2),
        ("neutral", "no growth, as of a centre", "1", sp.S.One, length),
        ("frequency", "the frequency √ε instead of √(2ε)", r"2\pi\sqrt 2/s", growth, length * sp.sqrt(2)),
    )
    return [
        Mutant(name, words, shown, turn_check(g, n).run, partial(turn_witness, g, n))
        for name, words, shown, g, n in listed
    ]


paper.checked(
    "toy.spiral.measured",
    turn_check(*TURN),
    title="Orbits near the threshold turn and grow as the multipliers say",
    where="beyond the paper; the toy landscape",
    hypotheses=(
        *REDUCED,
        r"$\varepsilon = 10^{-4}, 4\cdot10^{-4}, 1.6\cdot10^{-3}$; start at $m = 2 + 10^{-6}$, $z = 1$",
    ),
    uses=("toy.spiral.turn",),
    basis="derived",
    statement=(
        r"\text{growth in a turn} = (1 + s^2)^{\pi/\arctan s}, \quad \text{steps in it} = 2\pi/\arctan s"
    ),
    mutants=_turn_mutants,
)

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
        r"by induction every later step is there too, with $z_t \ge z_0(1 - m_0)^{2t} \to \infty$ and so $m_t "
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
