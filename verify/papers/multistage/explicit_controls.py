"""Negative controls of the explicit steps: another width, constant, term, power or setting, through the same check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from typing import Any

import sympy as sp

from theory.estimates import D
from theory.symbols import width as m
from verify.claim import Mutant
from verify.papers.multistage.explicit_bounds import lam
from verify.papers.multistage.explicit_claim import Changed, Step, check
from verify.papers.multistage.explicit_fine import names
from verify.papers.multistage.explicit_stated import definition
from verify.papers.multistage.explicit_terms import Condition, Lambda, Names, Setting, gamma, used
from verify.papers.multistage.explicit_widths import ANY, plainly, stated, told_width
from verify.stating import expression_latex

MARGIN = 1e-9
"""Beyond the rounding of mpmath."""

AT_MOST = 3
"""Changes of each kind."""


def mutants(step: Step, of: str) -> Sequence[Mutant]:
    """Those of the widths, of the inequalities, of what stands in them, and of the exponents."""
    made = [*_widths(), *_sides(step), *_terms(step), *_names(step), *_settings(step)]
    return [
        Mutant(name, words, rf"\text{{as stated, but }} {shown}", check(step, of, changed).run, witness)
        for name, words, shown, changed, witness in ((*one, partial(_witness, step, one[3])) for one in made)
    ]


Made = tuple[str, str, str, Changed]


def _widths() -> Iterator[Made]:
    yield "tenth", "from a tenth of the widths on", r"m \ge \tfrac1{10} m_0", Changed(later=-100)
    yield (
        "tenfold",
        "not before ten times the widths",
        r"m \ge 10\,m_0 \text{, and not before}",
        Changed(later=100),
    )


def _sides(step: Step) -> Iterator[Made]:
    """Each of its own left sides halved."""
    for one in step.conditions():
        shown = rf"{expression_latex(one.left / 2)} < {expression_latex(one.right)}"
        yield (
            f"half {one.name}",
            f"the left side of {one.name} halved",
            shown,
            Changed(conditions=partial(_halved, one)),
        )


def _halved(which: Condition, given: tuple[Condition, ...]) -> tuple[Condition, ...]:
    return tuple(replace(one, left=one.left / 2) if one == which else one for one in given)


def _direct(step: Step) -> list[sp.Symbol]:
    """The names in its own inequalities."""
    inside = set().union(*(one.left.free_symbols for one in step.conditions()))
    return [name for name in names() if name in inside]


def _terms(step: Step) -> Iterator[Made]:
    """A tenth of one term of what its inequalities are about."""
    changes = [
        (name, term)
        for name in _direct(step)
        for term in names()[name].args
        if names()[name].is_Add and term.has(sp.Symbol)
    ]
    for i, (name, term) in enumerate(changes[:2]):
        made = names()[name] - term + term / 10
        yield (
            f"term-{i + 1}",
            "a tenth of one term",
            definition(name, made).replace("&", ""),
            Changed(names={name: made}),
        )


def _names(step: Step) -> Iterator[Made]:
    """Half of a name, and one by a half power of m less."""
    inside = used([one.left for one in step.conditions()], names())
    for i, name in enumerate(
        dict.fromkeys([*_direct(step)[-AT_MOST:], *(one for one in inside if one == lam)]), 1
    ):
        made = names()[name] / 2
        yield (
            f"halved-{i}",
            "half of what one of its letters stands for",
            definition(name, made).replace("&", ""),
            Changed(names={name: made}),
        )
    for name in _direct(step)[:1]:
        made = names()[name] / sp.sqrt(m)
        yield (
            "exponent",
            "an exponent less by ½",
            definition(name, made).replace("&", ""),
            Changed(names={name: made}),
        )


def _settings(step: Step) -> Iterator[Made]:
    for name, words, changed in step.other:
        yield name, f"with {words}", rf"\text{{{words}}}", Changed(setting=changed)


def _witness(step: Step, changed: Changed) -> str | None:
    """A place and a width at which it is false: by the bounds written out, or by the changed formula itself in mpmath,
    where the check has a sum of terms in balls."""
    for s in step.settings():
        for was, one in zip(step.all(), changed.conditions(step.all()), strict=True):
            width = stated(s.alpha, s.dim, one.name)
            if width is None:
                continue
            moved = max(width + changed.later, 1) if width > ANY else width
            if not changed.names and one == was:
                value = partial(plainly, replace(s, changed=changed.setting), one.name)
            else:
                value = partial(evaluated, one, {**names(), **changed.names}, s)
            found = _false(value, moved)
            if found:
                return f"{one.name} at α = {s.alpha}, d = {s.dim}: {found}"
    return None


def _false(value: Any, width: int) -> str | None:
    here = value(hundredths=width)
    if here > 1 + MARGIN:
        return f"{float(here):.6g} > 1 at {told_width(width)}, where it is said to hold"
    if width > ANY:
        below = value(hundredths=width - 1)
        if 0 < below < 1 - MARGIN:
            return f"{float(below):.6g} < 1 at {told_width(width - 1)}, where it is said to fail"
    return None


@cache
def _function(expr: sp.Expr) -> tuple[list[sp.Symbol], Any]:
    symbols = sorted(expr.free_symbols, key=str)
    return symbols, sp.lambdify(symbols, expr, "mpmath")


def evaluated(condition: Condition, known: Names, s: Setting, hundredths: float) -> Any:
    """Left side over right side of a formula at a width, by mpmath."""
    from mpmath import mp

    with mp.workdps(30):
        log_m = mp.mpf(1) if hundredths <= ANY else mp.mpf(hundredths) / 100 * mp.log(10)
        put: dict[sp.Symbol, Any] = {m: mp.exp(log_m), D: mp.sqrt(_number(s.square))}

        def value(expr: sp.Expr) -> Any:
            symbols, function = _function(expr)
            for symbol in symbols:
                if symbol not in put:
                    put[symbol] = _number(s.exact(symbol))
            return mp.mpf(function(*(put[symbol] for symbol in symbols)))

        put[Lambda] = log_m + mp.log(2 * (s.dim + 1) / _number(s.level))
        if condition.gamma is not None:
            put[gamma] = value(condition.gamma)
        for name in used([condition.left, condition.right], known):
            put[name] = value(known[name])
        return value(condition.left) / value(condition.right)


def _number(value: Fraction) -> Any:
    from mpmath import mp

    return mp.mpf(value.numerator) / value.denominator
