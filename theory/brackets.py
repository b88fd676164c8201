"""The two linear functionals of the theory: the sum over neurons and the mean over the data.

``NeuronSum(φ(a, w), neuron)`` is Σ_k φ(a_k, w_k) over the m neurons, ``DataMean(ψ(x), sample)`` is ∫ ψ ρ dx.
Both bind *all* coordinates of one neuron or one input point. Bound coordinates are named after the nesting height of
their bracket, so that two brackets that differ in the names of bound variables only are the same object. Both are
linear by construction: sums are distributed and factors that are not bound are pulled out. Hence a polynomial integrand
always ends as a polynomial in independent moments, which is what makes exact zero tests possible.

Two brackets in exchanged order (Fubini) are *not* recognised as equal; an expression that is zero only by such an
exchange is not proved zero here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import sympy as sp
from sympy.core.kind import NumberKind
from sympy.printing.precedence import PRECEDENCE, PRECEDENCE_TRADITIONAL

from theory.errors import TheoryError
from theory.symbols import Coordinate, Neuron, Sample, width


class Height(sp.Atom):
    """Nesting height of a bracket, as an argument of it that no substitution of numbers can change."""

    def __new__(cls, value: int) -> Height:
        made: Height = super().__new__(cls)
        made.value = int(value)
        return made

    __slots__ = ("value",)
    value: int

    def _hashable_content(self) -> tuple[int]:
        return (self.value,)

    def __getnewargs__(self) -> tuple[int]:
        return (self.value,)

    def _sympystr(self, printer: object) -> str:
        return str(self.value)


class Bracket(sp.Expr):
    """Common part of :class:`NeuronSum` and :class:`DataMean`: the body in bound coordinates, and their height.

    The height is an argument of its own, so that SymPy, which rebuilds objects from their arguments after changing a
    body, cannot make a coordinate that an outer bracket binds into one that this bracket binds.
    """

    is_commutative = True
    is_real = True
    kind = NumberKind
    space = ""

    def __new__(cls, body: sp.Expr, over: Neuron | Sample | Height) -> sp.Expr:
        body = sp.sympify(body, strict=True)
        if isinstance(over, Height):
            return cls._rebuild(body, over.value)
        if not isinstance(body, sp.Expr) or body.is_commutative is False or body.has(sp.I):
            raise TheoryError(f"The body of {cls.__name__} must be a real expression, not {str(body)[:80]}.")
        expected = Neuron if cls.space == "neuron" else Sample
        if not isinstance(over, expected):
            raise TheoryError(f"{cls.__name__} binds a {expected.__name__}, not {over!r}.")
        return cls.close(body, {c: c.slot for c in over.coordinates})

    @classmethod
    def of_one(cls) -> sp.Expr:
        """Value of the functional on the constant 1."""
        raise NotImplementedError

    @classmethod
    def close(cls, body: sp.Expr, variables: Mapping[sp.Symbol, str]) -> sp.Expr:
        """Bind ``variables`` (symbol → slot such as ``a``, ``w1``, ``x2``) in ``body``; the result is expanded."""
        bound = frozenset(variables)
        terms = []
        for term in sp.Add.make_args(_expanded(body)):
            outside: list[sp.Expr] = []
            inside: list[sp.Expr] = []
            for factor in sp.Mul.make_args(term):
                (inside if factor.free_symbols & bound else outside).append(factor)
            if not inside:
                terms.append(sp.Mul(*outside, cls.of_one()))
                continue
            kernel = sp.Mul(*inside)
            height = 1 + nesting_height(kernel)
            names = {v: Coordinate(f"{slot}~{height}") for v, slot in variables.items()}
            terms.append(sp.Mul(*outside, cls._make(replace_free(kernel, names), height)))
        return sp.Add(*terms)

    @classmethod
    def _make(cls, body: sp.Expr, height: int) -> sp.Expr:
        return sp.Expr.__new__(cls, body, Height(height))

    @classmethod
    def _rebuild(cls, body: sp.Expr, height: int) -> sp.Expr:
        """Bind again what the bracket of this height bound before its body was changed."""
        bound = [s for s in body.free_symbols if isinstance(s, Coordinate) and s.height]
        fresh = {s: sp.Dummy(s.slot, real=True) for s in bound if s.space == cls.space and s.height == height}
        outer = [s for s in bound if s not in fresh]
        if any(s.height <= 1 + nesting_height(body) for s in outer):
            raise TheoryError(
                "A substitution would capture a bound coordinate; substitute with theory.brackets.rewrite."
            )
        return cls.close(replace_free(body, fresh), {d: s.slot for s, d in fresh.items()})

    def open(self, over: Neuron | Sample | None = None) -> tuple[sp.Expr, dict[sp.Symbol, str]]:
        """Body with its bound coordinates replaced by fresh symbols, and those symbols with their slots.

        With ``over`` given, its free coordinates take the place of the fresh symbols.
        """
        bound = self.bound_coordinates
        if over is None:
            names: dict[sp.Symbol, sp.Symbol] = {s: sp.Dummy(s.slot, real=True) for s in bound}
        else:
            slots = {c.slot: c for c in over.coordinates}
            missing = [s.slot for s in bound if s.slot not in slots]
            if missing:
                raise TheoryError(
                    f"The variable {over!r} has no coordinate {missing[0]}, which stands in {self}."
                )
            names = {s: slots[s.slot] for s in bound}
        return replace_free(self.args[0], names), {n: s.slot for s, n in names.items()}

    @property
    def bound_coordinates(self) -> list[Coordinate]:
        """The coordinates that this bracket binds and that its body contains, in the order of their slots."""
        own = (
            s
            for s in self.args[0].free_symbols
            if isinstance(s, Coordinate) and s.space == self.space and s.height == self.height
        )
        return sorted(own, key=lambda s: s.slot)

    @property
    def height(self) -> int:
        """1 for a bracket without brackets in its body; otherwise one above the highest of these."""
        return self.args[1].value

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return self.args[0].free_symbols - set(self.bound_coordinates)

    @property
    def bound_symbols(self) -> list[Coordinate]:
        return self.bound_coordinates

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        body, variables = self.open()
        return type(self).close(body.diff(symbol), variables)

    def _eval_subs(self, old: sp.Basic, new: sp.Basic) -> sp.Expr | None:
        if self == old:
            return new
        body, variables = self.open()
        changed = body.subs(old, new)
        return self if changed == body else type(self).close(changed, variables)

    def _xreplace(self, rule: Mapping[sp.Basic, sp.Basic]) -> tuple[sp.Expr, bool]:
        if self in rule:
            return rule[self], True
        # SymPy passes rules that are not mappings too; those may apply anywhere.
        if isinstance(rule, Mapping) and not any(
            key.free_symbols <= self.free_symbols for key in rule if isinstance(key, sp.Basic)
        ):
            return self, False
        body, variables = self.open()
        changed, hit = body._xreplace(rule)
        return (type(self).close(changed, variables), True) if hit else (self, False)


class NeuronSum(Bracket):
    """Σ_k φ(a_k, w_k) over the m neurons of the hidden layer; NeuronSum(1) = m."""

    space = "neuron"

    @classmethod
    def of_one(cls) -> sp.Expr:
        return width

    def _latex(self, printer: sp.printing.latex.LatexPrinter, exp: str | None = None) -> str:
        label = "j" + "'" * (self.height - 1)
        shown = rf"\sum_{{{label}}} {printer._print(self.args[0])}"
        return shown if exp is None else rf"\left({shown}\right)^{{{exp}}}"

    def _sympystr(self, printer: sp.printing.str.StrPrinter) -> str:
        return f"Sum[{printer._print(self.args[0])}]"


class DataMean(Bracket):
    """∫ ψ(x) ρ(x) dx for a probability density or an empirical measure ρ; DataMean(1) = 1."""

    space = "sample"

    @classmethod
    def of_one(cls) -> sp.Expr:
        return sp.S.One

    def _latex(self, printer: sp.printing.latex.LatexPrinter, exp: str | None = None) -> str:
        shown = rf"\int {printer._print(self.args[0])}\,\rho"
        return shown if exp is None else rf"\left({shown}\right)^{{{exp}}}"

    def _sympystr(self, printer: sp.printing.str.StrPrinter) -> str:
        return f"Mean[{printer._print(self.args[0])}]"


# As for SymPy's own sums and integrals: printed as a formula, the base of a power stands in parentheses.
PRECEDENCE_TRADITIONAL |= {"NeuronSum": PRECEDENCE["Mul"], "DataMean": PRECEDENCE["Mul"]}


def _expanded(body: sp.Expr) -> sp.Expr:
    return sp.expand(body, power_base=False, power_exp=False, log=False, basic=False)


def nesting_height(expr: sp.Basic) -> int:
    """0 without a bracket; a bracket stands one above the highest bracket in its body."""
    if isinstance(expr, Bracket):
        return expr.height
    return max((nesting_height(arg) for arg in expr.args), default=0)


def replace_free(expr: sp.Expr, names: Mapping[sp.Symbol, sp.Symbol]) -> sp.Expr:
    """Rename free symbols, inside brackets too. The new names must be free of any bracket's bound names."""
    if not names or not (expr.free_symbols & set(names)):
        return expr
    if isinstance(expr, sp.Symbol):
        return names[expr]
    if isinstance(expr, Bracket):
        # A renaming keeps a body expanded and its constants outside, so that it need not be closed again.
        return type(expr)._make(replace_free(expr.args[0], names), expr.height)
    return expr.func(*(replace_free(arg, names) for arg in expr.args))


