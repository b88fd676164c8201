"""How long derivations take, and how quick the generated code is: `python -m benchmarks.derivation [--short]`.

Three tables: time to derive the truncated flow against the order of the expansion and the dimension of the input;
the same against the width, which does not enter, beside the derivation by explicit sums, where it does; and generated
NumPy code beside code written by hand for the same formula. Times are of this process's processor time.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from benchmarks.machine import head, one_thread, table

one_thread()

import numpy as np  # noqa: E402
import sympy as sp  # noqa: E402
from sympy.core.cache import clear_cache  # noqa: E402

import theory  # noqa: E402
from theory import Derivation, aligned, tanh_like  # noqa: E402
from theory.codegen import numpy_drift, numpy_function  # noqa: E402
from theory.expansion import truncated_flow  # noqa: E402
from theory.finite_model import explicit_model  # noqa: E402

Array = Any


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor time of one call with SymPy's caches empty, and what it returned."""
    clear_cache()
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def orders(short: bool) -> Iterator[tuple[int, int]]:
    """(d, K), odd activation: K up to 9 for d = 1, 2, 3 and up to 5 for d = 5."""
    for dim, most in ((1, 9), (2, 9), (3, 5 if short else 9), (5, 3 if short else 5)):
        for order in range(1, most + 1, 2):
            yield dim, order


def derivation_rows(short: bool) -> list[list[str]]:
    """One row for each dimension and order: time, terms, and the growth exponent from the order before."""
    rows: list[list[str]] = []
    before: tuple[int, int, float, int] | None = None
    for dim, order in orders(short):

        def work(dim: int = dim, order: int = order) -> theory.ParticleSystem:
            return truncated_flow(Derivation(dim).flow, tanh_like(order, odd=True), aligned(dim))

        spent, system = seconds(work)
        terms = sum(len(sp.Add.make_args(component)) for component in system.drift)
        growth = ""
        if before and before[0] == dim:
            growth = f"{math.log(terms / before[3]) / math.log(order / before[1]):.1f}"
        rows.append(
            [f"d = {dim}", str(order), f"{spent:.3f}", str(terms), f"{1e6 * spent / terms:.0f}", growth]
        )
        before = (dim, order, spent, terms)
    return rows


def width_rows() -> list[list[str]]:
    """Symbolic width against explicit sums at m = 1 … 4: d = 1, cubic σ, five data points."""
    symbolic, _ = seconds(lambda: truncated_flow(Derivation(1).flow, tanh_like(3), aligned(1)))
    rows = [["any, symbolic", f"{symbolic:.3f}"]]
    for m in (1, 2, 4, 8, 16):
        spent, _ = seconds(partial(explicit_drift, m))
        rows.append([f"{m}, by explicit sums", f"{spent:.3f}"])
    return rows


def explicit_drift(m: int) -> list[sp.Expr]:
    """The risk of m neurons on 5 points written out, differentiated, expanded."""
    c3 = sp.Symbol("c3")
    model = explicit_model(1, m, 5)
    risk = sp.S.Zero
    for weight, (x,), y in model.points:
        output = sp.Add(*(a * (w * x + c3 * (w * x) ** 3) for a, w in model.neurons))
        risk += weight * (output - y) ** 2 / 2
    return [sp.expand(-risk.diff(c)) for neuron in model.neurons for c in neuron]


def sigma(order: int, u: Array) -> Array:
    """tanh and its derivative: what both codes call."""
    value = np.tanh(u)
    return value if order == 0 else 1 - value * value


def whole_flow(a: Array, w: Array, *, x: Array, target: Array, rho: Array, **_: Any) -> Array:
    """The gradient flow by hand, any d, any activation given as a function of order and argument."""
    u = w @ x.T
    value, slope = sigma(0, u), sigma(1, u)
    pull = rho * (target - a @ value)
    return np.column_stack((value @ pull, a[:, None] * (slope @ (pull[:, None] * x))))


