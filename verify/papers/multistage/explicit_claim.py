"""How a step "for m large enough" becomes a claim: its smallest width at several places (α, d), settled in balls."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from verify.checks.guard import guarded
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.multistage.explicit_bounds import Conditions, Setting, setting
from verify.papers.multistage.explicit_told import told
from verify.papers.multistage.large_widths import Falling, Threshold, ball, threshold
from verify.papers.multistage.paper import paper

ALPHAS = tuple(Fraction(a) for a in ("11/20", "5/8", "3/4", "1", "5/4", "3/2", "2"))
BITS = 160

CONSTANTS = (
    r"$\Lambda = \log\frac{2m(d+1)}{\delta}$, $x = \sqrt{2d\Lambda}\,m^{\gamma-\alpha}$; $L = F = 1$ and "
    r"$D = \sqrt{3d}$, those of tanh and the uniform density on the cube",
    r"$\gamma/(\alpha-\frac12)$, $K$, $\delta$, $\zeta$, $\vartheta$ and $s$ are parameters (chosen); on the event "
    r"that (68) and the bounds of Proposition 8 hold, which together have probability at least $1 - \delta$ for "
    r"$m \ge \frac{128}{3}\log\frac{4(d+1)}{\delta}$ (lem3.event)",
    "the check is of the inequality between explicit functions of m; that they bound what they stand for is said here, "
    "rests on the claims used, and takes continuity and integration besides",
)

Places = Callable[[Setting], bool]
"""Whether a place (α, d) belongs to the statement."""


@dataclass(frozen=True)
class Step:
    """One step: what has to be below 1, and where. `changed` settings are those of negative controls; their statement
    says the same of another exponent."""

    conditions: Conditions
    dims: tuple[int, ...] = (1, 3)
    places: Places = lambda s: True
    alphas: tuple[Fraction, ...] = ALPHAS
    changed: tuple[tuple[str, str, Mapping[str, Fraction]], ...] = ()
    whole: bool = False
    """Whether the conditions are one statement, which holds from the largest of their widths on."""

    def settings(self, changed: Mapping[str, Fraction]) -> list[Setting]:
        found = [setting(alpha, dim, **changed) for alpha in self.alphas for dim in self.dims]
        return [s for s in found if self.places(s)]

    def thresholds(self, s: Setting) -> list[tuple[str, Falling, Threshold]]:
        """Each condition with its smallest width; of a whole statement the one that decides."""
        found = [(name, bound, threshold(bound, s.kappa)) for name, bound in self.conditions(s).items()]
        if not self.whole:
            return found
        none = [one for one in found if one[2].above is None]
        return none[:1] or [max(found, key=lambda one: one[2].above or 0)]


@dataclass(frozen=True)
class Smaller:
    """A width that is claimed in place of the smallest one."""

    name: str
    words: str
    log_width: Callable[[Falling, Setting, Threshold], Fraction]


def _tenth(bound: Falling, s: Setting, found: Threshold) -> Fraction:
    assert found.above is not None
    return found.above - Fraction(23, 10)


def _without_logarithm(bound: Falling, s: Setting, found: Threshold) -> Fraction:
    plain = Falling({})
    for (_, r), c in bound.terms.items():
        plain += Falling({(Fraction(0), r): c})
    other = threshold(plain, s.kappa).above
    # Where the powers of m alone never suffice, nothing is claimed.
    return found.above if other is None and found.above is not None else other or Fraction(1)


SMALLER = (
    Smaller("tenth", "a tenth of the width", _tenth),
    Smaller("without-logarithm", "the width that the powers of m alone would give", _without_logarithm),
)


def _rows(step: Step, context: Context) -> tuple[list[list[Any]], list[str]]:
    """A row for each place and condition, and what stands against the statement."""
    rows: list[list[Any]] = []
    against: list[str] = []
    for s in step.settings({}):
        context.progress(f"α = {s.alpha}, d = {s.dim}")
        for name, _, found in step.thresholds(s):
            if found.above is None:
                against.append(f"{name} at α = {s.alpha}, d = {s.dim}: {found.why}")
                continue
            below = "at most" if found.below is None else "exactly"
            rows.append([str(s.alpha), s.dim, name, round(float(found.above) / math.log(10), 4), below])
            if found.below is None and found.above > 1:
                against.append(f"{name} at α = {s.alpha}, d = {s.dim}: no smaller width was shown to fail")
    return rows, against


def smallest(step: Step, of: str) -> Check:
    """From the smallest width on every condition holds, and just below it does not."""

    @guarded("enclosure")
    def run(context: Context) -> Evidence:
        from numerics.precision import working_precision

        with working_precision(BITS):
            rows, against = _rows(step, context)
        if not rows and not against:
            return Evidence(
                Verdict.UNDECIDED, "enclosure", f"{of}: no place belongs to it", {"not_confirmed": True}
            )
        data: dict[str, Any] = {
            "table": {
                "columns": [
                    "α",
                    "d",
                    "what decides" if step.whole else "step",
                    "log₁₀ of the smallest m",
                    "how",
                ],
                "rows": _most_telling(rows),
            },
            "figure": _panels([[*row[:2], "all steps", *row[3:]] for row in rows] if step.whole else rows),
        }
        if against:
            return Evidence(
                Verdict.UNDECIDED, "enclosure", f"{of}: {against[0]}.", {**data, "not_confirmed": True}
            )
        widest = max(rows, key=lambda row: row[3])
        narrowest = min(rows, key=lambda row: row[3])
        detail = (
            f"{of}: {len(rows)} bounds, each met at every m from its smallest one on and not just below it; log₁₀ m is "
            f"from {narrowest[3]} ({narrowest[2]}, α = {narrowest[0]}, d = {narrowest[1]}) to {widest[3]} "
            f"({widest[2]}, α = {widest[0]}, d = {widest[1]})."
        )
        if any(row[4] == "at most" for row in rows):
            detail += " Where the table says “at most”, every m ≥ 3 will do."
        with working_precision(BITS):
            steps = told(((s, *one) for s in step.settings({}) for one in step.thresholds(s)), BITS)
        if steps:
            data["derivation"] = steps
        return Evidence(Verdict.PROVED, "enclosure", detail, data)

    return Check("enclosure", run)


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
    for alpha, dim, name, log10, _ in rows:
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


def claimed(step: Step, smaller: Smaller, of: str) -> Check:
    """The same of a smaller width: every condition is below 1 there."""

    @guarded("enclosure")
    def run(context: Context) -> Evidence:
        from numerics.precision import working_precision

        with working_precision(BITS):
            for s in step.settings({}):
                for name, bound, found in step.thresholds(s):
                    if found.above is None:
                        continue
                    here = ball(max(smaller.log_width(bound, s, found), Fraction(1)))
                    value = bound.at(here, s.kappa)
                    if value > 1:
                        return _refuted(of, name, s, here.str(8, radius=False), value.str(6, radius=False))
        return Evidence(Verdict.UNDECIDED, "enclosure", f"{of}: no place decides", {"not_confirmed": True})

    return Check("enclosure", run)


def elsewhere(step: Step, changed: Mapping[str, Fraction], of: str) -> Check:
    """The same with another exponent: from some width below e^10000 on every condition holds."""

    @guarded("enclosure")
    def run(context: Context) -> Evidence:
        from numerics.precision import working_precision

        with working_precision(BITS):
            for s in step.settings(changed):
                for name, bound in step.conditions(s).items():
                    value = bound.at(ball(10_000), s.kappa)
                    if value > 1:
                        return _refuted(of, name, s, "10000", value.str(6, radius=False))
        return Evidence(Verdict.UNDECIDED, "enclosure", f"{of}: no place decides", {"not_confirmed": True})

    return Check("enclosure", run)


def _refuted(of: str, name: str, s: Setting, log_width: str, value: str) -> Evidence:
    where = f"α = {s.alpha}, d = {s.dim}, log m = {log_width}"
    return Evidence(Verdict.REFUTED, "enclosure", f"{of}: {name} is {value} > 1 at {where}.", {"step": name})


def _witness_of_smaller(step: Step, smaller: Smaller) -> str | None:
    """By mpmath and the bounds written out, where the table's widths are only looked up."""
    from numerics.precision import working_precision
    from verify.papers.multistage.explicit_plain import exceeds

    with working_precision(BITS):
        for s in step.settings({}):
            for name, bound, found in step.thresholds(s):
                if found.above is None:
                    continue
                log_m = float(max(smaller.log_width(bound, s, found), Fraction(1)))
                value = exceeds(s, log_m, name)
                if value is not None:
                    return (
                        f"{name} at α = {s.alpha}, d = {s.dim}, log m = {log_m:.6g}: {float(value):.6g} > 1"
                    )
    return None


