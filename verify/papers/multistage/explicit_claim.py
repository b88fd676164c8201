"""How a step "for m large enough" becomes a claim that can be false: from the widths on that its statement names.

The widths come from the bounds written out (`explicit_widths`); the check takes the bounds that are put together from
other claims (`explicit_bounds`, `explicit_fine`), which are also what is printed. So a constant that is wrong in
either of them moves a width, and refutes the claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import Any

from verify.checks.guard import guarded
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.multistage.explicit_bounds import Conditions
from verify.papers.multistage.explicit_fine import names
from verify.papers.multistage.explicit_terms import Condition, Names, Place, Setting
from verify.papers.multistage.explicit_told import told
from verify.papers.multistage.explicit_widths import ANY, log_width, plainly, stated, told_width
from verify.papers.multistage.large_widths import Falling
from verify.papers.multistage.paper import paper
from verify.stating import Printed

ALPHAS = tuple(Fraction(a) for a in ("11/20", "5/8", "3/4", "1", "5/4", "3/2", "2"))
BITS = 160

CONSTANTS = (
    r"$\Lambda = \log\frac{2m(d+1)}{\delta}$; $L$ is that of Assumption 3, the mean of $|f^{*}|$ is at most $F$, "
    r"$\lVert x\rVert \le D$: parameters (chosen), unless set $L = F = 1$ and $D = \sqrt{3d}$, those of tanh "
    r"($|\delta^{\prime}(u)| \le u^2$), a target of mean size 1 and the uniform density on the cube; at other $L$, "
    r"$F$, $D$, $\alpha$ and $d$ the widths are others, and nothing is said here of them",
    r"$\gamma/(\alpha-\frac12)$, $K$, $\delta$, $\zeta$, $\vartheta$, $s$, $C_0$, $c_V$ and $c_H$ are parameters "
    r"(chosen); on the event that (68) and the bounds of Proposition 8 hold, which together have probability at least "
    r"$1 - \delta$ for "
    r"$m \ge \frac{256}{9C_0}\log\frac{4(d+1)}{\delta}$ (lem3.event)",
    "left to the reader: the check is of the inequality between explicit functions of m; that they bound what they "
    "stand for is said here, rests on the claims used, and takes continuity and integration besides",
)


@dataclass(frozen=True)
class Step:
    """One step: what has to be, and where.

    before:     what else has to be, of earlier steps. With it the step is one statement, which holds from the largest
                of the widths on; without it each condition has a width of its own.
    places:     whether (α, d) belongs to the statement.
    conclusion: printed in place of the conditions.
    other:      exponents of negative controls: a name, words, the changed setting.
    """

    conditions: Conditions
    before: tuple[Conditions, ...] = ()
    dims: tuple[int, ...] = (1, 3)
    places: Callable[[Setting], bool] = lambda s: True
    alphas: tuple[Fraction, ...] = ALPHAS
    conclusion: str = ""
    other: tuple[tuple[str, str, Mapping[str, Fraction]], ...] = ()

    def all(self) -> tuple[Condition, ...]:
        """All that has to be, each once."""
        found = [one for conditions in (*self.before, self.conditions) for one in conditions()]
        return tuple({one.name: one for one in found}.values())

    def settings(self) -> list[Setting]:
        found = [Setting(alpha, dim) for alpha in self.alphas for dim in self.dims]
        return [s for s in found if self.places(s)]


@dataclass(frozen=True)
class Changed:
    """What a negative control has in place of what is stated. `later`: hundredths that every width is moved by."""

    later: int = 0
    setting: Mapping[str, Fraction] = field(default_factory=dict)
    names: Names = field(default_factory=dict)
    conditions: Callable[[tuple[Condition, ...]], tuple[Condition, ...]] = lambda given: given


AS_STATED = Changed()


@dataclass(frozen=True)
class Decided:
    """One condition at one place: the width that is named, and what the balls say of it.

    finding: "holds" at every m from there on and not a hundredth below; "fails" there; "sooner": it holds a hundredth
             below as well; "apart": it holds, but the bound written out has another value there; "open".
    """

    setting: Setting
    name: str
    width: int | None
    bound: Falling | None
    finding: str


def decide(bound: Falling | None, s: Setting, width: int | None) -> str:
    """What the balls say of a bound and a width; see `Decided`."""
    if bound is None or width is None:
        return "open"
    here = log_width(width)
    if bound.at(here, s.kappa) > 1:
        return "fails"
    if not bound.settled(here, s.kappa):
        return "open"
    if width == ANY:
        return "holds"
    below = log_width(width - 1)
    if bound.at(below, s.kappa) > 1:
        return "holds"
    return "sooner" if bound.settled(below, s.kappa) else "open"


def decided(step: Step, changed: Changed = AS_STATED) -> Iterator[Decided]:
    """Every condition at every place."""
    known = {**names(), **changed.names}
    conditions = changed.conditions(step.all())
    for s in step.settings():
        here = replace(s, changed=changed.setting)
        place = Place(here, known)
        for one in conditions:
            width = stated(s.alpha, s.dim, one.name)
            if width is not None and width > ANY:
                width = max(width + changed.later, 1)
            bound = place.ratio(one)
            finding = decide(bound, here, width)
            if finding == "holds" and bound is not None and width is not None:
                finding = "holds" if _agree(bound, here, one.name, width) else "apart"
            yield Decided(here, one.name, width, bound, finding)


def _agree(bound: Falling, s: Setting, name: str, width: int) -> bool:
    """Whether both evaluations are the same: it is in the small terms, too, that none is wrong."""
    ours, plain = bound.at(log_width(width), s.kappa).mid(), plainly(s, name, width)
    return bool(abs(float(ours) - float(plain)) <= 1e-12 * float(plain))


def check(step: Step, of: str, changed: Changed = AS_STATED) -> Check:
    """From the width on that is named every condition holds, and a hundredth of its logarithm before it does not."""

    @guarded("enclosure")
    def run(context: Context) -> Evidence:
        from numerics.precision import working_precision

        found: list[Decided] = []
        with working_precision(BITS):
            for one in decided(step, changed):
                context.progress(f"α = {one.setting.alpha}, d = {one.setting.dim}")
                found.append(one)
                if one.finding in ("fails", "sooner"):
                    return Evidence(
                        Verdict.REFUTED, "enclosure", f"{of}: {_against(one)}.", {"step": one.name}
                    )
            steps = told(found, BITS)
        if not found:
            return _undecided(of, "no place belongs to it", {})
        rows = _rows(step, found)
        data: dict[str, Any] = {
            "table": {
                "columns": ["α", "d", "what decides" if step.before else "step", "log₁₀ m₀"],
                "rows": _most_telling(rows),
            },
            "figure": _panels([[*row[:2], "all steps", *row[3:]] for row in rows] if step.before else rows),
        }
        unclear = [one for one in found if one.finding != "holds"]
        if unclear:
            return _undecided(of, _against(unclear[0]), data)
        if steps:
            data["derivation"] = steps
        return Evidence(Verdict.PROVED, "enclosure", f"{of}: {_summary(rows)}", data)

    return Check("enclosure", run)


def _undecided(of: str, why: str, data: Mapping[str, Any]) -> Evidence:
    return Evidence(Verdict.UNDECIDED, "enclosure", f"{of}: {why}.", {**data, "not_confirmed": True})


def _against(one: Decided) -> str:
    where = f"{one.name} at α = {one.setting.alpha}, d = {one.setting.dim}"
    if one.width is None:
        return f"{where}: there is no width from which on it holds"
    if one.bound is None:
        return f"{where}: what it has to be below is not positive"
    if one.finding == "open":
        return f"{where}: left open by the balls at {told_width(one.width)}"
    if one.finding == "apart":
        return f"{where}: the bound written out has another value at {told_width(one.width)}"
    at = one.width if one.finding == "fails" else one.width - 1
    value = one.bound.at(log_width(at), one.setting.kappa).str(6, radius=False)
    said = "> 1 where it is said to hold" if one.finding == "fails" else "< 1 where it is said to fail"
    return f"{where}, {told_width(at)}: {value} {said}"


def _rows(step: Step, found: list[Decided]) -> list[list[Any]]:
    """A row for each place and condition; of a whole statement, the condition that decides."""
    kept = [one for one in found if one.width is not None]
    if step.before:
        largest: dict[tuple[Fraction, int], Decided] = {}
        for one in kept:
            key = (one.setting.alpha, one.setting.dim)
            if key not in largest or one.width > largest[key].width:  # type: ignore[operator]
                largest[key] = one
        kept = list(largest.values())
    return [[str(one.setting.alpha), one.setting.dim, one.name, (one.width or 48) / 100] for one in kept]


def _summary(rows: list[list[Any]]) -> str:
    widest, narrowest = (choose(rows, key=lambda row: row[3]) for choose in (max, min))
    return (
        f"{len(rows)} widths, each with its bounds met at every m from there on and not at 0.977 of it; log₁₀ m₀ is "
        f"from {narrowest[3]} ({narrowest[2]}, α = {narrowest[0]}, d = {narrowest[1]}) to {widest[3]} ({widest[2]}, "
        f"α = {widest[0]}, d = {widest[1]})."
        + (" At 0.48 every m ≥ 3 will do." if narrowest[3] == 0.48 else "")
    )


def _most_telling(rows: list[list[Any]]) -> list[list[Any]]:
    """At most 30 rows: for each step, the values of α that the figure does not need."""
    if len(rows) <= 30:
        return rows
    for fewer in (("11/20", "3/4", "1", "3/2", "2"), ("11/20", "1", "2")):
        kept = [row for row in rows if row[0] in fewer]
        if len(kept) <= 30:
            break
    return kept[:30]


def _panels(rows: list[list[Any]]) -> list[Any]:
    series: dict[str, list[tuple[float, float]]] = {}
    for alpha, dim, name, log10 in rows:
        series.setdefault(f"{name}, d = {dim}", []).append((float(Fraction(alpha)), log10))
    return [
        {
            "title": "Smallest width from which on the step holds",
            "xlabel": "α",
            "ylabel": "log₁₀ m",
            "xscale": "linear",
            "yscale": "log",
            "series": [
                {
                    "label": label,
                    "x": [x for x, _ in points],
                    "y": [y for _, y in points],
                    "style": "line",
                    "role": "other",
                }
                for label, points in series.items()
            ],
            "marks": [],
        }
    ]


def add(
    id: str,
    step: Step,
    *,
    title: str,
    where: str,
    hypotheses: tuple[str, ...] = (),
    uses: tuple[str, ...] = (),
) -> None:
    """A claim "for every m ≥ m₀(α, d), and not just below", with the numbers m₀ in its statement."""
    from verify.papers.multistage.explicit_controls import mutants
    from verify.papers.multistage.explicit_stated import compared, concluded, printed

    sides = partial(compared, step)
    paper.checked(
        id,
        replace(check(step, title), compared=sides),
        title=title,
        where=where,
        statement=partial(concluded, step) if step.conclusion else Printed(sides, partial(printed, step)),
        hypotheses=(*hypotheses, *CONSTANTS),
        uses=uses,
        basis="chosen",
        mutants=partial(mutants, step, title),
    )
