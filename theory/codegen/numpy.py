"""NumPy code from derived expressions, vector fields and particle systems.

Every rational constant is printed as an integer quotient, which Python rounds correctly to double precision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from sympy.printing.numpy import NumPyPrinter

from theory.activation import Remainder, Sigma
from theory.brackets import Bracket, NeuronSum, lower, outer_brackets
from theory.codegen.source import (
    ELEMENTARY,
    eliminate_common,
    function_text,
    load,
    refuse_floats,
    refuse_names,
    refuse_unknown,
)
from theory.errors import TheoryError
from theory.iteration import IterationMap
from theory.network import Target
from theory.particles import ParticleSystem
from theory.symbols import Coordinate, Neuron, width
from theory.vectorfield import VectorField

_FUNCTIONS = (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.atan)


class _Printer(NumPyPrinter):
    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": False, "allow_unknown_functions": False})
        self.known: dict[str, str] = {}
        self.pending: list[str] = []
        self.scalars: set[sp.Symbol] = set()

    def _print_Rational(self, expr: sp.Rational) -> str:
        return f"({expr.p}/{expr.q})"

    def _print_Integer(self, expr: sp.Integer) -> str:
        return str(expr.p)

    def _print_Function(self, expr: sp.Expr) -> str:
        if isinstance(expr, (Sigma, Remainder)):
            orders = ", ".join(str(int(arg)) for arg in expr.args[:-1])
            inner = self._once("inner", self._print(expr.args[-1]))
            function = "sigma" if isinstance(expr, Sigma) else "remainder"
            return self._once("values", f"{function}({orders}, {inner})")
        if isinstance(expr, Target):
            return "target"
        return str(super()._print_Function(expr))

    def _once(self, name: str, text: str) -> str:
        """A name for an array, computed where it is first needed: the activation is what costs time."""
        if text not in self.known:
            self.known[text] = f"{name}{len(self.known)}"
            self.pending.append(f"{self.known[text]} = {text}")
        return self.known[text]

    def flushed(self) -> list[str]:
        """The lines that have to stand before what was printed."""
        lines, self.pending = self.pending, []
        return lines

    def _print_Coordinate(self, expr: Coordinate) -> str:
        return expr.slot

    def _print_Mul(self, expr: sp.Mul) -> str:
        # Numbers and parameters first: each product of a number with an array is a pass over the array.
        scalars = [arg for arg in expr.args if arg.is_Rational or arg.free_symbols <= self.scalars]
        rest = [arg for arg in expr.args if arg not in scalars]
        if not rest or not any(arg.is_Symbol or arg.is_Pow for arg in scalars):
            return str(super()._print_Mul(expr))
        left, right = sp.Mul(*scalars), sp.Mul(*rest)
        if left.is_Add or right.is_Add or sp.fraction(right)[1] != 1 or sp.fraction(left)[1].free_symbols:
            return str(super()._print_Mul(expr))
        return f"{self._print(left)}*{self._print(right)}"

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        if isinstance(expr.base, Coordinate) and expr.exp.is_Integer and 2 <= expr.exp <= 8:
            half = expr.base ** (expr.exp - 1)
            return self._once("power", f"{self._print(half)}*{self._print(expr.base)}")
        # NumPy's power of an array is many times slower than the product, the square aside.
        if expr.base.is_Symbol and expr.exp.is_Integer and 3 <= expr.exp <= 8:
            return "(" + "*".join([self._print(expr.base)] * int(expr.exp)) + ")"
        return str(super()._print_Pow(expr, rational=rational))

    _print_Sigma = _print_Remainder = _print_Target = _print_Function


_NAMES = (
    "array", "exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "abs", "pi", "e", "sum",
)  # fmt: skip


_OWN = frozenset({*_NAMES, "numpy"})


def import_line() -> str:
    """The imports that generated NumPy code needs where it stands in a file of its own."""
    return f"import numpy\nfrom numpy import {', '.join(_NAMES)}"


def _module_namespace() -> dict[str, Any]:
    import numpy

    return {name: getattr(numpy, name) for name in _NAMES} | {"numpy": numpy}


def expression_source(
    expressions: Sequence[sp.Expr], arguments: Sequence[sp.Symbol], name: str = "values"
) -> str:
    """Text of ``name(*arguments)`` that returns the expressions as a tuple; arguments may be arrays.

    Raises
    ------
    TheoryError
        If an expression contains a symbol that is no argument, or a sum over neurons.
    InexactConstant
        If it contains a floating-point number.
    """
    refuse_floats(expressions)
    free = set().union(*(e.free_symbols for e in expressions)) - set(arguments)
    if free:
        raise TheoryError(
            f"The code for {name} needs a value of {sorted(map(str, free))[0]}; add it to the arguments."
        )
    if any(e.has(Bracket) for e in expressions):
        raise TheoryError(f"The code for {name} would contain a sum over neurons; use particle_source.")
    refuse_unknown(expressions, (*ELEMENTARY, *_FUNCTIONS), "NumPy code")
    refuse_names(arguments, {*_OWN, name})
    printer = _Printer()
    assignments, rest = eliminate_common(expressions)
    lines = [f"{printer.doprint(s)} = {printer.doprint(e)}" for s, e in assignments]
    lines.append("return (" + "".join(f"{printer.doprint(e)}, " for e in rest) + ")")
    return function_text(name, [str(s) for s in arguments], f"Generated code: {name}.", lines)


def numpy_expression(
    expressions: Sequence[sp.Expr], arguments: Sequence[sp.Symbol], name: str = "values"
) -> Callable[..., tuple[Any, ...]]:
    """Compiled :func:`expression_source`."""
    return load(expression_source(expressions, arguments, name), name, _module_namespace())


def _array_lines(
    variables: Sequence[sp.Symbol], parameters: Sequence[sp.Symbol], components: Sequence[sp.Expr], name: str
) -> list[str]:
    refuse_floats(components)
    refuse_unknown(components, (*ELEMENTARY, *_FUNCTIONS), "NumPy code")
    refuse_names((*variables, *parameters), {*_OWN, name})
    refuse_names(parameters, {"t", "y"})
    printer = _Printer()
    assignments, rest = eliminate_common(components)
    unpack = ", ".join(str(v) for v in variables)
    lines = [f"{unpack}{',' if len(variables) == 1 else ''} = y"]
    lines += [f"{printer.doprint(s)} = {printer.doprint(e)}" for s, e in assignments]
    # 0*y[0] gives components without a variable the shape of the others.
    entries = (
        printer.doprint(e) + ("" if c.free_symbols & set(variables) else f" + 0*{variables[0]}")
        for c, e in zip(components, rest, strict=True)
    )
    lines.append("return array([" + ", ".join(entries) + "])")
    return lines


def field_source(field: VectorField, name: str = "field") -> str:
    """Text of ``name(t, y, *parameters)`` with y of shape (number of variables, …), parameters by name in order."""
    arguments = ["t", "y", *map(str, field.parameters)]
    doc = "d(" + ", ".join(map(str, field.variables)) + ")/dt, time of the gradient flow."
    return function_text(
        name, arguments, doc, _array_lines(field.variables, field.parameters, field.components, name)
    )


def iteration_source(step: IterationMap, name: str = "step") -> str:
    """Text of ``name(y, *parameters)``, one step of a map, with y of shape (number of variables, …)."""
    doc = "(" + ", ".join(map(str, step.variables)) + ") after one step."
    arguments = ["y", *map(str, step.parameters)]
    return function_text(
        name, arguments, doc, _array_lines(step.variables, step.parameters, step.images, name)
    )


def numpy_iteration(step: IterationMap, name: str = "step") -> Callable[..., Any]:
    """Compiled :func:`iteration_source`: a function of (y, *parameters)."""
    return load(iteration_source(step, name), name, _module_namespace())


def numpy_function(field: VectorField, name: str = "field") -> Callable[..., Any]:
    """Compiled :func:`field_source`: a function of (t, y, *parameters), as integrators take it."""
    return load(field_source(field, name), name, _module_namespace())


def particle_source(system: ParticleSystem, name: str = "drift") -> str:
    """Text of the drift of all neurons at once.

    The function is ``name(a, w, *, x, target, rho, sigma, remainder, **parameters)`` with a of shape (m,), w (m, d),
    x (n, d), target (n,), rho (n,) the weights of the data (sum 1), ``sigma(n, u)`` and ``remainder(K, n, u)``
    callables for σ^(n) and its Taylor remainder; what the drift does not use may be left out. It returns an array of
    shape (m, 1 + d), columns da/dt, dw1/dt … dwd/dt.
    """
    lines, rest, arguments = _sums(system.drift, system.neuron, name)
    own = set(system.neuron.coordinates)
    columns = ", ".join(
        text if drift.free_symbols & own else f"{text} + 0*a"
        for drift, text in zip(system.drift, rest, strict=True)
    )
    lines.append(f"return numpy.concatenate(({columns}), axis=1)")
    return function_text(name, arguments, "Drift of every neuron, shape (m, 1 + d).", lines)


def formula_source(expressions: Sequence[sp.Expr], neuron: Neuron, name: str = "values") -> str:
    """Text of a function of (a, w, …), as in :func:`particle_source`, for expressions with sums over neurons.

    It returns a tuple: a number for each expression without free weights of ``neuron``, and an array (m,) otherwise.
    """
    lines, rest, arguments = _sums(expressions, neuron, name)
    entries = []
    for expression, text in zip(expressions, rest, strict=True):
        per_neuron = expression.free_symbols & set(neuron.coordinates)
        entries.append(f"({text})[:, 0], " if per_neuron else f"({text} + 0*a)[0, 0], ")
    lines.append(f"return ({''.join(entries)})")
    return function_text(name, arguments, f"Generated code: {name}.", lines)


def numpy_formula(
    expressions: Sequence[sp.Expr], neuron: Neuron, name: str = "values"
) -> Callable[..., tuple[Any, ...]]:
    """Compiled :func:`formula_source`."""
    return load(formula_source(expressions, neuron, name), name, _module_namespace())


def _sums(
    expressions: Sequence[sp.Expr], neuron: Neuron, name: str
) -> tuple[list[str], list[str], list[str]]:
    """Lines that compute the brackets and what is common, the expressions as text, and the arguments."""
    refuse_floats(expressions)
    printer = _Printer()
    names: dict[Bracket, sp.Symbol] = {}
    lines = ["a = a[:, None]"]
    lines += [f"w{i + 1} = w[:, {i}:{i + 1}]" for i in range(neuron.dim)]
    used = {type(f) for e in expressions for f in e.atoms(Sigma, Remainder, Target)}
    means = any(_contains_mean(e) for e in expressions)
    if means:
        lines.append("rho = rho[None, :]")
        lines += [f"x{i + 1} = x[:, {i}][None, :]" for i in range(neuron.dim)]
    if Target in used:
        lines.append("target = target[None, :]")

    def lowered(expr: sp.Expr) -> sp.Expr:
        for bracket in outer_brackets(expr):
            if bracket not in names:
                emit(bracket)
        without_sums = lower(expr, names.__getitem__)[0]
        refuse_unknown([without_sums], (*ELEMENTARY, *_FUNCTIONS, Sigma, Remainder, Target), "NumPy code")
        return without_sums

    def emit(bracket: Bracket) -> None:
        foreign = {
            s.slot for s in bracket.free_symbols if isinstance(s, Coordinate) and s.space == bracket.space
        }
        if foreign:
            raise TheoryError(
                f"The bracket {bracket} couples two neurons or two inputs in a way that arrays cannot sum directly."
            )
        body = lowered(bracket.args[0])
        symbol = sp.Symbol(f"bracket{len(names)}", real=True)
        names[bracket] = symbol
        own, joint, free = _split(body, bracket, names)
        if isinstance(bracket, NeuronSum):
            if joint:
                text = f"numpy.matmul({_transposed(_column(printer, own, 'a'))}, {_times(printer, joint)})"
            elif len(own) > 1:
                text = f"numpy.matmul({_transposed(_times(printer, own[1:]))}, {_times(printer, own[:1])})"
            else:
                text = f"sum({_times(printer, own)}, axis=0, keepdims=True)"
        else:
            weights = "*".join(["rho", *([_times(printer, own)] if own else [])])
            joined = f"numpy.matmul({_times(printer, joint)}, ({weights}).T)" if joint else ""
            text = joined or f"sum({weights}, axis=1, keepdims=True)"
        if free:
            text += f"*{_times(printer, free)}"
        if not any(isinstance(s, Coordinate) for s in bracket.free_symbols):
            text = f"{text}[0, 0]"
            printer.scalars.add(symbol)
        lines.extend([*printer.flushed(), f"{symbol} = {text}"])

    components = [_collected(lowered(e), neuron) for e in expressions]
    free = set().union(*(e.free_symbols for e in expressions))
    strange = sorted(map(str, {s for s in free if isinstance(s, Coordinate)} - set(neuron.coordinates)))
    if strange:
        raise TheoryError(f"The drift of {neuron!r} contains {strange[0]}, which is no coordinate of it.")
    symbols = sorted((s for s in free if not isinstance(s, Coordinate) and s != width), key=str)
    printer.scalars.update(symbols)
    if any(e.has(width) for e in expressions):
        lines.append(f"{width} = a.shape[0]")
    assignments, rest = eliminate_common(components)
    for s, e in assignments:
        if e.free_symbols <= printer.scalars:
            printer.scalars.add(s)
        text = printer.doprint(e)
        lines += [*printer.flushed(), f"{printer.doprint(s)} = {text}"]
    texts = [printer.doprint(e) for e in rest]
    lines += printer.flushed()
    own_names = {*_OWN, *_ARRAYS, *_slots(neuron.dim), *printer.known.values(), name}
    refuse_names([*symbols, *names.values()], own_names)
    keywords = ["x=None", "target=None", "rho=None", "sigma=None", "remainder=None", *map(str, symbols)]
    return lines, texts, ["a", "w", "*", *keywords]


def _collected(expr: sp.Expr, neuron: Neuron) -> sp.Expr:
    """A polynomial in the neuron's own weights with its coefficients put together: these are single numbers."""
    own = [c for c in neuron.coordinates if c in expr.free_symbols]
    if not own or not expr.is_polynomial(*own):
        return expr
    return sp.Add(
        *(
            sp.Mul(c, *(x**p for x, p in zip(own, powers, strict=True)))
            for powers, c in sp.Poly(expr, *own).terms()
        )
    )


