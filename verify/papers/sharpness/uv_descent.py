"""Full gradient descent of the uv model against the derived map, and the dense Hessian against the derived spectrum."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial
from itertools import islice
from typing import Any

import numpy as np
import sympy as sp

from numerics.array import FloatArray
from numerics.uv_model import UVNetwork, descend_uv, gaussian_weights, precise_descent
from theory import width
from theory.codegen import ball_expression, numpy_expression
from theory.gradient_descent import learning_rate as eta
from theory.uv import f, output_and_trace, trace, x, y
from theory.uv_hessian import largest_eigenvalues
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Mutant
from verify.context import Context
from verify.mutants.expression import changes, spread
from verify.papers.sharpness.paper import paper
from verify.papers.sharpness.uv_reduction import MODEL, WHERE

STEPS = 200
AGREEMENT = 1e-12
DIGITS = 1e-40
BEYOND = 1e50
CASES = (
    (8, 1.0, 0.7, 1.2),
    (8, 1.0, 0.0, 3.0),
    (64, 1.0, 0.0, 1.5),
    (64, 1.0, 0.0, 2.6),
    (64, 0.8, 1.3, 1.9),
)
"""(width, x, y, ηλ₀)."""

Images = tuple[sp.Expr, sp.Expr]
_SYMBOLS = (f, trace, eta, x, y, width)


def _start(w: int, example: float, target: float, k: float, seed: int) -> tuple[UVNetwork, Any, Any, float]:
    network = UVNetwork(example, target)
    u, v = gaussian_weights(seed, 1, w)
    return network, u, v, k / float(network.trace(u, v)[0])


def _full(network: UVNetwork, u: FloatArray, v: FloatArray, rate: float) -> FloatArray:
    """(f, λ) after each step, shape (steps + 1, 2)."""
    states = descend_uv(network, u, v, rate, STEPS)
    return np.array([[network.output(*s)[0], network.trace(*s)[0]] for s in states])


def _reduced(images: Images, start: FloatArray, network: UVNetwork, rate: float, w: int) -> FloatArray:
    move = numpy_expression(list(images), _SYMBOLS, "uv_full_step")
    found = [start]
    for _ in range(STEPS):
        with np.errstate(over="ignore", invalid="ignore"):
            found.append(np.array(move(*found[-1], rate, network.x, network.y, float(w)), dtype=float))
    return np.array(found)


@cache
def _precise(case: tuple[int, float, float, float], seed: int) -> list[tuple[Any, Any]]:
    w, example, target, k = case
    _, u, v, rate = _start(w, example, target, k, seed)
    return precise_descent(list(u[0]), list(v[0]), x=example, y=target, rate=rate, steps=STEPS, bits=2000)


def _scale(values: FloatArray, w: int, example: float) -> FloatArray:
    """λ, and what f is measured against: the largest |f| that goes with λ."""
    return np.stack([values[:, 1] * math.sqrt(w) / (2 * abs(example)), values[:, 1]], axis=1)


def _compared(images: Images, case: tuple[int, float, float, float], seed: int) -> Comparison:
    w, example, target, k = case
    network, u, v, rate = _start(w, example, target, k, seed)
    full = _full(network, u, v, rate)
    exact = np.array([[float(a), float(b)] for a, b in _precise(case, seed)])
    scale = _scale(exact, w, example)
    predicted = _reduced(images, full[0], network, rate, w)
    # A map that leaves for infinity is compared as long as its numbers are of a size to be compared.
    sized = np.cumsum(~(np.abs(predicted).max(axis=1) < BEYOND)) == 0
    gap = np.max((np.abs(full - predicted) / scale)[sized])
    # What rounding does to the full descent is seen against the same descent in 2000 bits.
    error = float(np.max(np.abs(full - exact) / scale))
    label = f"w = {w}, x = {example}, y = {target}, ηλ₀ = {k}"
    return Comparison(label, float(gap), 0.0, AGREEMENT, error)


def _compared_precisely(images: Images, case: tuple[int, float, float, float], seed: int) -> Comparison:
    from flint import arb

    from numerics.precision import working_precision

    w, example, target, k = case
    *_, rate = _start(w, example, target, k, seed)
    full = _precise(case, seed)
    with working_precision(2000):
        move = ball_expression(list(images), list(_SYMBOLS))
        at = full[0]
        largest = arb(0)
        for here in islice(full, 1, None):
            at = tuple(move(*at, arb(rate), arb(example), arb(target), arb(w)))
            for a, b in zip(at, here, strict=True):
                largest = largest.max(abs(a - b) / here[1])
            if largest > 1:
                break
        upper, middle = float(largest.upper()), float(largest.mid())
    return Comparison(f"w = {w}, ηλ₀ = {k}, 2000 bits", middle, 0.0, DIGITS, abs(upper - middle) + 1e-300)


def descent_check(images: Callable[[], Images]) -> Check:
    def measure(context: Context) -> Measurement:
        found = []
        for case in CASES:
            context.progress(f"w = {case[0]}, ηλ₀ = {case[3]}")
            found.append(_compared(images(), case, context.seed))
        found.append(_compared_precisely(images(), CASES[0], context.seed))
        return Measurement(found, remark=f"{STEPS} steps; differences in f and λ relative to λ")

    return simulation.compare(measure, quantity="full gradient descent against the derived map")


def _derived() -> Images:
    first, second = output_and_trace().images
    return first, second


def _one_step_in_fractions(images: Images) -> str | None:
    """One step of a network of width 4 (√4 = 2) in exact fractions, written out."""
    u, v = ([Fraction(n, 3) for n in row] for row in ((1, -2, 4, 5), (2, 3, -1, 2)))
    rate, example, target = Fraction(1, 5), Fraction(3, 2), Fraction(1, 7)

    def measured() -> tuple[Fraction, Fraction]:
        out = example * sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0)) / 2
        return out, example**2 * sum((a * a + b * b for a, b in zip(u, v, strict=True)), Fraction(0)) / 4

    before = measured()
    slope = rate * (before[0] - target) * example / 2
    u, v = (
        [a - slope * b for a, b in zip(u, v, strict=True)],
        [b - slope * a for a, b in zip(u, v, strict=True)],
    )
    after = measured()
    values = dict(zip(_SYMBOLS, (*before, rate, example, target, Fraction(4)), strict=True))
    exact = {s: sp.Rational(q.numerator, q.denominator) for s, q in values.items()}
    for name, image, seen in zip(("f'", "λ'"), images, after, strict=True):
        stated = sp.nsimplify(image.subs(exact))
        if stated != sp.Rational(seen.numerator, seen.denominator):
            return f"w = 4, one step in fractions: {name} = {seen}, the changed map says {stated}"
    return None


def _descent_mutants() -> list[Mutant]:
    first, second = _derived()
    found = []
    for index, name in ((0, "f'"), (1, "λ'")):
        for kind, listed in changes((first, second)[index]).items():
            for change in list(spread(listed))[:1]:
                built = change.build()
                images = (built, second) if index == 0 else (first, built)
                found.append(
                    Mutant(
                        f"{kind}-{'fl'[index]}",
                        f"{name}: {change.description}",
                        str(sp.latex(built)),
                        descent_check(lambda images=images: images).run,  # type: ignore[misc]
                        partial(_one_step_in_fractions, images),
                    )
                )
    return found


paper.checked(
    "uv.descent",
    descent_check(_derived),
    title="Full gradient descent follows the derived map to rounding",
    where=WHERE,
    statement=(
        r"(f_t, \lambda_t) \text{ of all } 2w \text{ parameters} = (f_t, \lambda_t) \text{ of the derived map}, "
        r"\quad 0 \le t \le 200"
    ),
    hypotheses=(
        *MODEL,
        r"$w = 8, 64$, normal initial weights, $\eta\lambda_0$ from 1.2 to 3; within $10^{-12}\lambda$ in double "
        r"precision, and within $10^{-40}\lambda$ in 2000 bits",
    ),
    uses=("uv.reduction",),
    basis="derived",
    mutants=_descent_mutants,
)

SPECTRA = ((1, 1.0, 0.0), (1, 1.3, 0.4), (2, 1.0, 0.0), (3, 0.7, -1.1), (8, 1.0, 0.5), (32, 1.5, 2.0))
"""(width, x, y)."""

Plane = tuple[sp.Expr, sp.Expr]


def spectrum_check(plane: Callable[[], Plane], copies: int = -1) -> Check:
    """``copies`` is added to the width for how often each of ±h is an eigenvalue."""

    def measure(context: Context) -> Measurement:
        draws = context.by_effort(20, 100, 500)
        code = numpy_expression(list(plane()), (f, trace, x, y, width), "uv_plane")
        found = []
        for w, example, target in SPECTRA:
            network = UVNetwork(example, target)
            u, v = gaussian_weights(context.seed, draws, w)
            dense = np.linalg.eigvalsh(network.hessian(u, v))
            with np.errstate(invalid="ignore"):
                pair = code(network.output(u, v), network.trace(u, v), example, target, float(w))
            h = example * (network.output(u, v) - target) / math.sqrt(w)
            listed = [*(one + 0 * h for one in pair), *[h] * (w + copies), *[-h] * (w + copies)]
            predicted = np.sort(np.stack([*listed, *[0 * h] * max(0, 2 * w - len(listed))], axis=-1), axis=-1)
            largest = np.abs(dense).max(axis=-1, keepdims=True)
            gap = float(np.max(np.abs(dense - predicted[..., : 2 * w]) / largest))
            label = f"w = {w}, x = {example}, y = {target}, {draws} draws"
            found.append(Comparison(label, gap, 0.0, 1e-12, 2 * w * np.finfo(float).eps))
        return Measurement(found, remark="all 2w eigenvalues, relative to the largest")

    return simulation.compare(measure, quantity="dense Hessian against the derived spectrum")


def _plane() -> Plane:
    return largest_eigenvalues()


def _plane_witness(plane: Plane, copies: int) -> str | None:
    """w = 1, u = 1, v = 2, x = 1, y = 0: the Hessian is ((4, 4), (4, 1)), with trace 5 and determinant −12."""
    if copies != -1:
        return f"w = 2 has four eigenvalues, not {2 + 2 * (2 + copies)}"
    values = {f: 2, trace: 5, x: 1, y: 0, width: 1}
    total, product = (sp.nsimplify(sp.expand(e.subs(values))) for e in (sum(plane), plane[0] * plane[1]))
    if (total, product) != (5, -12):
        return f"w = 1, u = 1, v = 2: trace 5 and determinant −12, not {total} and {product}"
    return None


def _spectrum_mutants() -> list[Mutant]:
    upper, lower = largest_eigenvalues()
    h = x * (f - y) / sp.sqrt(width)

    def pair(inner: sp.Expr) -> Plane:
        return trace / 2 + sp.sqrt(inner), trace / 2 - sp.sqrt(inner)

    listed: list[tuple[str, str, Plane, int]] = [
        ("four", "8hxf/√w made 4hxf/√w", pair(trace**2 / 4 + h**2 + h * x * f / sp.sqrt(width)), -1),
        ("no-cross", "without 8hxf/√w", pair(trace**2 / 4 + h**2), -1),
        ("lower-once", "μ₋ made 0", (upper, sp.S.Zero), -1),
        ("trace-twice", "λ in place of λ/2", (upper + trace / 2, lower + trace / 2), -1),
        ("copies", "±h w times each and no μ₋, μ₊", (upper, lower), 0),
    ]
    return [
        Mutant(
            name,
            words,
            rf"\mu_+ = {sp.latex(plane[0])}",
            spectrum_check(lambda plane=plane: plane, copies).run,  # type: ignore[misc]
            partial(_plane_witness, plane, copies),
        )
        for name, words, plane, copies in listed
    ]


paper.checked(
    "uv.hessian.dense",
    spectrum_check(_plane),
    title="The derived spectrum is that of the dense Hessian",
    where=WHERE,
    statement=(
        r"\text{eigenvalues of } \nabla^2 L \text{ by a dense solver} = \{\mu_+, \mu_-\} \cup \{\pm h\}^{w-1}"
    ),
    hypotheses=(
        *MODEL,
        r"$w = 1, 2, 3, 8, 32$, normal weights; all eigenvalues within $10^{-12}$ of the largest",
    ),
    uses=("uv.hessian.plane",),
    basis="derived",
    mutants=_spectrum_mutants,
)
