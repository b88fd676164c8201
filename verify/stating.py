"""Statements in LaTeX, printed from what is checked: the equation or relation, its set, what its symbols assume."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Printed:
    """A statement that is printed from what is checked. Any other one is typeset by hand.

    compared: makes what the check gets: (left side, right side), or (relation, box, what it assumes).
    show:     prints that in LaTeX.
    """

    compared: Callable[[], tuple[Any, ...]]
    show: Callable[..., str]

    def __call__(self) -> str:
        return self.show(*self.compared())


def equation_latex(lhs: Any, rhs: Any) -> str:
    """lhs = rhs, one aligned line for each entry where the sides are sequences or mappings, and what its symbols
    assume."""
    import sympy

    from verify.checks.symbolic import components

    rows = [(left, right) for _, left, right in components(lhs, rhs)]
    unknown: set[Any] = set().union(*(unknowns(side) for row in rows for side in row))
    lines = [(sympy.latex(left), sympy.latex(right)) for left, right in rows]
    return _with(_aligned(lines), assumptions_latex(unknown, {}))


def named(
    *lefts: str,
    only: str | tuple[str, ...] = "",
    after: str = "",
    printed: Callable[[Any], str] | None = None,
    told: Sequence[str] = (),
    also: Callable[[], Mapping[str, Any]] | None = None,
) -> Callable[[Any, Any], str]:
    """Prints an equation from its sides, the left ones by their names: what was derived is named, what it is compared
    with is printed. Where that is in names (`theory.naming.Named`), so is what is printed, and what they stand for
    follows.

    lefts:   the names in LaTeX, one for each component in their order; "=" stands for a left side that is printed as
             well. A single name with "&" in it stands on a line of its own.
    only:    keep the components whose name begins with this, as in "d = 2", or with one of these.
    after:   LaTeX after it all.
    printed: prints a right side, by default `expression_latex`.
    told:    names, without their indices, whose meaning the hypotheses tell instead.
    also:    gives names that stand in `lefts` with the expressions that they stand for.
    ValueError when there are not as many components as names, and where one name has two meanings.
    """
    write = printed or expression_latex

    def show(lhs: Any, rhs: Any) -> str:
        from verify.checks.symbolic import components

        rows = [row for row in components(lhs, rhs) if row[0].startswith(only)]
        if len(rows) != len(lefts):
            raise ValueError(f"{len(lefts)} names for {len(rows)} components")
        lines = [
            (write(left) if name == "=" else name, write(right))
            for name, (_, left, right) in zip(lefts, rows, strict=True)
        ]
        meant = [(name, write(expr)) for name, expr in (also() if also else {}).items()]
        meant += _meanings([side for row in rows for side in row[1:]], told, write)
        if meant:
            meant[0] = (r"\text{with } " + meant[0][0], meant[0][1])
        return _aligned(lines + meant) + after

    return show


def _meanings(
    sides: Sequence[Any], told: Sequence[str], write: Callable[[Any], str]
) -> list[tuple[str, str]]:
    """A line for each name in sides that are in names, with what it stands for."""
    from theory.naming import Named, names_in, title_of

    meanings: dict[Any, Any] = {}
    for side in sides:
        for name, meaning in side.meanings if isinstance(side, Named) else ():
            if meanings.setdefault(name, meaning) != meaning:
                raise ValueError(f"{name} has two meanings in one statement")
    used = [side.stated if isinstance(side, Named) else side for side in sides]
    lines: list[tuple[str, str]] = []
    for name, meaning in reversed(meanings.items()):
        if title_of(name).rstrip("0123456789") not in told and any(names_in(one, name) for one in used):
            used.append(meaning)
            lines.insert(0, (write(name), write(meaning)))
    return lines


def _aligned(lines: Sequence[tuple[str, str]]) -> str:
    if len(lines) == 1 and "&" in lines[0][0]:
        return rf"\begin{{aligned}} {lines[0][0]} \\ &= {lines[0][1]} \end{{aligned}}"
    if len(lines) == 1:
        return " = ".join(lines[0])
    # A bracket after the end of a line would be read as a distance.
    aligned = r" \\ ".join(f"{'{}' * left.startswith('[')}{left} &= {right}" for left, right in lines)
    return rf"\begin{{aligned}} {aligned} \end{{aligned}}"


def expression_latex(expr: Any, names: Mapping[Any, str] | None = None, *, order: str | None = None) -> str:
    """An expression as a person writes it: a sum does not begin with a minus sign where it need not.

    names: LaTeX for symbols or whole subexpressions.
    order: "none" leaves terms as they are kept, numbers first; "rev-lex" has low powers first, by default high ones.
    """
    import sympy

    from verify.formula_printer import FormulaPrinter

    called = {node: name for node, name in (names or {}).items() if isinstance(node, sympy.Symbol)}
    marks = {node: sympy.Symbol(name) for node, name in (names or {}).items() if node not in called}
    called |= {mark: mark.name for mark in marks.values()}

    return FormulaPrinter(called, order).doprint(expr.xreplace(marks) if marks else expr)


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


def implication(
    names: Mapping[Any, str] | None = None, *, after: str = ""
) -> Callable[[Any, Mapping[Any, Any], Sequence[Any]], str]:
    """Prints a relation after what it assumes: conditions ⟹ relation, then what its symbols assume.

    names: LaTeX for symbols. after: LaTeX between the relation and what its symbols assume. ValueError where two
    symbols have one name.
    """

    def show(relation: Any, over: Mapping[Any, Any], assuming: Sequence[Any]) -> str:
        import sympy

        conditions = [
            *(
                _bounds_latex(expression_latex(s, names), bounds)
                for s, bounds in over.items()
                if bounds is not None
            ),
            *(expression_latex(one, names) for one in assuming),
        ]
        given = _wrapped(conditions)
        parts = (
            sorted(relation.args, key=sympy.default_sort_key)
            if isinstance(relation, sympy.And)
            else [relation]
        )
        lines = [expression_latex(part, names) for part in parts]
        if len("".join(given)) + sum(map(len, lines)) > _LINE and len(lines) + bool(given) > 1:
            listed = [f"{one}," for one in given[:-1]]
            listed += [rf"{one} \;\Longrightarrow" for one in given[-1:]] + lines
            text = r" \\ ".join([f"& {one}" for one in listed])
            text = rf"\begin{{aligned}} {text}{after} \end{{aligned}}"
        else:
            assumed = r",\; ".join(given) + r" \;\Longrightarrow\; " if given else ""
            text = assumed + r",\quad ".join(lines) + after
        free: set[Any] = set(relation.free_symbols).union(over, *(one.free_symbols for one in assuming))
        called = {symbol: name for symbol, name in (names or {}).items() if symbol in free}
        _refuse_one_name_for_two({symbol: called.get(symbol) or sympy.latex(symbol) for symbol in free})
        return _with(text, assumptions_latex(free, over, called))

    return show


def _refuse_one_name_for_two(called: Mapping[Any, str]) -> None:
    """ValueError where two symbols are given one name: x < x would be printed of x < y."""
    by_name: dict[str, Any] = {}
    for symbol in sorted(called, key=str):
        name = "".join(called[symbol].split())
        if by_name.setdefault(name, symbol) != symbol:
            raise ValueError(f"the symbols {by_name[name]} and {symbol} are both printed as {name}")


def printed_from(check: Any, names: Mapping[Any, str] | None = None) -> Printed:
    """The statement of a check that was made before its claim: conditions ⟹ relation (`implication`).

    ValueError for a check that has nothing to compare.
    """
    if check.compared is None:
        raise ValueError("this check compares no expressions that could be printed")
    return Printed(check.compared, implication(names))


_LINE = 200  # characters of LaTeX from which on conditions and parts have lines of their own


def _wrapped(conditions: Sequence[str]) -> list[str]:
    """Conditions side by side, on as many lines as they need."""
    lines: list[str] = []
    for one in conditions:
        if lines and len(lines[-1]) + len(one) <= _LINE * 2 // 3:
            lines[-1] += rf",\; {one}"
        else:
            lines.append(one)
    return lines


def _bounds_latex(name: str, bounds: Any) -> str:
    import sympy

    low, high = _ends(bounds)
    if isinstance(bounds, sympy.Set) or not (low is None or high is None):
        return rf"{name} \in {_interval_latex(bounds)}"
    return rf"{name} \ge {sympy.latex(low)}" if high is None else rf"{name} \le {sympy.latex(high)}"


def unknowns(expr: Any) -> set[Any]:
    """Symbols, and values of undefined functions: both may be given assumptions."""
    from sympy.core.function import AppliedUndef

    return set(expr.free_symbols) | set(expr.atoms(AppliedUndef))


def assumptions_latex(
    symbols: Iterable[Any], over: Mapping[Any, Any], names: Mapping[Any, str] | None = None
) -> list[str]:
    r"""What symbols assume, as in x > 0 and n \in \mathbb{Z}; a sign that the box already has is left out.

    SymPy simplifies by these assumptions and the checks use them: a statement may be false without them.
    """
    import sympy

    listed = []
    for symbol in sorted(symbols, key=lambda one: (str(one), sympy.default_sort_key(one))):
        name = (names or {}).get(symbol) or sympy.latex(symbol)
        sign = _sign(symbol, over.get(symbol))
        if sign and not (sign == r"\ge 0" and name.startswith((r"\lVert", r"\sqrt", r"\left|"))):
            listed.append(f"{name} {sign}")
        kinds = [word for word in ("even", "odd", "prime", "composite") if getattr(symbol, f"is_{word}")]
        if kinds:
            listed.append(rf"{name} \text{{ {' and '.join(kinds)}}}")
        elif symbol.is_integer:
            if not _whole_numbers(over.get(symbol)):
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


def _whole_numbers(bounds: Any) -> bool:
    import sympy

    return isinstance(bounds, sympy.Set) and bool(bounds.is_subset(sympy.S.Integers))


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
    return (bounds.inf, bounds.sup) if isinstance(bounds, sympy.Set) else tuple(bounds)


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
