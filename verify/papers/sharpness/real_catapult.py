"""Real networks in the phases of early training: what loss and sharpness do there, and that a catapult comes back."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from numerics.eigenvalues import largest_eigenvalue
from numerics.phase_diagram import Scan
from numerics.training import Sharpness, train
from verify.checks import statistical
from verify.checks.guard import guarded
from verify.checks.statistical import Tally
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.real_draws import CRITICAL, TASK, WHERE, network, scanned
from verify.papers.sharpness.real_witness import Plain
from verify.parameters import remembered

DEPTH, WIDTH = 2, 64
STEPS = 100
DRAWS = (14, 40, 120)
PROBABILITY = "1/2"


@dataclass(frozen=True)
class End:
    """One run: its largest loss in the first ten steps, and its loss and sharpness at the end, over those at the start;
    ηλ at the end. NaN where it diverged."""

    phase: str
    c: float
    peak: float
    loss: float
    sharpness: float
    scaled: float

    @property
    def known(self) -> bool:
        """Whether every number is finite."""
        return all(map(math.isfinite, (self.peak, self.loss, self.sharpness, self.scaled)))


def _scan(seed: int) -> Scan:
    return scanned(DEPTH, WIDTH, seed, ("loss", "sharpness", "divergence"), smallest=2.0, largest=16.0)


def middles(found: Scan) -> dict[str, float] | None:
    """c in the middle of each catapult phase, in log c; None where a phase is empty for this draw."""
    loss, sharp, most = found.c_loss, found.c_sharp, found.c_max
    if loss is None or sharp is None or most is None or not loss < sharp <= most:
        return None
    return {"loss catapult": math.sqrt(loss * sharp), "loss and sharpness catapult": math.sqrt(sharp * most)}


@remembered
def ends(seed: int) -> tuple[End, ...] | None:
    """The ends of this draw's runs in the two phases."""
    found = _scan(seed)
    chosen = middles(found)
    if chosen is None:
        return None
    model = network(DEPTH, WIDTH, seed)
    start = model.initial(seed)
    reached = []
    for phase, c in chosen.items():
        run = train(model, start, c / found.initial_sharpness, STEPS, every=1, explain=False)
        losses = run.records["loss"] / found.initial_loss
        last = largest_eigenvalue(model.at(run.y[-1])).value if run.status == "ok" else math.nan
        ratio = last / found.initial_sharpness
        reached.append(End(phase, c, float(np.max(losses[:11])), float(losses[-1]), ratio, c * ratio))
    return tuple(reached)


def came_back(one: End) -> bool:
    """The loss went up and is far below its start in the end, where the sharpness is lower than at the start and
    gradient descent is stable."""
    return one.peak > 1 and one.loss < 0.1 and one.sharpness < 1 and one.scaled < 2


def check(wanted: Callable[[End], bool]) -> Check:
    """A draw counts where its runs in both phases do what is wanted."""

    @guarded("statistical")
    def run(context: Context) -> Evidence:
        outcomes: list[bool | None] = []
        rows: list[list[Any]] = []
        for seed in context.draws(context.by_effort(*DRAWS)):
            context.progress(f"draw {seed}")
            found = ends(seed)
            if found is None or not all(one.known for one in found):
                outcomes.append(None)
                continue
            outcomes.append(all(wanted(one) for one in found))
            rows += [[seed, one.phase, one.c, one.peak, one.loss, one.sharpness, one.scaled] for one in found]
        evidence = statistical.bound(Tally.of(outcomes), probability=PROBABILITY).run(context)
        columns = ["seed", "phase", "c", "largest L_t/L_0, t ≤ 10", "L/L_0", "λ/λ_0", "ηλ at the end"]
        data: dict[str, Any] = {**evidence.data, "table": {"columns": columns, "rows": rows[:20]}}
        if wanted is came_back and evidence.verdict is Verdict.SUPPORTED:
            data["figure"] = _panels(context.seed)
        return Evidence(evidence.verdict, "statistical", evidence.detail, data)

    return Check("statistical", run)


SHOWN_STEPS = 40
_HIGHEST = {"sharpness": 3.0, "loss": 100.0}  # what goes above leaves the picture


