"""`lemmata derive`: derive a named equation from the model and print it."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from verify.commands.derive_data import enclosures, given_data
from verify.commands.errors import UsageError
from verify.derived import derived as known_or_derived

if TYPE_CHECKING:
    from collections.abc import Iterable

    import sympy as sp

    from theory.activation_class import SmoothActivation
    from theory.equations import Derived


class Form(StrEnum):
    """How the equation is printed."""

    TEXT = "text"
    LATEX = "latex"
    SYMPY = "sympy"
    PYTHON = "python"
    C = "c"


MOST_ORDER = 15
MOST_DIM = 20

Name = Annotated[
    str | None,
    typer.Argument(metavar="EQUATION", help="eq7, eq16, b1, …; without it the list.", show_default=False),
]
ActivationText = Annotated[
    str | None,
    typer.Option(
        "--activation",
        metavar="NAME|EXPR",
        help="Put in the Taylor coefficients of this activation. [default: symbols c3, c4, …]",
        show_default=False,
    ),
]
Dim = Annotated[int, typer.Option("--dim", metavar="D", help="Input dimension.")]
Order = Annotated[int, typer.Option("--order", metavar="K", help="Order of the Taylor expansion.")]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="NAME|FILE.csv",
        help="Put in the moments of these data: uniform, ball, two-point, gaussian (normalised), or columns x1…xd, y "
        "(taken exactly). [default: symbols M4, F3, …]",
        show_default=False,
    ),
]
TargetText = Annotated[
    str | None,
    typer.Option("--target", metavar="EXPR", help="The target on --data, in x or x1…xd.", show_default=False),
]
As = Annotated[
    Form, typer.Option("--as", help="text, latex, sympy (builds it again), python (NumPy code) or c (C99).")
]


def run(
    equation: Name = None,
    activation: ActivationText = None,
    dim: Dim = 1,
    order: Order = 1,
    data: Data = None,
    target: TargetText = None,
    form: As = Form.TEXT,
) -> None:
    """Derive an equation from the population risk of the two-layer network and print it."""
    import theory
    from theory import equations

    if equation is None:
        width = max(map(len, equations.EQUATIONS))
        for name, known in equations.EQUATIONS.items():
            typer.echo(f"{name:<{width}}  {known.title}")
        return
    if not 1 <= order <= MOST_ORDER:
        raise UsageError(f"--order must be between 1 and {MOST_ORDER}, not {order}.")
    if not 1 <= dim <= MOST_DIM:
        raise UsageError(f"--dim must be between 1 and {MOST_DIM}, not {dim}.")
    given = given_data(data, target, dim, rotate=not equations.find(equation).general_data)
    model, balls = (None, None) if given is None else given
    dim = dim if model is None else model.dim
    admitted = None if activation is None else _admitted(activation)
    taylor = theory.tanh_like(order) if admitted is None else admitted.taylor(order)
    if model is None:
        derived = known_or_derived(equation, dim, taylor)
    else:
        derived = equations.derive(equation, dim, taylor, model)
    if admitted is not None:
        derived = _with_coefficients(derived, admitted)
        if model is None and _same(derived, known_or_derived(equation, dim, theory.tanh_like(order))):
            typer.echo(
                f"note: {equation} has no coefficients of the activation"
                + (f" at order {order}" if order < MOST_ORDER else "")
                + f", so that --activation {activation} changes nothing.",
                err=True,
            )
    typer.echo(_printed(equation, derived, dim, form).rstrip("\n"))
    if model is not None:
        for line in enclosures(model, balls, [expression for _, expression in _named(derived)]):
            typer.echo(line, err=True)


def _admitted(activation: str) -> SmoothActivation:
    import theory
    from numerics.errors import InputError
    from numerics.expression import parse
    from verify.expressions import to_sympy

    if activation.strip() in theory.NAMED:
        return theory.admit(activation.strip())
    try:
        formula = parse(activation, ["u"])
    except InputError as error:
        try:  # as lemmata simulate does
            formula = parse(activation, ["x"])
        except InputError:
            raise error from None
    admitted = theory.admit(to_sympy(formula))
    if admitted.note:
        typer.echo(f"note: {admitted.note}", err=True)
    return admitted


def _same(one: Derived, other: Derived) -> bool:
    return [expression for _, expression in _named(one)] == [expression for _, expression in _named(other)]


def _with_coefficients(derived: Derived, admitted: SmoothActivation) -> Derived:
    """What is derived with the activation's numbers for the coefficients c3, c4, … that are left in it: an equation
    such as b4 has them whatever order it is expanded to."""
    import theory
    from theory import ParticleSystem, VectorField
    from theory.gradient_descent import ParticleMap
    from theory.iteration import IterationMap

    symbols = theory.tanh_like(MOST_ORDER).coefficients
    left = set().union(*(expression.free_symbols for _, expression in _named(derived)))
    orders = [n for n, symbol in enumerate(symbols) if symbol in left]
    if not orders:
        return derived
    numbers = admitted.taylor(orders[-1]).coefficients
    values = {symbols[n]: numbers[n] for n in orders}

    def put_in(expressions: Iterable[sp.Expr]) -> tuple[sp.Expr, ...]:
        return tuple(expression.xreplace(values) for expression in expressions)

    if isinstance(derived, ParticleSystem):
        return replace(derived, drift=put_in(derived.drift))
    if isinstance(derived, VectorField):
        return replace(derived, components=put_in(derived.components))
    if isinstance(derived, ParticleMap | IterationMap):
        return replace(derived, images=put_in(derived.images))
    return tuple((name, expression.xreplace(values)) for name, expression in derived)


def _printed(name: str, derived: Derived, dim: int, form: Form) -> str:
    import sympy as sp

    from theory.codegen import script

    named = _named(derived)
    if form is Form.SYMPY:
        return script(named, dim)
    if form is Form.PYTHON:
        return _python(name, derived, dim)
    if form is Form.C:
        return _c(name, derived, dim)
    if form is Form.LATEX:
        right = [sp.latex(expr) for _, expr in named]
        lines = [rf"{left} &= {expr}" for left, expr in zip(_latex_names(derived), right, strict=True)]
        return "\\begin{aligned}\n  " + " \\\\\n  ".join(lines) + "\n\\end{aligned}"
    return "\n".join(f"{left} = {_text(expr)}" for left, expr in named)


_MANY_TERMS = 500


def _text(expr: sp.Expr) -> str:
    import sympy as sp

    # SymPy puts the terms in a nicer order, which takes minutes for ten thousands of them.
    return str(sp.sstr(expr, order="none") if len(expr.args) > _MANY_TERMS else expr)


def _named(derived: Derived) -> list[tuple[str, sp.Expr]]:
    from theory import ParticleSystem, VectorField
    from theory.gradient_descent import ParticleMap
    from theory.iteration import IterationMap

    if isinstance(derived, ParticleSystem):
        return [(f"d{c}/dt", e) for c, e in zip(derived.neuron.coordinates, derived.drift, strict=True)]
    if isinstance(derived, VectorField):
        return [(f"d{v}/dt", e) for v, e in zip(derived.variables, derived.components, strict=True)]
    if isinstance(derived, ParticleMap):
        return [(f"{c} after", e) for c, e in zip(derived.neuron.coordinates, derived.images, strict=True)]
    if isinstance(derived, IterationMap):
        return [(f"{v} after", e) for v, e in zip(derived.variables, derived.images, strict=True)]
    return list(derived)


def _latex_names(derived: Derived) -> list[str]:
    import sympy as sp

    from theory import ParticleSystem, VectorField
    from theory.gradient_descent import ParticleMap
    from theory.iteration import IterationMap
    from theory.rates import rate_latex

    if isinstance(derived, ParticleSystem):
        return [rate_latex(c) for c in derived.neuron.coordinates]
    if isinstance(derived, VectorField):
        return [rate_latex(v) for v in derived.variables]
    if isinstance(derived, ParticleMap):
        return [rf"{sp.latex(c)}'" for c in derived.neuron.coordinates]
    if isinstance(derived, IterationMap):
        return [rf"{sp.latex(v)}'" for v in derived.variables]
    return [_formula_name(name) for name, _ in derived]


def _formula_name(name: str) -> str:
    import sympy as sp

    from theory.rates import rate_latex

    if re.fullmatch(r"[A-Za-z]\w*", name):
        return str(sp.latex(sp.Symbol(name)))
    if re.fullmatch(r"\w+(\(\w+\))?", name):
        return name
    if moment := re.fullmatch(r"d(\w+)/dt", name):
        return rate_latex(sp.Symbol(moment[1]))
    return r"\text{" + name.replace("_", r"\_").replace("^", r"\^{}") + "}"


def _parts(derived: Derived) -> tuple[list[sp.Expr], list[sp.Symbol], bool]:
    """The expressions, their symbols in order, and whether any of them speaks of neurons."""
    from theory.brackets import Bracket
    from theory.symbols import Coordinate

    expressions = [e for _, e in _named(derived)]
    symbols = sorted(set().union(*(e.free_symbols for e in expressions)), key=str)
    of_neurons = any(isinstance(s, Coordinate) for s in symbols) or any(e.has(Bracket) for e in expressions)
    return expressions, symbols, of_neurons


def _python(name: str, derived: Derived, dim: int) -> str:
    from theory import Neuron, ParticleSystem, VectorField
    from theory.codegen import (
        expression_source,
        field_source,
        formula_source,
        iteration_source,
        particle_source,
    )
    from theory.codegen.numpy import import_line
    from theory.gradient_descent import ParticleMap
    from theory.iteration import IterationMap

    function = name.replace(".", "_")
    if isinstance(derived, ParticleSystem):
        text = particle_source(derived, function)
    elif isinstance(derived, VectorField):
        text = field_source(derived, function)
    elif isinstance(derived, IterationMap):
        text = iteration_source(derived, function)
    elif isinstance(derived, ParticleMap):
        text = formula_source(derived.images, derived.neuron, function)
    else:
        expressions, symbols, of_neurons = _parts(derived)
        if of_neurons:
            text = formula_source(expressions, Neuron("k", dim), function)
        else:
            text = expression_source(expressions, symbols, function)
    return f"{import_line()}\n\n\n{text}"


def _c(name: str, derived: Derived, dim: int) -> str:
    from theory import ParticleSystem, VectorField
    from theory.codegen.c import (
        c_expression_source,
        c_field_source,
        c_formula_source,
        c_iteration_source,
        c_particle_source,
    )
    from theory.iteration import IterationMap

    function = name.replace(".", "_")
    if isinstance(derived, ParticleSystem):
        return c_particle_source(derived, function)
    if isinstance(derived, VectorField):
        return c_field_source(derived, function)
    if isinstance(derived, IterationMap):
        return c_iteration_source(derived, function)
    expressions, symbols, of_neurons = _parts(derived)
    if of_neurons:
        return c_formula_source(expressions, dim, function)
    return c_expression_source(expressions, symbols, function)