def _witness_elsewhere(step: Step, changed: Mapping[str, Fraction]) -> str | None:
    from verify.papers.multistage.explicit_plain import exceeds

    for s in step.settings(changed):
        for name in step.conditions(s):
            value = exceeds(s, 10_000, name)
            if value is not None:
                return f"{name} at α = {s.alpha}, d = {s.dim}, log m = 10000: above 1"
    return None


def _mutants(step: Step, of: str, statement: str) -> Sequence[Mutant]:
    at_less = [
        Mutant(
            smaller.name,
            f"from {smaller.words} on",
            statement + rf" \quad \text{{from {smaller.words} on}}",
            claimed(step, smaller, of).run,
            partial(_witness_of_smaller, step, smaller),
        )
        for smaller in SMALLER
    ]
    other = [
        Mutant(
            name,
            words,
            statement + rf" \quad \text{{with {words}}}",
            elsewhere(step, changed, of).run,
            partial(_witness_elsewhere, step, changed),
        )
        for name, words, changed in step.changed
    ]
    return [*at_less, *other]


def _places(step: Step) -> str:
    """Where the claim is made, for a reader."""
    listed = ", ".join(
        str(a) if a.denominator == 1 else rf"\frac{{{a.numerator}}}{{{a.denominator}}}" for a in step.alphas
    )
    dims = ", ".join(str(dim) for dim in step.dims)
    own = (
        "the table says which of the inequalities decides"
        if step.whole
        else "each inequality has an $m_0$ of its own, in the table"
    )
    return rf"at the places $\alpha = {listed}$ and $d = {dims}$; {own}"


def add(
    id: str,
    step: Step,
    *,
    title: str,
    where: str,
    statement: str,
    hypotheses: tuple[str, ...] = (),
    uses: tuple[str, ...] = (),
) -> None:
    """A claim "for every m ≥ m₀(α, d)", whose m₀ the check finds."""
    whole = (
        statement
        + r" \quad \text{for every } m \ge m_0(\alpha, d), \text{ and, where } m_0 > 3, \text{ not just below}"
    )
    paper.checked(
        id,
        smallest(step, title),
        title=title,
        where=where,
        statement=whole,
        hypotheses=(*hypotheses, _places(step), *CONSTANTS),
        uses=uses,
        basis="chosen",
        mutants=partial(_mutants, step, title, statement),
    )
