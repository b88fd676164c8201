"""The statement of an explicit step in LaTeX: its inequalities, what stands in them, and the widths."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from verify.papers.multistage.explicit_claim import Step
from verify.papers.multistage.explicit_fine import names
from verify.papers.multistage.explicit_terms import Condition, Setting, used
from verify.papers.multistage.explicit_widths import ANY, stated
from verify.stating import expression_latex


def latex(step: Step) -> str:
    """All lines: what is proved, with every name that it needs; then for each d the places and their m₀."""
    own = step.conditions()
    lines = [step.conclusion] if step.conclusion else _inequalities(own, numbered=not step.before)
    if step.before:
        lines.append(
            r"& \text{for every real } m \ge m_0 \text{, with the steps before it; not at } 10^{-1/100}\,m_0"
        )
    else:
        lines.append(
            r"& \text{for every real } m \ge m_i \text{, and not at } 10^{-1/100}\,m_i".replace(
                "m_i", "m_0" if len(own) == 1 else "m_i"
            )
        )
    for dim in step.dims:
        lines += _widths(step, dim)
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


def _inequalities(conditions: tuple[Condition, ...], *, numbered: bool) -> list[str]:
    lines = []
    for i, one in enumerate(conditions, 1):
        line = f"{expression_latex(one.left)} &< {expression_latex(one.right)}"
        if one.gamma is not None:
            line += rf" \quad \text{{at }} \gamma = {expression_latex(one.gamma)}"
        if numbered and len(conditions) > 1:
            line += rf" \quad (m \ge m_{i})"
        lines.append(line)
    known = names()
    sides = [side for one in conditions for side in (one.left, one.right)]
    return lines + [f"{definition(name, known[name])}" for name in used(sides, known)]


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