def rewrite(expr: sp.Expr, rule: Callable[[sp.Expr], sp.Expr | None]) -> sp.Expr:
    """Rewrite an expression from the inside outwards, inside brackets too, without capture.

    ``rule`` is called on every node after its arguments were rewritten, and returns a new node or None to keep it.
    """
    if isinstance(expr, Bracket):
        body, variables = expr.open()
        changed = rewrite(body, rule)
        node = expr if changed == body else type(expr).close(changed, variables)
    elif expr.args:
        args = [rewrite(arg, rule) for arg in expr.args]
        node = expr if all(p is q for p, q in zip(args, expr.args, strict=True)) else expr.func(*args)
    else:
        node = expr
    replaced = rule(node)
    return node if replaced is None else replaced


def outer_brackets(expr: sp.Expr) -> list[Bracket]:
    """The brackets that stand inside no other bracket, without repetition, in a fixed order."""
    found: dict[Bracket, None] = {}

    def visit(node: sp.Basic) -> None:
        if isinstance(node, Bracket):
            found[node] = None
            return
        for arg in node.args:
            visit(arg)

    visit(expr)
    return sorted(found, key=sp.default_sort_key)


def lower_apart(expr: sp.Expr, coordinates: Iterable[sp.Symbol]) -> tuple[sp.Expr, dict[sp.Symbol, Bracket]]:
    """As :func:`lower`, for brackets that are constants to ``coordinates``.

    Raises
    ------
    TheoryError
        If one of the coordinates is free in a bracket, so that a symbol in its place would hide it.
    """
    lowered, table = lower(expr)
    for bracket in table.values():
        hidden = bracket.free_symbols & set(coordinates)
        if hidden:
            raise TheoryError(
                f"The symbol {min(map(str, hidden))} stands inside {str(bracket)[:80]}; expand the activation and "
                "apply the data first."
            )
    return lowered, table


