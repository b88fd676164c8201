"""C99 source from derived expressions, vector fields, maps and particle systems: doubles, plain loops, no library.

Rational constants are printed as quotients of integers with a decimal point, which C divides in double precision.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from sympy.printing.c import C99CodePrinter

from theory.activation import Remainder, Sigma
from theory.brackets import Bracket, NeuronSum, lower, outer_brackets
from theory.codegen.source import ELEMENTARY, eliminate_common, refuse_floats, refuse_names, refuse_unknown
from theory.errors import TheoryError
from theory.iteration import IterationMap
from theory.network import Target
from theory.particles import ParticleSystem
from theory.symbols import Coordinate, width
from theory.vectorfield import VectorField

_FUNCTIONS = (
    sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.erf,
)  # fmt: skip

_KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long "
    "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "main exp log sqrt sin cos tan sinh cosh tanh atan erf fabs pow malloc free size_t NULL "
    "j0 j1 jn y0 y1 yn gamma".split()
)

_OWN = frozenset({"y", "out", "n", "x", "target", "rho", "sigma", "remainder", "weights", "k", "i"})


class _Printer(C99CodePrinter):
    def __init__(self) -> None:
        super().__init__({"allow_unknown_functions": False, "math_macros": {}})

    def _print_Integer(self, expr: sp.Integer) -> str:
        return f"{expr.p}.0"

    def _print_Rational(self, expr: sp.Rational) -> str:
        return f"({expr.p}.0/{expr.q}.0)"

    _print_Half = _print_Rational

    def _print_Pi(self, expr: sp.Expr) -> str:
        return "3.14159265358979323846"

    def _print_Exp1(self, expr: sp.Expr) -> str:
        return "2.71828182845904523536"

    def _print_Pow(self, expr: sp.Pow) -> str:
        # A small power of a name is a product: pow() is slow and rounds otherwise.
        if expr.base.is_Symbol and expr.exp.is_Integer and 2 <= expr.exp <= 8:
            return "(" + "*".join([self._print(expr.base)] * int(expr.exp)) + ")"
        return str(super()._print_Pow(expr))

    def _print_Coordinate(self, expr: Coordinate) -> str:
        return expr.slot

    def _print_Sigma(self, expr: Sigma) -> str:
        return f"sigma({int(expr.args[0])}, {self._print(expr.args[1])})"

    def _print_Remainder(self, expr: Remainder) -> str:
        return f"remainder({int(expr.args[0])}, {int(expr.args[1])}, {self._print(expr.args[2])})"

    def _print_Target(self, expr: Target) -> str:
        return "target[i]"


def _checked(
    expressions: Sequence[sp.Expr], names: Sequence[sp.Symbol], taken: frozenset[str], name: str
) -> None:
    refuse_floats(expressions)
    if not name.isidentifier() or name in _KEYWORDS:
        raise TheoryError(f"C cannot call a function {name!r}.")
    refuse_unknown(expressions, (*ELEMENTARY, *_FUNCTIONS), "C code")
    refuse_names(names, taken | _KEYWORDS | {name})


def _assignments(expressions: Sequence[sp.Expr], targets: Sequence[str]) -> list[str]:
    printer = _Printer()
    shared, rest = eliminate_common(expressions)
    lines = [f"const double {printer.doprint(s)} = {printer.doprint(e)};" for s, e in shared]
    lines += [f"{left} = {printer.doprint(e)};" for left, e in zip(targets, rest, strict=True)]
    return lines


def _function(kind: str, name: str, arguments: Sequence[str], comment: str, lines: Sequence[str]) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    head = "#include <math.h>\n#include <stddef.h>\n#include <stdlib.h>\n"
    return f"{head}\n/* {comment} */\n{kind} {name}({', '.join(arguments)})\n{{\n{body}}}\n"


def c_expression_source(
    expressions: Sequence[sp.Expr], arguments: Sequence[sp.Symbol], name: str = "values"
) -> str:
    """``void name(double …, double *out)``: the arguments in order, one entry of ``out`` for each expression.

    Raises
    ------
    TheoryError
        If an expression contains a symbol that is no argument, a sum over neurons, or a function that C99 has not.
    InexactConstant
        If it contains a floating-point number.
    """
    free = set().union(*(e.free_symbols for e in expressions)) - set(arguments)
    if free:
        raise TheoryError(
            f"The code for {name} needs a value of {sorted(map(str, free))[0]}; add it to the arguments."
        )
    _checked(expressions, arguments, frozenset({"out"}), name)
    lines = _assignments(expressions, [f"out[{n}]" for n in range(len(expressions))])
    return _function(
        "void", name, [*(f"double {s}" for s in arguments), "double *out"], f"Values of {name}.", lines
    )


def c_field_source(field: VectorField, name: str = "field") -> str:
    """``void name(double t, const double *y, double *out, double …)``: the rates of y, parameters by name in order."""
    comment = "out = d(" + ", ".join(map(str, field.variables)) + ")/dt, time of the gradient flow"
    arguments = ["double t", "const double *y", "double *out"]
    lines = ["(void)t;", *_state_lines(field.variables, field.parameters, field.components, name)]
    return _function("void", name, [*arguments, *_doubles(field.parameters)], comment, lines)


def c_iteration_source(step: IterationMap, name: str = "step") -> str:
    """``void name(const double *y, double *out, double …)``: y after one step; ``out`` may not be ``y``."""
    comment = "out = (" + ", ".join(map(str, step.variables)) + ") after one step"
    arguments = ["const double *y", "double *out"]
    lines = _state_lines(step.variables, step.parameters, step.images, name)
    return _function("void", name, [*arguments, *_doubles(step.parameters)], comment, lines)


def _doubles(symbols: Sequence[sp.Symbol]) -> list[str]:
    return [f"double {s}" for s in symbols]


def _state_lines(
    variables: Sequence[sp.Symbol], parameters: Sequence[sp.Symbol], components: Sequence[sp.Expr], name: str
) -> list[str]:
    _checked(components, (*variables, *parameters), frozenset({"t", "y", "out"}), name)
    used = set().union(*(c.free_symbols for c in components))
    lines = [f"const double {v} = y[{n}];" for n, v in enumerate(variables) if v in used]
    return lines + _assignments(components, [f"out[{n}]" for n in range(len(components))])


def c_particle_source(system: ParticleSystem, name: str = "drift") -> str:
    """The drift of all neurons at once, with a loop over neurons for each sum and one over the data for each mean.

    ``int name(size_t m, const double *weights, …, double *out, double …)`` with ``weights`` and ``out`` of shape
    (m, 1 + d) in rows a, w1 … wd. Where the drift has means over the data, ``size_t n, const double *x`` (n, d),
    ``const double *target`` (n) and ``const double *rho`` (n, sum 1) follow ``weights``; where it has σ or its Taylor
    remainder, ``double (*sigma)(int, double)`` for σ^(n)(u) and ``double (*remainder)(int, int, double)``. Parameters
    come last, by name. It returns 0, or 1 if there was no memory.
    """
    return _Writer(system.drift, system.neuron.dim, name).text("drift of every neuron: rows a, w1 ... wd")


def c_formula_source(expressions: Sequence[sp.Expr], dim: int, name: str = "values") -> str:
    """Expressions with sums over neurons in them, with the arguments of :func:`c_particle_source`.

    If one of them contains a neuron's own weights, ``out`` has a row for each neuron with an entry for each expression;
    otherwise a single row.
    """
    return _Writer(expressions, dim, name).text(f"values of {name}")


class _Writer:
    def __init__(self, expressions: Sequence[sp.Expr], dim: int, name: str) -> None:
        refuse_floats(expressions)
        self.expressions = expressions
        self.name = name
        self.dim = dim
        self.printer = _Printer()
        self.top: list[str] = []
        self.arrays: list[str] = []
        self.known: dict[Bracket, sp.Symbol] = {}
        self.count = 0

    def text(self, comment: str) -> str:
        every = self.expressions
        free = set().union(*(e.free_symbols for e in every))
        parameters = sorted((s for s in free if not isinstance(s, Coordinate) and s != width), key=str)
        slots = frozenset(
            {"a", *(f"{letter}{q}" for letter in "wx" for q in range(1, self.dim + 1)), str(width)}
        )
        _checked((), parameters, _OWN | slots, self.name)
        loop: list[str] = []
        lowered = [self.lowered(expression, loop) for expression in every]
        if any(isinstance(s, Coordinate) for s in free):
            targets = [f"out[{len(every)}*k + {c}]" for c in range(len(every))]
            lines = [*self.top, *self.over_neurons([*loop, *_assignments(lowered, targets)])]
        else:
            lines = [*self.top, *_assignments(lowered, [f"out[{c}]" for c in range(len(every))])]
        lines += [f"free({array});" for array in self.arrays]
        arguments = ["size_t m", "const double *weights"]
        if any(b.space == "sample" for e in every for b in e.atoms(Bracket)):
            arguments += ["size_t n", "const double *x", "const double *target", "const double *rho"]
            lines.insert(0, "(void)target;")
        for kind, argument in (
            (Sigma, "double (*sigma)(int, double)"),
            (Remainder, "double (*remainder)(int, int, double)"),
        ):
            if any(e.has(kind) for e in every):
                arguments.append(argument)
        arguments += ["double *out", *_doubles(parameters)]
        return _function("int", self.name, arguments, f"out = {comment}", [*lines, "return 0;"])

    def over_neurons(self, body: list[str]) -> list[str]:
        used = " ".join(body)
        loads = [
            f"const double {slot} = weights[{self.dim + 1}*k + {c}];"
            for c, slot in enumerate(("a", *(f"w{q}" for q in range(1, self.dim + 1))))
            if _stands_in(slot, used)
        ]
        return _loop("k", "m", [*loads, *body])

    def over_samples(self, body: list[str]) -> list[str]:
        used = " ".join(body)
        loads = [
            f"const double x{q + 1} = x[{self.dim}*i + {q}];"
            for q in range(self.dim)
            if _stands_in(f"x{q + 1}", used)
        ]
        return _loop("i", "n", [*loads, *body])

    def lowered(self, expr: sp.Expr, here: list[str]) -> sp.Expr:
        """The expression with a symbol for each bracket; what has to be computed in this loop goes to ``here``."""
        inside: dict[Bracket, sp.Symbol] = {}
        for bracket in outer_brackets(expr):
            spaces = {s.space for s in bracket.free_symbols if isinstance(s, Coordinate)}
            if bracket.space in spaces:
                raise TheoryError(
                    f"The bracket {bracket} couples two neurons or two inputs in a way that loops cannot sum directly."
                )
            if not spaces:
                inside[bracket] = self.once(bracket)
            elif isinstance(bracket, NeuronSum):
                inside[bracket] = self.per_sample(bracket)
            else:
                inside[bracket] = self.mean_of_one(bracket, here)
        without = lower(expr, inside.__getitem__)[0]
        refuse_unknown([without], (*ELEMENTARY, *_FUNCTIONS, Sigma, Remainder, Target), "C code")
        return without.xreplace({width: sp.Symbol("(double)m", real=True)})

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}_{self.count}"

    def once(self, bracket: Bracket) -> sp.Symbol:
        if bracket not in self.known:
            name = self.fresh("total")
            loop: list[str] = []
            term = self.term(bracket, loop)
            over = self.over_neurons if isinstance(bracket, NeuronSum) else self.over_samples
            self.top += [f"double {name} = 0.0;", *over([*loop, f"{name} += {term};"])]
            self.known[bracket] = sp.Symbol(name, real=True)
        return self.known[bracket]

    def per_sample(self, bracket: Bracket) -> sp.Symbol:
        """A sum over neurons at every input point: an array, computed once."""
        if bracket not in self.known:
            name = self.fresh("at")
            loop: list[str] = []
            term = self.term(bracket, loop)
            inner = self.over_neurons([*loop, f"sum += {term};"])
            self.top.append(f"double *{name} = malloc((n ? n : 1)*sizeof(double));")
            released = "".join(f" free({array});" for array in self.arrays)
            self.top.append(f"if (!{name}) {{{released} return 1; }}")
            self.top += self.over_samples(["double sum = 0.0;", *inner, f"{name}[i] = sum;"])
            self.arrays.append(name)
            self.known[bracket] = sp.Symbol(f"{name}[i]", real=True)
        return self.known[bracket]

    def mean_of_one(self, bracket: Bracket, here: list[str]) -> sp.Symbol:
        """A mean over the data that depends on the neuron of the loop that it stands in."""
        name = self.fresh("mean")
        loop: list[str] = []
        term = self.term(bracket, loop)
        here += [f"double {name} = 0.0;", *self.over_samples([*loop, f"{name} += {term};"])]
        return sp.Symbol(name, real=True)

    def term(self, bracket: Bracket, loop: list[str]) -> str:
        text = self.printer.doprint(self.lowered(bracket.args[0], loop))
        return text if isinstance(bracket, NeuronSum) else f"rho[i]*({text})"


def _loop(index: str, end: str, body: list[str]) -> list[str]:
    return [
        f"for (size_t {index} = 0; {index} < {end}; ++{index}) {{",
        *(f"    {line}" for line in body),
        "}",
    ]


def _stands_in(word: str, text: str) -> bool:
    padded = "".join(c if c.isalnum() or c == "_" else " " for c in text).split()
    return word in padded