def cubic_flow(a: Array, w: Array, *, F3: float, M4: float, M6: float, c3: float, **_: Any) -> Array:
    """Section 6.2 by hand, all terms of the cubic truncation."""
    w = w[:, 0]
    w2 = w * w
    w3 = w2 * w
    p, q = a @ w, a @ w3
    linear = 1 - p - c3 * M4 * q
    cubic = c3 * (F3 - M4 * p - c3 * M6 * q)
    return np.stack((linear * w + cubic * w3, a * (linear + 3 * cubic * w2)), axis=1)


def reduced_field(t: float, y: Array) -> Array:
    """The (P, Q) system by hand."""
    P, Q = y
    rest = 2 * (1 - P)
    return np.array([Q * rest, P * rest])


def code_rows() -> list[list[str]]:
    """Medians of alternating runs of generated code and of code written by hand."""
    rng = np.random.default_rng(0)
    rows = []
    for m, n, d in ((1000, 60, 1), (1000, 200, 3)):
        state, x = rng.normal(size=(m, 1 + d)), rng.normal(size=(n, d))
        given = {"x": x, "target": np.sin(x[:, 0]), "rho": np.full(n, 1 / n), "sigma": sigma}
        generated = numpy_drift(Derivation(d).flow)
        rows.append(_compared(f"flow, d = {d}, m = {m}, n = {n}", generated, whole_flow, state, given))
    system = Derivation(1, tanh_like(3, odd=True)).truncated
    values = {"F3": 1.7, "M4": 1.8, "M6": 3.9, "c3": -1 / 3}
    for m in (1000, 100000):
        state = rng.normal(size=(m, 2))
        rows.append(_compared(f"cubic flow, d = 1, m = {m}", numpy_drift(system), cubic_flow, state, values))
    field = numpy_function(Derivation(1).reduced)
    y = rng.normal(size=(2, 100000))
    hand, machine = _medians(lambda: reduced_field(0.0, y), lambda: field(0.0, y))
    assert np.allclose(reduced_field(0.0, y), field(0.0, y), rtol=1e-12)
    rows.append(["(P, Q) system, 100000 states", *_cells(hand, machine)])
    return rows


def _compared(
    name: str,
    generated: Callable[..., Array],
    by_hand: Callable[..., Array],
    state: Array,
    given: dict[str, Any],
) -> list[str]:
    a, w = np.ascontiguousarray(state[:, 0]), np.ascontiguousarray(state[:, 1:])
    assert np.allclose(generated(a, w, **given), by_hand(a, w, **given), rtol=1e-9, atol=1e-9)
    return [name, *_cells(*_medians(lambda: by_hand(a, w, **given), lambda: generated(a, w, **given)))]


def _cells(hand: float, machine: float) -> list[str]:
    return [f"{1e6 * hand:.1f}", f"{1e6 * machine:.1f}", f"{machine / hand:.2f}"]


def _medians(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[float, float]:
    """Seconds a call, the median over 31 blocks in which the two alternate."""
    start = time.perf_counter()
    first()
    repeat = max(1, int(0.005 / (time.perf_counter() - start)))
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(31):
        for work, times in zip((first, second), found, strict=True):
            start = time.process_time()
            for _ in range(repeat):
                work()
            times.append((time.process_time() - start) / repeat)
    return statistics.median(found[0]), statistics.median(found[1])


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="leave out the two highest orders")
    short = parser.parse_args().short
    print(head(["sympy", "numpy"]))
    print("\nDeriving the truncated flow from the risk, odd σ with symbolic coefficients, M₂ = I, z = e₁")
    columns = ["input", "order K", "seconds", "terms", "µs a term", "terms grow like K^"]
    print(table(columns, derivation_rows(short)))
    print("\nThe width: cubic σ, d = 1")
    print(table(["m", "seconds"], width_rows()))
    print("\nGenerated NumPy code and code by hand for the same formula")
    print(table(["formula", "by hand, µs", "generated, µs", "ratio"], code_rows()))


if __name__ == "__main__":
    main()