def lower(
    expr: sp.Expr, name: Callable[[Bracket], sp.Symbol] | None = None
) -> tuple[sp.Expr, dict[sp.Symbol, Bracket]]:
    """Replace every outer bracket by a symbol; return the expression and what each symbol stands for."""
    table: dict[sp.Symbol, Bracket] = {}
    symbols: dict[Bracket, sp.Symbol] = {}
    for bracket in outer_brackets(expr):
        symbol = sp.Dummy("B", real=True) if name is None else name(bracket)
        table[symbol] = bracket
        symbols[bracket] = symbol
    return _swap(expr, symbols), table


def _swap(expr: sp.Expr, table: Mapping[Bracket, sp.Expr]) -> sp.Expr:
    if isinstance(expr, Bracket):
        return table[expr]
    if not expr.args:
        return expr
    args = [_swap(arg, table) for arg in expr.args]
    return expr if all(p is q for p, q in zip(args, expr.args, strict=True)) else expr.func(*args)


def partial(expr: sp.Expr, coordinate: Coordinate) -> sp.Expr:
    """∂/∂θ of a free coordinate, inside brackets too; what the brackets bind is held fixed."""
    own = sp.Dummy(coordinate.slot, real=True)
    return expr.xreplace({coordinate: own}).diff(own).xreplace({own: coordinate})


def neuron_derivative(expr: sp.Expr, coordinate: Coordinate, neuron: Neuron) -> sp.Expr:
    """∂/∂θ for one coordinate θ of one neuron, brackets included.

    A sum over neurons contains that neuron once: ∂/∂θ_k Σ_j φ(θ_j) = φ'(θ_k). What the expression contains of the
    neuron's own free coordinates is differentiated too, so that a second derivative with respect to the same neuron
    has its diagonal term.
    """
    lowered, table = lower(expr)
    result = partial(lowered, coordinate)
    for symbol, bracket in table.items():
        outer = lowered.diff(symbol)
        if outer != 0:
            result += outer * _bracket_derivative(bracket, coordinate, neuron)
    return sp.expand(result.xreplace(dict(table)), power_base=False, power_exp=False, log=False)


def _bracket_derivative(bracket: Bracket, coordinate: Coordinate, neuron: Neuron) -> sp.Expr:
    body, variables = bracket.open()
    under = type(bracket).close(neuron_derivative(body, coordinate, neuron), variables)
    if not isinstance(bracket, NeuronSum):
        return under
    slots = {c.slot: c for c in neuron.coordinates}
    foreign = sorted(set(variables.values()) - set(slots))
    if foreign:
        raise TheoryError(
            f"The variable {neuron!r} has no coordinate {foreign[0]}, which stands in {bracket}."
        )
    own = [v for v, slot in variables.items() if slot == coordinate.slot]
    at_neuron = sp.S.Zero
    if own:
        at_neuron = body.diff(own[0]).xreplace({v: slots[slot] for v, slot in variables.items()})
    return at_neuron + under


def scale_neurons(expr: sp.Expr, factors: Mapping[str, sp.Expr], neurons: Iterable[Neuron] = ()) -> sp.Expr:
    """Replace each neuron coordinate θ by factor · θ, for all neurons: the bound ones and those of ``neurons``.

    ``factors`` maps slots (``a``, ``w1`` …) to expressions.
    """
    free = {c: factors[c.slot] * c for neuron in neurons for c in neuron.coordinates if c.slot in factors}

    def scaled(node: sp.Expr) -> sp.Expr:
        if isinstance(node, Bracket):
            body, variables = node.open()
            if isinstance(node, NeuronSum):
                body = body.xreplace({v: factors[s] * v for v, s in variables.items() if s in factors})
            return type(node).close(scaled(body), variables)
        if not node.args:
            return node
        return node.func(*(scaled(arg) for arg in node.args))

    return scaled(expr.xreplace(free) if free else expr)
