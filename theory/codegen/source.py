"""Turning generated text into a function whose source a traceback can show."""

from __future__ import annotations

import hashlib
import linecache
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from theory.errors import InexactConstant


def refuse_floats(expressions: Sequence[sp.Expr]) -> None:
    """Raise InexactConstant if a floating-point number stands in one of the expressions."""
    for expression in expressions:
        floats = expression.atoms(sp.Float)
        if floats:
            raise InexactConstant(
                f"code is generated from exact constants only; write {min(floats)} as a Rational "
                f"in {str(expression)[:80]}"
            )


def eliminate_common(expressions: Sequence[sp.Expr]) -> tuple[list[tuple[sp.Symbol, sp.Expr]], list[sp.Expr]]:
    """Common subexpressions as a list of assignments, and what is left of the expressions."""
    taken = set().union(*(e.free_symbols for e in expressions)) if expressions else set()
    names = (s for s in sp.numbered_symbols("cse", real=True) if s not in taken)
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