def _split(
    body: sp.Expr, bracket: Bracket, names: dict[Bracket, sp.Symbol]
) -> tuple[list[sp.Expr], list[sp.Expr], list[sp.Expr]]:
    """Factors that depend on what the bracket sums over alone, on both spaces, and on the other space alone.

    A sum over products of the first with the second is then a product of matrices.
    """
    meanings = {symbol: known for known, symbol in names.items()}
    own: list[sp.Expr] = []
    joint: list[sp.Expr] = []
    free: list[sp.Expr] = []
    for factor in sp.Mul.make_args(body):
        spaces = {"sample"} if factor.has(Target) else set()
        for symbol in factor.free_symbols:
            if isinstance(symbol, Coordinate):
                spaces.add(symbol.space)
            elif symbol in meanings:
                inner = meanings[symbol].free_symbols
                spaces |= {s.space for s in inner if isinstance(s, Coordinate)}
        listed = joint if len(spaces) == 2 else own if spaces <= {bracket.space} else free
        listed.append(factor)
    return own, joint, free


def _times(printer: _Printer, factors: Sequence[sp.Expr]) -> str:
    texts = [f"({printer.doprint(f)})" if f.is_Add else printer.doprint(f) for f in factors]
    return texts[0] if len(texts) == 1 else "(" + "*".join(texts) + ")"


def _transposed(text: str) -> str:
    return f"{text}.T" if text.isidentifier() else f"({text}).T"


def _column(printer: _Printer, factors: Sequence[sp.Expr], like: str) -> str:
    return _times(printer, factors) if factors else f"numpy.ones_like({like})"


_ARRAYS = frozenset({"a", "w", "x", "target", "rho", "sigma", "remainder", str(width)})


def _slots(dim: int) -> set[str]:
    return {f"{letter}{i}" for letter in "wx" for i in range(1, dim + 1)}


def _contains_mean(expr: sp.Expr) -> bool:
    return any(not isinstance(b, NeuronSum) or _contains_mean(b.args[0]) for b in outer_brackets(expr))


def numpy_drift(system: ParticleSystem, name: str = "drift") -> Callable[..., Any]:
    """Compiled :func:`particle_source`."""
    return load(particle_source(system, name), name, _module_namespace())