def _panels(seed: int) -> list[dict[str, Any]]:
    """One run in each phase, to its first steps."""
    found, model = _scan(seed), network(DEPTH, WIDTH, seed)
    inner = middles(found)
    if inner is None or found.c_loss is None or found.c_max is None:
        return []
    chosen = {
        "below 2": 1.5,
        "sharpness reduction": math.sqrt(2 * found.c_loss),
        **inner,
        "divergent": found.c_max * 2**0.3,
    }
    series: dict[str, list[dict[str, Any]]] = {"sharpness": [], "loss": []}
    for phase, c in chosen.items():
        run = train(
            model,
            model.initial(seed),
            c / found.initial_sharpness,
            SHOWN_STEPS,
            every=1,
            observables={"sharpness": Sharpness(model, 1e-3)},
            explain=False,
        )
        for name, into in series.items():
            values = np.asarray(run.records[name]) / run.records[name][0]
            gone = np.flatnonzero(~(values <= _HIGHEST[name]))
            kept = int(gone[0]) if len(gone) else len(values)
            into.append(
                {
                    "label": f"{phase}, c = {c:.2f}",
                    "x": [float(t) for t in run.record_numbers[:kept]],
                    "y": [float(v) for v in values[:kept]],
                    "style": "line",
                    "role": "other",
                }
            )
    shared = {"xlabel": "step", "xscale": "linear"}
    return [
        {
            **shared,
            "title": f"Sharpness in each phase, depth {DEPTH}, width {WIDTH}",
            "ylabel": "λ^Hₜ / λ^H₀",
            "yscale": "linear",
            "series": series["sharpness"],
        },
        {
            **shared,
            "title": "Loss of the same runs",
            "ylabel": "L_t / L_0",
            "yscale": "log",
            "series": series["loss"],
        },
    ]


@remembered
def _plain_end() -> tuple[float, float, float]:
    """Largest L_t/L_0 in ten steps, L_100/L_0 and λ_100/λ_0 of draw 0 at c = 3.3, by plain loops."""
    draw = Plain(DEPTH, WIDTH, 0)
    first, start = draw.sharpness(draw.start), draw.loss(draw.start)
    weights, peak = draw.start, 0.0
    for step in range(STEPS):
        weights = [w - 3.3 / first * g for w, g in zip(weights, draw.gradient(weights), strict=True)]
        if step < 10:
            peak = max(peak, draw.loss(weights) / start)
    return peak, draw.loss(weights) / start, draw.sharpness(weights) / first


def _stays_up(one: End) -> bool:
    return one.loss > 1


def _stays_unstable(one: End) -> bool:
    return one.scaled > 2


def _same_sharpness(one: End) -> bool:
    return abs(one.sharpness - 1) < 0.1


def _witness(wrong: Callable[[End], bool]) -> str | None:
    peak, loss, sharpness = _plain_end()
    if peak > 1 and not wrong(End("", 3.3, peak, loss, sharpness, 3.3 * sharpness)):
        return (
            f"plain loops on draw 0, c = 3.3: the loss goes up {peak:.2f}-fold and is {loss:.2g} of its start after "
            f"{STEPS} steps, and the sharpness is {sharpness:.2f} of its start"
        )
    return None


def _mutants() -> Sequence[Mutant]:
    wrong: tuple[tuple[str, str, str, Callable[[End], bool]], ...] = (
        ("no-return", "the loss stays above its start", r"L_{100} > L_0", _stays_up),
        (
            "no-reduction",
            "the sharpness is what it was",
            r"\lambda^H_{100} \approx \lambda^H_0",
            _same_sharpness,
        ),
        ("unstable", "the sharpness ends above 2/η", r"\eta\lambda^H_{100} > 2", _stays_unstable),
    )
    return [
        Mutant(name, words, rf"\mathbb{{P}}[{latex}] \ge \tfrac12", check(kind).run, partial(_witness, kind))
        for name, words, latex, kind in wrong
    ]


paper.checked(
    "real.catapult",
    check(came_back),
    title="A catapult comes back: the loss falls below its start, and the sharpness below 2/η",
    where=WHERE,
    statement=(
        r"\mathbb{P}\Bigl[\max_{t \le 10} L_t > L_0, \quad L_{100} < \tfrac1{10} L_0, \quad "
        r"\lambda^H_{100} < \lambda^H_0, \quad \eta\lambda^H_{100} < 2 \;\text{ in both catapult phases}\Bigr] "
        r"\ge \tfrac12"
    ),
    hypotheses=(
        *TASK,
        *CRITICAL,
        rf"$d = {DEPTH}$, $w = {WIDTH}$; $c$ in the middle of each phase of this draw, in $\log c$: "
        r"$\sqrt{c_{\mathrm{loss}}\,c_{\mathrm{sharp}}}$ and $\sqrt{c_{\mathrm{sharp}}\,c_{\max}}$; a draw in which a "
        "phase is empty does not count as a success",
    ),
    basis="text",
    mutants=_mutants,
    expected="SUPPORTED",
)
