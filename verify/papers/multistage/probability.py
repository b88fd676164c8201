"""“With probability at least 1 − δ”: Theorems 1 to 3 by simulation of many draws, with exact binomial bounds.

The events have explicit constants; what fails them at small widths is part of the finding. Draws of the full network
where that is quick, of the reduced system in closed form where many are needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from statistics import NormalDist

import numpy as np

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.ensemble import Ensemble
from numerics.milestones import descent_time, secondary_time
from numerics.network import Network
from numerics.observables import neuron_norm, order_parameters
from numerics.reduced import reduced_descent_times
from numerics.sampling import initial_weights
from numerics.simulate import simulate
from verify.checks import statistical
from verify.checks.statistical import Tally, told
from verify.claim import Check, Claim, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.multistage import chosen, runs
from verify.papers.multistage.paper import paper
from verify.parameters import remembered

ALPHA = 1.0
WIDTH = 400
"""Width of the full networks."""

FAR = 2000
"""Width of the draws of the reduced system."""


def _least() -> float:
    return 1 - float(chosen.level)


def deviations() -> float:
    """How far normal deviations go but with probability b δ: z with P(|N| > z) = b δ, rounded up to hundredths."""
    return (
        math.ceil(100 * NormalDist().inv_cdf(1 - float(chosen.tail_share.value * chosen.level.value) / 2))
        / 100
    )


MOST_DRAWS = 5000


def draws_needed(least: int) -> int:
    """How many draws tell b δ from δ: n with n δ(1 − b) = 2.6 (√(n δ) + √(n b δ)), ``least`` or more, in hundreds.

    No more than `MOST_DRAWS`: beyond, the draws do not tell, and the claim is undecided.
    """
    part, level = float(chosen.tail_share), float(chosen.level)
    enough = (2.6 * (1 + math.sqrt(part)) / (1 - part)) ** 2 / level
    return min(100 * math.ceil(max(enough, least) / 100), max(MOST_DRAWS, least))


def next_order(m: int, alpha: float, gamma: float) -> float:
    """What (29) and (35) leave out: P² beside P, and the decaying half of the linear phase, (36)."""
    return float(m ** (1 - 2 * alpha + 2 * gamma) + m ** (-4 * gamma))


def closeness() -> float:
    """How near P(T_1) is to its mean, in parts of it: its deviation is √(2/m)."""
    return deviations() * math.sqrt(2 / WIDTH) + next_order(WIDTH, ALPHA, chosen.gamma(ALPHA))


@remembered
def plateau_draw(seed: int, m: int = WIDTH) -> tuple[float, float, float] | None:
    """q(T_1)/(√log m m^{γ−α}), P(T_1)/(½m^{1−2α+2γ}) and the decay rate over its leading term, of one draw."""
    gamma = chosen.gamma(ALPHA)
    first = gamma * math.log(m)
    network = Network(activation("tanh"), runs.dataset("line"))
    start = runs.initial(m, seed, 1, ALPHA)
    run = simulate(network, start, first, rtol=1e-6)
    if run.status != "ok":
        return None
    state = run.state(run.end)
    grown = 0.5 * m ** (1 - 2 * ALPHA + 2 * gamma)
    fall = (network.loss(start) - network.loss(state)) / first
    return (
        neuron_norm(state) / (math.sqrt(math.log(m)) * m ** (gamma - ALPHA)),
        order_parameters(state)[0] / grown,
        fall / (grown / first),
    )


def plateau_event(size: float, close: float) -> Callable[[int], bool | None]:
    """Theorem 1 for one draw: (27) with constant ``size``; (35), (29) within ``close`` of their leading terms."""

    def happens(seed: int) -> bool | None:
        found = plateau_draw(seed)
        if found is None:
            return None
        return found[0] <= size and abs(found[1] - 1) <= close and abs(found[2] - 1) <= close

    return happens


@remembered
def descent_draws(seed: int, count: int) -> FloatArray:
    """T_2 of ``count`` full networks, minus the mean of B2; seeds from ``seed`` on."""
    network = Network(activation("tanh"), runs.dataset("line"))
    draws = [(runs.initial(WIDTH, seed + i, 1, ALPHA), None) for i in range(count)]
    zeta = float(chosen.zeta)
    mean = runs.descent_mean(WIDTH, ALPHA)
    found = Ensemble.of(network, draws).descent_times(mean + 1.0, zeta=zeta, rtol=1e-6)
    return np.asarray(found - mean)


@remembered
def reduced_draws(seed: int, count: int, m: int) -> FloatArray:
    """The same for the reduced system in closed form."""
    zeta = float(chosen.zeta)
    weights = initial_weights(seed, m * count, 1, float(m) ** -ALPHA).reshape(count, m, 2)
    a, w = weights[..., 0], weights[..., 1]
    times = reduced_descent_times(np.sum(a * w, axis=1), np.sum(a * a + w * w, axis=1) / 2, zeta)
    return np.asarray(times - runs.descent_mean(m, ALPHA))


def _within(values: FloatArray, bound: float) -> Tally:
    return Tally.of(None if not math.isfinite(v) else abs(v) <= bound for v in values.tolist())


Number = Callable[[], float]
"""Read when a check runs."""


def plateau_check(size: float, close: Number) -> Check:
    def count(context: Context) -> Tally:
        happens = plateau_event(size, close())
        trials = draws_needed(context.by_effort(200, 1000, 5000))
        context.progress(f"{trials} networks of width {WIDTH}")
        return Tally.of(happens(seed) for seed in context.draws(trials))

    return _bounded(count)


def descent_check(factor: Number) -> Check:
    """|T_2 − mean| ≤ factor/√(2m) for full networks."""

    def count(context: Context) -> Tally:
        trials = draws_needed(context.by_effort(200, 1000, 5000))
        context.progress(f"{trials} networks of width {WIDTH}")
        parts = [descent_draws(seed, 100) for seed in context.draws(trials)[::100]]
        return _within(np.concatenate(parts), factor() / math.sqrt(2 * WIDTH))

    return _bounded(count)


def reduced_check(factor: Number) -> Check:
    def count(context: Context) -> Tally:
        trials = 1000 * math.ceil(draws_needed(context.by_effort(2000, 5000, 20000)) / 1000)
        context.progress(f"{trials} draws of width {FAR}")
        values = np.concatenate([reduced_draws(seed, 1000, FAR) for seed in context.draws(trials // 1000)])
        return _within(values, factor() / math.sqrt(2 * FAR))

    return _bounded(count)


@remembered
def late_draw(seed: int, m: int) -> tuple[float, float] | None:
    """m |P(T_3) − 1| and R(T_2) − R(T_3), T_3 = T_2 + c m/log m."""
    network = Network(activation("tanh"), runs.dataset("line"))
    start = runs.initial(m, seed, 1, ALPHA)
    later = float(chosen.plateau_factor)
    run = simulate(network, start, secondary_time(runs.descent_mean(m, ALPHA) + 1.0, m, later), rtol=1e-6)
    second = descent_time(run, float(chosen.zeta))
    if run.status != "ok" or second is None:
        return None
    end = run.state(secondary_time(second, m, later))
    fall = network.loss(run.state(second)) - network.loss(end)
    return m * abs(order_parameters(end)[0] - 1), fall


def most_fall(part: float, rest: float) -> float:
    """part · ζ²/2 + rest/m."""
    return part * float(chosen.zeta) ** 2 / 2 + rest / WIDTH


def late_check(band: float, part: float = 1.0, rest: float = 1.0) -> Check:
    """Theorem 3 for one draw: P within band/m of 1 at T_3, and the loss fell by `most_fall` or less."""

    def count(context: Context) -> Tally:
        trials = draws_needed(context.by_effort(100, 400, 2000))
        most = most_fall(part, rest)
        context.progress(f"{trials} networks of width {WIDTH}")
        outcomes = []
        for seed in context.draws(trials):
            found = late_draw(seed, WIDTH)
            outcomes.append(None if found is None else told(found[0] <= band and found[1] <= most, *found))
        return Tally.of(outcomes)

    return _bounded(count)


def _bounded(count: Callable[[Context], Tally]) -> Check:
    """The probability is at least 1 − δ, δ as chosen when the check runs."""

    def run(context: Context) -> Evidence:
        return statistical.bound(count, probability=str(1 - chosen.level.value)).run(context)

    return Check("statistical", run)


def normal_witness(factor: float) -> str | None:
    """ln χ² is nearly normal: T_2 is within factor/√(2m) of its mean with probability erf(factor/√2) at most."""
    probability = math.erf(factor / math.sqrt(2))
    if probability < _least() - 0.05:
        return (
            f"T₂ is nearly normal with deviation 1/√(2m): within {factor:g} of these with probability "
            f"{probability:.3f}"
        )
    return None


def size_witness(size: float, close: Number) -> str | None:
    """Exact laws of the linear phase: the largest of m normals, and χ² for P."""
    from scipy.stats import chi2

    at_most = math.erf(size * math.sqrt(math.log(WIDTH))) ** WIDTH
    low, high = (1 - close()) * WIDTH, (1 + close()) * WIDTH
    inside = float(chi2.cdf(high, WIDTH) - chi2.cdf(low, WIDTH))
    probability = min(at_most, inside)
    if probability < _least() - 0.05:
        return f"in the linear phase, m = {WIDTH}: probability at most about {probability:.3f}"
    return None


def late_witness(band: float, part: float = 1.0, rest: float = 1.0) -> str | None:
    over = WIDTH * abs(runs.generated_overshoot(WIDTH, 0, "line"))
    if band < 0.8 * over:
        return (
            f"m = {WIDTH}: the generated drift overshoots by {over:.2f}/m already at T₂ + log m, "
            f"more than {band:g}/m"
        )
    fall = runs.generated_fall(WIDTH, 0, "line")
    if most_fall(part, rest) < 0.9 * fall:
        return f"m = {WIDTH}: by the generated drift the loss has fallen by {fall:.4g} already at T₂ + log m"
    return None


_LEVEL = r"probability at least $1 - \delta$ at 99 % confidence, $\delta$ as chosen; Clopper–Pearson bounds"


def _add(
    id: str, title: str, where: str, statement: Callable[[], str], told: tuple[str, ...], check: Check,
    mutants: list[Mutant], uses: tuple[str, ...],
) -> None:  # fmt: skip
    paper.add(
        Claim(
            id=id,
            paper=paper.name,
            title=title,
            where=where,
            statement=statement,
            hypotheses=(*told, _LEVEL),
            uses=uses,
            basis="chosen",
            checks=(check,),
            mutants=lambda: mutants,
            expected=Verdict.SUPPORTED,
        )
    )


_NETWORK = rf"full network, $\tanh$, $\alpha = 1$, $m = {WIDTH}$, equidistant points, target $\sin x$"
SIZE = math.sqrt(2)
"""The largest of m normals is about √(2 log m)."""

_DEVIATIONS = (
    r"$z$: $\Pr[|N| > z] = b\,\delta$ for a normal $N$ (rounded up), with the part $b$ of $\delta$ chosen; as many "
    r"draws as tell $b\,\delta$ from $\delta$"
)


def _three(value: float) -> str:
    return f"{value:.3g}"


_add(
    "thm1.probability",
    "Theorem 1 holds for nearly all draws, with explicit constants",
    "Theorem 1, “with probability at least 1 − δ”",
    lambda: (
        r"\mathbb{P}\Bigl(q(T_1) \le \sqrt{2\log m}\;m^{\gamma-\alpha},\ \text{(35) and (29) within } "
        r"z\sqrt{2/m} + m^{1-2\alpha+2\gamma} + m^{-4\gamma}\Bigr) \ge 1 - \delta, \qquad z = "
        rf"{_three(deviations())},\; \delta = {_three(float(chosen.level))}"
    ),
    (_NETWORK, _DEVIATIONS, r"$m^{1-2\alpha+2\gamma}$ and $m^{-4\gamma}$: next orders, (36)"),
    plateau_check(SIZE, closeness),
    [
        Mutant(
            f"tight-{i}",
            words,
            rf"\text{{as stated, but {words}}}",
            plateau_check(size, close).run,
            partial(size_witness, size, close),
        )
        for i, (words, size, close) in enumerate(
            (
                ("a norm without room for the largest of m normals", 0.8, closeness),
                ("leading terms within 3 %", SIZE, lambda: 0.03),
                ("half the constant of (27)", SIZE / 2, closeness),
            ),
            1,
        )
    ],
    ("eq27.grid", "eq35.grid", "eq29.grid", "lem3"),
)


def _near(time: str) -> str:
    return (
        rf"\mathbb{{P}}\Bigl(\bigl|{time} - \tfrac12\log\tfrac{{2m(1-\zeta)}}{{\zeta}}\bigr| \le "
        rf"\tfrac{{z}}{{\sqrt{{2m}}}}\Bigr) \ge 1 - \delta, \qquad z = {_three(deviations())},\; "
        rf"\delta = {_three(float(chosen.level))}"
    )


_DESCENT = tuple(
    (f"within {f:g} deviations", f) for f in (1.0, 0.5, 1.2)
)  # 0.68, 0.38 and 0.77 of all normal draws
_add(
    "thm2.probability",
    "T₂ is near its mean for nearly all draws of the full network",
    "Theorem 2, “with probability at least 1 − δ”",
    lambda: _near("T_2"),
    (_NETWORK, _DEVIATIONS),
    descent_check(deviations),
    [
        Mutant(
            f"near-{i}",
            words,
            rf"\le {f:g}/\sqrt{{2m}}",
            descent_check(partial(float, f)).run,
            partial(normal_witness, f),
        )
        for i, (words, f) in enumerate(_DESCENT, 1)
    ],
    ("eq43.grid", "b2.spread"),
)
_add(
    "thm2.probability.reduced",
    "T₂ is near its mean for nearly all draws of the reduced system",
    "Theorem 2, “with probability at least 1 − δ”",
    lambda: _near(r"T_2^{\mathrm{reduced}}"),
    (rf"reduced system in closed form from draws of width $m = {FAR}$, $\alpha = 1$", _DEVIATIONS),
    reduced_check(deviations),
    [
        Mutant(
            f"near-{i}",
            words,
            rf"\le {f:g}/\sqrt{{2m}}",
            reduced_check(partial(float, f)).run,
            partial(normal_witness, f),
        )
        for i, (words, f) in enumerate(_DESCENT, 1)
    ],
    ("b1", "b2.spread"),
)

BAND = 6.0
"""Twice what B3 comes to with a kurtosis that the plateau has made a third larger, as in thm3.network."""

_add(
    "thm3.probability",
    "Theorem 3 holds for nearly all draws, with explicit constants",
    "Theorem 3, “with probability at least 1 − δ”",
    lambda: (
        rf"\mathbb{{P}}\Bigl(|P(T_3) - 1| \le \tfrac{{{BAND:g}}}{{m}},\ "
        r"R(T_2) - R(T_3) \le \tfrac{\zeta^2}{2} + \tfrac1m\Bigr) \ge 1 - \delta, \qquad T_3 = T_2 + "
        rf"{_three(float(chosen.plateau_factor))}\,\tfrac{{m}}{{\log m}},\; \zeta = {_three(float(chosen.zeta))},\; "
        rf"\delta = {_three(float(chosen.level))}"
    ),
    (_NETWORK, r"$c$ of $T_3 = T_2 + c\,m/\log m$ as chosen; $1/m$ is for what (62) leaves out"),
    late_check(BAND),
    [
        Mutant("band-1", "a band six times narrower", r"|P - 1| \le 1/m", late_check(1.0).run,
               partial(late_witness, 1.0)),
        Mutant("fall-1", "half the fall", r"R(T_2) - R(T_3) \le \zeta^2/4", late_check(BAND, 0.5, 0.0).run,
               partial(late_witness, BAND, 0.5, 0.0)),
    ],
    ("eq62.network", "thm3.network"),
)  # fmt: skip
