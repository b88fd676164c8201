"""The statement of an explicit step in LaTeX: what is compared, and the widths."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from theory.estimates import D
from verify.papers.multistage.explicit_claim import Step
from verify.papers.multistage.explicit_fine import names
from verify.papers.multistage.explicit_terms import VALUES, Lambda, Setting, gamma, used
from verify.papers.multistage.explicit_widths import ANY, stated
from verify.papers.multistage.initialisation import delta
from verify.stating import expression_latex

Sides = dict[str, sp.Expr]


def compared(step: Step) -> tuple[Sides, Sides]:
    """Both sides of its own inequalities by their names, then each name that they need and what it stands for."""
    known, own = names(), step.conditions()
    inside = used([side for one in own for side in (one.left, one.right)], known)
    return (
        {one.name: one.left for one in own} | {str(name): name for name in inside},
        {one.name: one.right for one in own} | {str(name): known[name] for name in inside},
    )


def printed(step: Step, left: Sides, right: Sides) -> str:
    """All that is compared, then for each d the places and their m₀."""
    own = {one.name: one for one in step.conditions()}
    numbered = not step.before and len(own) > 1
    lines = []
    for name in left:
        if name not in own:
            lines.append(definition(left[name], right[name]))
            continue
        line = f"{expression_latex(left[name])} &< {expression_latex(right[name])}"
        where = own[name].gamma
        if where is not None:
            line += rf" \quad \text{{at }} \gamma = {expression_latex(where)}"
        if numbered:
            line += rf" \quad (m \ge m_{list(own).index(name) + 1})"
        lines.append(line)
    return _aligned([*lines, *widths(step)])


def concluded(step: Step) -> str:
    """Its conclusion, then for each d the places and their m₀."""
    return _aligned([step.conclusion, *widths(step)])


def widths(step: Step) -> list[str]:
    """For each d the places and their m₀."""
    if step.conclusion:
        head = r"m \ge m_0 \text{; at } 10^{-1/100}\,m_0 \text{ one of the bounds that lead to it is not met}"
    elif step.before:
        head = r"m \ge m_0 \text{, with the steps before it; not at } 10^{-1/100}\,m_0"
    else:
        m0 = "m_0" if len(step.conditions()) == 1 else "m_i"
        head = rf"m \ge {m0} \text{{, and not at }} 10^{{-1/100}}\,{m0}"
    return [
        rf"& \text{{for every real }} {head}",
        *_constants(step),
        *(line for dim in step.dims for line in _widths(step, dim)),
    ]


def _constants(step: Step) -> list[str]:
    """The values of this run of what was chosen and stands in what has to be."""
    known, conditions = names(), step.all()
    sides = [side for one in conditions for side in (one.left, one.right, one.gamma or sp.S.Zero)]
    inside: set[sp.Symbol] = set().union(
        *(side.free_symbols for side in sides), *(known[name].free_symbols for name in used(sides, known))
    )
    if Lambda in inside:
        inside.add(delta)
    place = step.settings()[0]
    values = [
        f"{sp.latex(symbol)} = {_exact(getattr(place, name))}"
        for symbol, name in VALUES.items()
        if symbol in inside and name not in ("alpha", "dim", "gamma")
    ]
    if gamma in inside:
        values.insert(0, rf"\gamma = {_exact(place.share)}\,(\alpha - \tfrac12)")
    if D in inside:
        values.append(rf"D^2 = {_exact(place.square / place.dim)}\,d")
    return [rf"& \text{{at }} {_listed(values)}"] if values else []


def _aligned(lines: list[str]) -> str:
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


def definition(name: sp.Symbol, expr: sp.Expr) -> str:
    """name = expr, aligned."""
    return f"{expression_latex(name)} &= {expression_latex(expr)}"


def _widths(step: Step, dim: int) -> list[str]:
    places = [s for s in step.settings() if s.dim == dim]
    if not places:
        return []
    lines = [rf"d = {dim}: \quad \alpha &= {_listed([_exact(s.alpha) for s in places])}"]
    if step.before:
        return [*lines, rf"\log_{{10}} m_0 &= {_listed([_number(_largest(step, s)) for s in places])}"]
    conditions = step.all()
    for i, one in enumerate(conditions, 1):
        index = i if len(conditions) > 1 else 0
        found = [_number(stated(s.alpha, s.dim, one.name)) for s in places]
        lines.append(rf"\log_{{10}} m_{index} &= {_listed(found)}")
    return lines


def _largest(step: Step, s: Setting) -> int | None:
    found = [stated(s.alpha, s.dim, one.name) for one in step.all()]
    return None if None in found else max(one for one in found if one is not None)


def _listed(entries: list[str]) -> str:
    return r",\; ".join(entries)


def _number(hundredths: int | None) -> str:
    if hundredths is None:
        return r"\text{none}"
    return r"\log_{10} 3" if hundredths == ANY else f"{hundredths / 100:.2f}"


def _exact(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else rf"\tfrac{{{value.numerator}}}{{{value.denominator}}}"
