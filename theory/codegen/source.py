"""Turning generated text into a function whose source a traceback can show."""

from __future__ import annotations

import hashlib
import keyword
import linecache
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from theory.errors import InexactConstant, TheoryError


def refuse_floats(expressions: Sequence[sp.Expr]) -> None:
    """Raise InexactConstant if a floating-point number stands in one of the expressions."""
    for expression in expressions:
        floats = expression.atoms(sp.Float)
        if floats:
            raise InexactConstant(
                f"Code is generated from exact constants only; write {min(floats)} as a Rational "
                f"in {str(expression)[:80]}."
            )


ELEMENTARY = (sp.Add, sp.Mul, sp.Pow, sp.Rational, sp.Symbol, sp.Abs, type(sp.pi), type(sp.E))
"""What every arithmetic has code for."""


def refuse_unknown(expressions: Iterable[sp.Expr], known: tuple[type, ...], arithmetic: str) -> None:
    """Raise TheoryError for a node that is not ``known``: SymPy would print it as a name that does not exist."""
    for expression in expressions:
        for node in sp.preorder_traversal(expression):
            if not isinstance(node, known):
                raise TheoryError(f"No {arithmetic} for {str(node)[:80]} ({type(node).__name__}).")


def refuse_names(symbols: Iterable[sp.Symbol], taken: Collection[str]) -> None:
    """Raise TheoryError if a symbol cannot be the name of an argument, or if two have the same name."""
    seen: dict[str, sp.Symbol] = {}
    for symbol in symbols:
        name = str(symbol)
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
            raise TheoryError(f"Code cannot call a symbol {name!r}; rename it to an identifier such as 'p'.")
        if name in taken:
            raise TheoryError(f"The generated code uses the name {name!r} itself; rename the symbol.")
        if seen.setdefault(name, symbol) != symbol:
            raise TheoryError(f"Two different symbols are called {name!r}: they differ in their assumptions.")


def eliminate_common(expressions: Sequence[sp.Expr]) -> tuple[list[tuple[sp.Symbol, sp.Expr]], list[sp.Expr]]:
    """Common subexpressions as a list of assignments, and what is left of the expressions."""
    taken = set().union(*(e.free_symbols for e in expressions)) if expressions else set()
    words = {s.name for s in taken if isinstance(s, sp.Symbol)}
    names = (s for s in sp.numbered_symbols("cse", real=True) if s.name not in words)
    assignments, rest = sp.cse(list(expressions), symbols=names, order="none")
    return assignments, rest


def function_text(name: str, arguments: Sequence[str], docstring: str, lines: Sequence[str]) -> str:
    """Source text of one function."""
    quoted = docstring.replace("\\", "\\\\").replace('"""', "'''")
    body = [f'"""{quoted}"""', *lines]
    return f"def {name}({', '.join(arguments)}):\n" + "".join(f"    {line}\n" for line in body)


def load(text: str, name: str, namespace: Mapping[str, Any]) -> Callable[..., Any]:
    """Compile text that this package generated and return the function ``name``; same text, same function.

    The text is registered with :mod:`linecache`, so that tracebacks show it. It never comes from outside.
    """
    return _load(text, name, tuple(sorted(namespace.items(), key=lambda item: item[0])))


@lru_cache(maxsize=256)
def _load(text: str, name: str, namespace: tuple[tuple[str, Any], ...]) -> Callable[..., Any]:
    filename = f"<generated {name} {hashlib.sha256(text.encode()).hexdigest()[:12]}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    scope: dict[str, Any] = dict(namespace)
    exec(compile(text, filename, "exec"), scope)
    function: Callable[..., Any] = scope[name]
    return function
