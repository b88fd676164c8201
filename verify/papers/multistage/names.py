"""The paper's names for sums over neurons, remainders and means, each once, with what it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from theory import DataMean, Neuron, NeuronSum, P, Q, Remainder, Sample, Target, drift_sum
from theory.naming import Named, NamedQuantity, quantity
from theory.symbols import dot
from verify.papers.multistage import derivations
from verify.stating import named

REMAINDERS = r"$f_k$ and $g_k^{(i)}$ are (8) and (9)"
"""What the hypotheses of a statement say whose names f_k and g_k are not written out in it."""

X, Y = sp.symbols("X Y", real=True)
Names = dict[sp.Expr, sp.Expr]


def S(i: int) -> sp.Symbol:
    """The name S_i."""
    return sp.Symbol(f"S{i}", real=True)


def C(i: int) -> sp.Symbol:
    """The name C_i."""
    return sp.Symbol(f"C{i}", real=True)


def f(dim: int, label: str = "k") -> NamedQuantity:
    """The name f_k."""
    return quantity("f", Neuron(label, dim))


def g(dim: int, i: int, label: str = "k") -> NamedQuantity:
    """The name g_k^(i)."""
    return quantity(f"g{i}", Neuron(label, dim))


def sums(dim: int, first: sp.Symbol | None = None) -> Names:
    """S_i = Σ_j a_j w_j^(i); ``first`` is what S_1 is called, P where z = e₁."""
    j = Neuron("j", dim)
    called = [S(1) if first is None else first, *(S(i) for i in range(2, dim + 1))]
    return {name: drift_sum(j, i) for i, name in enumerate(called, 1)}


def split(dim: int, first: sp.Symbol | None = None) -> Names:
    """S_i, b(x) = Σ_j a_j δ(w_j·x) and r(x) = f_θ(x) − f*(x), in which σ(u) = u + δ(u)."""
    found, x, j = sums(dim, first), Sample("x", dim), Neuron("j", dim)
    b = quantity("b", x)
    linear = dot(tuple(found), x.x)
    found[b] = NeuronSum(j.a * Remainder(1, 0, dot(j.w, x.x)), j)
    return found | {quantity("r", x): linear + b - Target(*x.x)}


def f_k(dim: int) -> sp.Expr:
    """(8), in the names of :func:`split`."""
    k, x = Neuron("k", dim), Sample("x", dim)
    u = dot(k.w, x.x)
    return -DataMean(quantity("r", x) * Remainder(1, 0, u), x) - DataMean(quantity("b", x) * u, x)


def g_k(dim: int) -> list[sp.Expr]:
    """(9), one entry for each input coordinate, in the same names."""
    k, x = Neuron("k", dim), Sample("x", dim)
    r, b = quantity("r", x), quantity("b", x)
    bent = Remainder(1, 1, dot(k.w, x.x))
    return [-k.a * DataMean(r * bent * xi, x) - k.a * DataMean(b * xi, x) for xi in x.x]


def remainders(dim: int, first: sp.Symbol | None = None) -> Names:
    """All of :func:`split`, with f_k and g_k^(i)."""
    pairs = zip(range(1, dim + 1), g_k(dim), strict=True)
    return split(dim, first) | {f(dim): f_k(dim)} | {g(dim, i): meaning for i, meaning in pairs}


def parameters(dim: int) -> Names:
    """P, S_i, Q, C_i for i ≥ 2, and what the remainders add to the rates of P and Q: Y and X."""
    k = Neuron("k", dim)
    (a, w), f_j, g_j = k.coordinates[:2], f(dim), g(dim, 1)
    return (
        remainders(dim, P)
        | {Q: NeuronSum(a**2 + w**2, k) / 2}
        | {C(i): NeuronSum(w * k.w[i - 1], k) for i in range(2, dim + 1)}
        | {Y: NeuronSum(f_j * w + g_j * a, k), X: NeuronSum(f_j * a + g_j * w, k)}
    )


def rates(dim: int, drift: tuple[sp.Expr, ...], names: Mapping[sp.Expr, sp.Expr]) -> dict[str, sp.Expr]:
    """A stated drift of neuron k in names, as components that are called as `derivations.named` calls them."""
    slots = [coordinate.slot for coordinate in Neuron("k", dim).coordinates]
    return {f"d = {dim}: d{slot}/dt": Named(one, names) for slot, one in zip(slots, drift, strict=True)}


def every(of: Callable[[int], Mapping[str, sp.Expr]]) -> dict[str, sp.Expr]:
    """The components of each dimension, in one mapping."""
    return {name: expr for dim in derivations.DIMENSIONS for name, expr in of(dim).items()}


def shown(*lefts: str) -> Callable[..., str]:
    """Prints components in names for d = 2; what f_k and g_k are the hypotheses tell."""
    return named(*lefts, only="d = 2", told=("f", "g"))
