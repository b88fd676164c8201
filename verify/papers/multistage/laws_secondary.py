"""Theorem 3, (58)–(60) and (62): on [T_2, T_3] the loss falls by ζ²/2 and no more, and P stays within O(1/m) of 1."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
import sympy as sp

from numerics.activation import activation
from numerics.errors import InputError
from numerics.milestones import descent_time, secondary_time
from numerics.network import Network
from numerics.observables import neuron_norm, order_parameters
from numerics.simulate import simulate
from theory import width
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import chosen, runs
from verify.papers.multistage.formula import Formula
from verify.papers.multistage.grid_late import SETTLED
from verify.papers.multistage.grid_runs import Setting, dataset, normals, representatives
from verify.papers.multistage.paper import paper
from verify.parameters import remembered
from verify.stating import expression_latex

first, second, zeta, factor = sp.symbols("T_1 T_2 zeta c", positive=True)

SETTINGS = (
    Setting(1.0, "tanh", "points"),
    Setting(1.0, "sin", "uniform"),
    Setting(1.5, "gd", "rising"),
    Setting(2.0, "arctan", "few"),
    Setting(1.0, "erf", "cloud"),
    Setting(0.75, "tanh", "uniform"),
    Setting(1.5, "sin", "square"),
    Setting(2.0, "gd", "plane"),
)
_WHOLE = 1000

LARGEST_RATE = Fraction(1, 16)
"""|κ| is at most this in all settings; so c < 1 stays below 0.1057/|κ|, where the largest neuron runs away."""

FALL = Formula(zeta**2 / 2, (zeta,))
"""R(T_2) − R(T_3), to leading order."""

TOLD = (
    r"tanh, sin, arctan, erf, Gudermannian; $\alpha = 0.75, 1, 1.5, 2$; $d = 1, 2, 3$; $m$ from 300 on, all neurons "
    "up to 1000, above a quadrature of the draw",
    r"$T_3 = T_2 + c\,m/\log m$ with $c$ and $\zeta$ as chosen; for $\kappa < 0$ the largest neuron runs away at about "
    r"$0.1057\,m/(|\kappa|\log m)$, of the same order, so that $c$ has to be below $0.1057/|\kappa|$; here "
    r"$|\kappa| \le \frac1{16}$ and $c < 1$",
)


@remembered
def plateau(setting: Setting, m: int, seed: int, rtol: float) -> Mapping[str, float] | None:
    """One run to T_3; None where it does not get there.

    "T_2", "T_3", "fall" (R(T_2) − R(T_3)), "ratio" (60), "band" (max |P − 1| on [T_2 + log m, T_3]), "growth" (max of
    q/q(T_2 + log m) over the same time), both at 40 times.
    """
    network = Network(activation(setting.activation), dataset(setting.data))
    scale = float(m) ** -setting.alpha
    if m <= _WHOLE:
        nodes = scale * normals(m, seed, setting.dim)
    else:
        units, weights = representatives(m, seed, setting.dim, 6)
        network, nodes = replace(network, neuron_weights=weights), scale * units
    late = runs.descent_mean(m, setting.alpha) + 1.0
    until = secondary_time(late, m, float(chosen.plateau_factor))
    run = simulate(network, nodes, until, rtol=rtol, slow=(late + SETTLED, until + SETTLED))
    reached = descent_time(run, float(chosen.zeta))
    if run.status != "ok" or reached is None:
        return None
    begun, end = setting.first * math.log(m), secondary_time(reached, m, float(chosen.plateau_factor))
    losses = [network.loss(run.state(min(t, run.end))) for t in (begun, reached, end)]
    rates = [(losses[0] - losses[1]) / (reached - begun), (losses[1] - losses[2]) / (end - reached)]
    times = np.linspace(reached + math.log(m), end, 40)
    levels = [order_parameters(run.state(t), run.weights)[0] for t in times]
    sizes = [neuron_norm(run.state(t)) for t in times]
    return {
        "T_1": begun,
        "T_2": reached,
        "T_3": end,
        "fall": losses[1] - losses[2],
        "ratio": rates[1] / rates[0],
        "band": max(abs(level - 1) for level in levels),
        "growth": max(sizes) / sizes[0],
    }


Compare = Callable[[Setting, int, int, Mapping[str, float], Mapping[str, float]], list[Comparison]]


def plateau_check(compare: Compare, quantity: str, remark: str) -> Check:
    def measure(context: Context) -> Measurement:
        found: list[Comparison] = []
        for setting in SETTINGS:
            wide = context.by_effort((300, 1000, 10_000), *2 * ((300, 1000, 10_000, 100_000),))
            for m in wide[: 2 if setting.dim > 2 and context.effort == "quick" else None]:
                # Three draws where they are quick; with 10⁵ neurons a draw goes on for 4000 time units.
                few = context.by_effort(3 if m < 1000 else 1, 3 if m < 100_000 else 1, 8)
                for seed in context.draws(few):
                    label = (
                        f"α = {setting.alpha:g}, {setting.activation}, {setting.data}, m = {m}, seed {seed}"
                    )
                    context.progress(label)
                    fine, coarse = (plateau(setting, m, seed, rtol) for rtol in (1e-8, 1e-6))
                    if fine is None or coarse is None:
                        found.append(Comparison(label, None, 0.0, 0.0, None))
                        continue
                    found += compare(setting, m, seed, fine, coarse)
        return Measurement(found, remark=remark)

    return simulation.compare(measure, quantity=quantity)


def _label(setting: Setting, m: int, seed: int) -> str:
    return f"α = {setting.alpha:g}, d = {setting.dim}, {setting.activation}, {setting.data}, m = {m}, seed {seed}"


def _chosen(m: int) -> dict[str, float]:
    return {"zeta": float(chosen.zeta), "c": float(chosen.plateau_factor), "m": float(m)}


def cubic_part() -> float:
    """m times what the cubic terms add to the fall of the loss: k₄(|κ| + ζ|c₃|M₄), with k₄ ≤ 4, |κ| ≤ 1/16 and
    |c₃|M₄ ≤ 3/5."""
    return 4 * (float(LARGEST_RATE) + 0.6 * float(chosen.zeta))


def fall_check(stated: Formula) -> Check:
    """(62): what is left to fall."""

    def compare(
        setting: Setting, m: int, seed: int, fine: Mapping[str, float], coarse: Mapping[str, float]
    ) -> list[Comparison]:
        value = float(stated(*(_chosen(m)[s.name] for s in stated.symbols)))
        return [
            Comparison(
                _label(setting, m, seed),
                fine["fall"],
                value,
                cubic_part() / m,
                abs(fine["fall"] - coarse["fall"]),
            )
        ]

    return plateau_check(compare, "R(T₂) − R(T₃)", "tolerance (1/4 + 12ζ/5)/m")


_RATIO = (zeta**2 / (1 - zeta**2)) * (second - first) * sp.log(width) / (factor * width)
RATIO = Formula(_RATIO, (zeta, second, first, width, factor))


def ratio_check(stated: Formula) -> Check:
    """(60): decay rate on [T_2, T_3] over that on [T_1, T_2]."""

    def compare(
        setting: Setting, m: int, seed: int, fine: Mapping[str, float], coarse: Mapping[str, float]
    ) -> list[Comparison]:
        numbers = {**fine, **_chosen(m)}
        value = float(stated(*(numbers[s.name] for s in stated.symbols)))
        # What is left out of ζ²/2, and P(T_1) which the descent no longer has to fall.
        grown = 0.5 * float(m) ** (1 - 2 * setting.alpha + 2 * setting.first)
        budget = abs(value) * (2 * cubic_part() / (numbers["zeta"] ** 2 * m) + 3 * grown)
        return [
            Comparison(
                _label(setting, m, seed), fine["ratio"], value, budget, abs(fine["ratio"] - coarse["ratio"])
            )
        ]

    return plateau_check(
        compare, "decay rate after T₂ over that before", "tolerance (1/2 + 24ζ/5)/(ζ²m) + 3P(T₁)"
    )


def band_check(band: float, most: Callable[[], float]) -> Check:
    """|P − 1| ≤ band/m and q grows by less than ``most`` on [T_2 + log m, T_3]."""

    def compare(
        setting: Setting, m: int, seed: int, fine: Mapping[str, float], coarse: Mapping[str, float]
    ) -> list[Comparison]:
        growth = most()
        name = _label(setting, m, seed)
        return [
            Comparison(f"|P − 1|, {name}", fine["band"], 0.0, band / m, abs(fine["band"] - coarse["band"])),
            Comparison(
                f"growth of q, {name}",
                fine["growth"],
                1.0,
                growth - 1,
                abs(fine["growth"] - coarse["growth"]),
            ),
        ]

    return plateau_check(
        compare,
        "|P − 1| and q on [T₂ + log m, T₃]",
        f"tolerances {band:g}/m and what the statement has for the growth of q",
    )


def _reduced_witness(quantity: str) -> Callable[[Formula], str | None]:
    """P goes from 1 − ζ to 1 at m → ∞: R falls by ζ²/2, at times of the limit."""

    def witness(changed: Formula) -> str | None:
        m, z = 1e8, float(chosen.zeta)
        begun, reached = 0.25 * math.log(m), 0.5 * (math.log(2 * m) + math.log((1 - z) / z))
        numbers = {**_chosen(int(m)), "T_1": begun, "T_2": reached}
        wrong = float(changed(*(numbers[s.name] for s in changed.symbols)))
        right = z**2 / 2
        if quantity == "ratio":
            wait = secondary_time(0.0, int(m), numbers["c"])
            right = (z**2 / 2) / wait / (((1 - z**2) / 2) / (reached - begun))
        if not abs(wrong / right - 1) < 0.02:
            return (
                f"m = 10⁸, α = 1: with P from 0 to 1 − ζ to 1 the value is {right:.4g}, "
                f"the changed formula {wrong:.4g}"
            )
        return None

    return witness


def _formula_mutants(
    stated: Formula, check: Callable[[Formula], Check], quantity: str, listed: tuple[tuple[str, sp.Expr], ...]
) -> list[Mutant]:
    witness = _reduced_witness(quantity)
    made = [(words, Formula(expr, stated.symbols)) for words, expr in listed]
    return [
        Mutant(
            f"wrong-{i}",
            words,
            str(sp.latex(one.expression)),
            check(one).run,
            lambda one=one: witness(one),  # type: ignore[misc]
        )
        for i, (words, one) in enumerate(made, 1)
    ]


_TENTH = sp.Rational(1, 10)
paper.add(
    Claim(
        id="eq62.network",
        paper=paper.name,
        title="What the loss still falls by on the secondary plateau",
        where="Theorem 3, proof, equation (62)",
        statement=FALL.printed("R(T_2) - R(T_3) = ", " + O(1/m)"),
        hypotheses=TOLD,
        uses=("eq18.flow", "b4.energy"),
        basis="chosen",
        checks=(FALL.checked(fall_check),),
        mutants=lambda: _formula_mutants(
            FALL,
            fall_check,
            "fall",
            (
                ("ζ in place of ζ²/2", zeta),
                ("ζ² in place of ζ²/2", zeta**2),
                ("half of it", zeta**2 / 4),
                ("10 % more", FALL.expression * (1 + _TENTH)),
                ("10 % less", FALL.expression * (1 - _TENTH)),
                ("nothing", 0 * zeta),
            ),
        ),
        expected=Verdict.SUPPORTED,
        shares="plateau to T_3",
    )
)

paper.add(
    Claim(
        id="eq60.network",
        paper=paper.name,
        title="The loss falls ever more slowly on the secondary plateau than on the descent",
        where="Theorem 3, equation (60)",
        statement=RATIO.printed(
            r"\frac{(R(T_2) - R(T_3))/(T_3 - T_2)}{(R(T_1) - R(T_2))/(T_2 - T_1)} \;\sim\; ", r" \;\to\; 0"
        ),
        hypotheses=(*TOLD, r"$T_1$, $T_2$: of each run"),
        uses=("eq62.network", "eq44"),
        basis="chosen",
        checks=(RATIO.checked(ratio_check),),
        mutants=lambda: _formula_mutants(
            RATIO,
            ratio_check,
            "ratio",
            (
                ("without the logarithm of T₃", _RATIO / sp.log(width)),
                ("m^{1/2} in place of m", _RATIO * sp.sqrt(width)),
                ("ζ in place of ζ²", _RATIO / zeta),
                ("T₂ in place of T₂ − T₁", _RATIO * second / (second - first)),
                ("10 % more", _RATIO * (1 + _TENTH)),
                ("10 % less", _RATIO * (1 - _TENTH)),
            ),
        ),
        expected=Verdict.SUPPORTED,
        shares="plateau to T_3",
    )
)

BAND = 6.0


def alone(share: float) -> float:
    """How much a neuron a = w = ξ has grown at |κ|τξ² = share, κ < 0, if no other slows it down.

    A² − B²/3 is conserved along dA/dτ = |κ|B³, dB/dτ = 3|κ|AB², and B/ξ is the b of share = ½ − √(1 + 2/b²)/(2√3),
    infinite at (3 − √3)/6. InputError from there on.
    """
    rest = 3 * (1 - 2 * share) ** 2 - 1
    if rest <= 0:
        raise InputError(f"a neuron has run away at |κ|τξ² = {share:g}.")
    return math.sqrt(2 / rest)


def largest_growth() -> float:
    """Of the largest neuron up to T_3, rounded up: ξ² = 3 log m, more than draws have, τ = c/log m, the largest |κ|."""
    return math.ceil(100 * alone(3 * float(chosen.plateau_factor.value * LARGEST_RATE))) / 100


def _band_witness(band: float) -> str | None:
    """The second route overshoots by more at m = 1000."""
    value = abs(runs.generated_overshoot(1000, 0, "line"))
    return (
        f"m = 1000: the generated drift gives |P − 1| = {value:.3g}, more than {band / 1000:.3g}"
        if value > band / 1000
        else None
    )


def _growth_witness(growth: float) -> str | None:
    """The slow flow of a draw: how much the largest neuron has grown at τ = 1/log m."""
    from numerics.slowflow import moment_values, profile_of_draw, solve_slow_flow

    m = 1000
    start = profile_of_draw(runs.initial(m, 0, 1))
    solved = solve_slow_flow(
        start,
        [float(chosen.plateau_factor) / math.log(m)],
        moment_values(runs.dataset("line"), -1 / 3),
        rtol=1e-8,
    )
    ratio = float(np.max(np.abs(solved.B)) / np.max(np.abs(start.B)))
    return (
        f"m = 1000: in the slow flow the largest neuron grows by {ratio:.4f} > {growth:g}"
        if ratio > growth
        else None
    )


paper.add(
    Claim(
        id="thm3.network",
        paper=paper.name,
        title="Nothing leaves its band up to T₃",
        where="Theorem 3, equations (58) and (59)",
        statement=lambda: (
            rf"|P - 1| \le \tfrac{{{BAND:g}}}{{m}} \text{{ and }} q(t) \le {largest_growth():.3g}\,q(T_2 + \log m) "
            r"\text{ on } [T_2 + \log m, T_3],\quad T_3 = T_2 + "
            rf"{expression_latex(sp.Rational(chosen.plateau_factor.value))}\,\tfrac{{m}}{{\log m}},\quad "
            r"\frac{T_3}{T_2} \to \infty"
        ),
        hypotheses=(
            *TOLD,
            "both at 40 equidistant times of the interval",
            r"the growth is that of a neuron with $\xi^2 = 3\log m$ that is alone: $b$ with $3(1 - 2u)^2 = 1 + 2/b^2$, "
            r"$u = |\kappa|\tau\xi^2 = 3c|\kappa|$; of $m$ normals none has $\xi^2 > 3\log m$ but with probability "
            r"$m^{-1/2}$",
            r"six is twice what $k_4(-c_3M_4 - 2\kappa)$ of B3 comes to",
        ),
        uses=("b3", "b4.network", "eq43.grid"),
        basis="chosen",
        checks=(band_check(BAND, largest_growth),),
        mutants=lambda: [
            Mutant("band-tenth", "a band ten times narrower", r"|P - 1| \le 0.6/m",
                   band_check(BAND / 10, largest_growth).run, lambda: _band_witness(BAND / 10)),
            Mutant("band-small", "a band a hundred times narrower", r"|P - 1| \le 0.06/m",
                   band_check(BAND / 100, largest_growth).run, lambda: _band_witness(BAND / 100)),
            Mutant("still", "no neuron grows by a hundredth", r"q(T_3) \le 1.01\,q(T_2 + \log m)",
                   band_check(BAND, lambda: 1.01).run, lambda: _growth_witness(1.01)),
        ],
        expected=Verdict.SUPPORTED,
        shares="plateau to T_3",
    )
)  # fmt: skip
