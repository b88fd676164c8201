"""Statements in LaTeX, printed from what is checked: the equation or relation, its set, what its symbols assume."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def equation_latex(lhs: Any, rhs: Any) -> str:
    """lhs = rhs, one aligned line for each entry where the sides are sequences or mappings, and what its symbols
    assume."""
    import sympy

    from verify.checks.symbolic import components

    rows = [(left, right) for _, left, right in components(lhs, rhs)]
    unknown: set[Any] = set().union(*(_unknowns(side) for row in rows for side in row))
    lines = [(sympy.latex(left), sympy.latex(right)) for left, right in rows]
    if len(lines) == 1:
        text = " = ".join(lines[0])
    else:
        aligned = r" \\ ".join(f"{left} &= {right}" for left, right in lines)
        text = rf"\begin{{aligned}} {aligned} \end{{aligned}}"
    return _with(text, assumptions_latex(unknown, {}))


def relation_latex(relation: Any, over: Mapping[Any, Any], assuming: Sequence[Any]) -> str:
    """The relation, then its box, what it assumes, and what its symbols assume beyond that."""
    import sympy

    stated = relation if isinstance(relation, sympy.Basic) else relation()
    where = [
        rf"{sympy.latex(symbol)} \in {_interval_latex(bounds)}"
        for symbol, bounds in over.items()
        if bounds is not None
    ]
    where += [str(sympy.latex(assumed)) for assumed in assuming]
    free: set[Any] = set(stated.free_symbols).union(over, *(assumed.free_symbols for assumed in assuming))
    return _with(str(sympy.latex(stated)), [*where, *assumptions_latex(free, over)])


def _unknowns(expr: Any) -> set[Any]:
    """Symbols, and values of undefined functions: both may be given assumptions."""
    from sympy.core.function import AppliedUndef

    return set(expr.free_symbols) | set(expr.atoms(AppliedUndef))


def assumptions_latex(symbols: Iterable[Any], over: Mapping[Any, Any]) -> list[str]:
    r"""What symbols assume, as in x > 0 and n \in \mathbb{Z}; a sign that the box already has is left out.

    SymPy simplifies by these assumptions and the checks use them: a statement may be false without them.
    """
    import sympy

    listed = []
    for symbol in sorted(symbols, key=lambda one: (str(one), sympy.default_sort_key(one))):
        name = sympy.latex(symbol)
        sign = _sign(symbol, over.get(symbol))
        if sign:
            listed.append(f"{name} {sign}")
        kinds = [word for word in ("even", "odd", "prime", "composite") if getattr(symbol, f"is_{word}")]
        if kinds:
            listed.append(rf"{name} \text{{ {' and '.join(kinds)}}}")
        elif symbol.is_integer:
            listed.append(rf"{name} \in \mathbb{{Z}}")
        elif symbol.is_rational:
            listed.append(rf"{name} \in \mathbb{{Q}}")
        elif symbol.is_irrational:
            listed.append(rf"{name} \notin \mathbb{{Q}}")
        elif symbol.is_noninteger:
            listed.append(rf"{name} \notin \mathbb{{Z}}")
        if symbol.is_imaginary:
            listed.append(rf"{name} \in i\,\mathbb{{R}}")
    return listed


def _sign(symbol: Any, bounds: Any) -> str:
    low, high = _ends(bounds)
    if symbol.is_zero:
        return "= 0"
    if symbol.is_positive:
        return "" if low is not None and low > 0 else "> 0"
    if symbol.is_negative:
        return "" if high is not None and high < 0 else "< 0"
    if symbol.is_nonzero:
        return r"\ne 0"
    if symbol.is_nonnegative:
        return "" if low is not None and low >= 0 else r"\ge 0"
    if symbol.is_nonpositive:
        return "" if high is not None and high <= 0 else r"\le 0"
    return ""


def _ends(bounds: Any) -> tuple[Any, Any]:
    import sympy

    if bounds is None:
        return None, None
    return (bounds.start, bounds.end) if isinstance(bounds, sympy.Set) else tuple(bounds)


def _with(text: str, where: Sequence[str]) -> str:
    listed = r",\; ".join(where)
    return rf"{text} \quad ({listed})" if where else text


def _interval_latex(bounds: Any) -> str:
    import sympy

    if isinstance(bounds, sympy.Set):
        return str(sympy.latex(bounds))
    low, high = bounds
    left = r"(-\infty" if low is None else f"[{sympy.latex(low)}"
    right = r"\infty)" if high is None else f"{sympy.latex(high)}]"
    return f"{left}, {right}"
