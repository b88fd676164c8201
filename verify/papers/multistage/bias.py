"""Remark 1: a bias is one more input that is constant, and (7)–(9) hold with it as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from verify.checks import search
from verify.claim import Check, Mutant
from verify.papers.multistage.paper import paper

if TYPE_CHECKING:
    from verify.networks import Data, Network

CASES = {"quick": 100, "standard": 1_000, "deep": 10_000}


def with_constant(data: Data, constant: Fraction) -> Data:
    """The data with one more input that is constant, and the target shifted to mean 0 so that z stays e₁."""
    from verify.networks import Data, Sample

    mean = data.mean([s.y for s in data.samples])
    return Data(tuple(Sample(s.weight, (*s.x, constant), s.y - mean) for s in data.samples))


def cases(constant: Fraction) -> Any:
    """Networks of one input and a bias."""
    from hypothesis import strategies as st

    from verify.networks import Network, Unit
    from verify.strategies import aligned_data, class_activations, points, rationals

    unit = st.builds(Unit, rationals(3), points(2, 3))
    data = aligned_data(1).map(lambda one: with_constant(one, constant))
    return st.builds(Network, class_activations(), st.lists(unit, min_size=1, max_size=3).map(tuple), data)


def as_defined(network: Network) -> list[tuple[Fraction, tuple[Fraction, ...]]]:
    """(8) and (9) by their definition, from δ = σ − u and δ' = σ' − 1."""
    from verify.networks import dot

    samples, sigma, mean = network.data.samples, network.activation, network.data.mean
    inner = [[dot(unit.w, s.x) for s in samples] for unit in network.units]
    bent = [
        sum(
            (unit.a * (sigma.value(row[i]) - row[i]) for unit, row in zip(network.units, inner, strict=True)),
            Fraction(0),
        )
        for i in range(len(samples))
    ]
    found = []
    for unit, row in zip(network.units, inner, strict=True):
        f = -mean(
            [r * (sigma.value(u) - u) + b * u for r, u, b in zip(network.residual, row, bent, strict=True)]
        )
        pulls = [
            r * (sigma.derivative(u) - 1) + b for r, u, b in zip(network.residual, row, bent, strict=True)
        ]
        g = tuple(
            -unit.a * mean([p * s.x[i] for p, s in zip(pulls, samples, strict=True)])
            for i in range(network.data.dim)
        )
        found.append((f, g))
    return found


def check(constant: Fraction = Fraction(1), mirrored: bool = False) -> Check:
    """(7): the drift less its leading terms is (8) and (9). `mirrored` takes the data for symmetric in the bias."""

    def holds(network: Network) -> bool:
        if mirrored:
            cubes = [s.x[0] ** 2 * s.x[1] for s in network.data.samples]
            return network.data.mean(cubes) == 0
        return network.remainders == as_defined(network)

    return search.property(lambda: cases(constant), holds, cases=CASES)


def _constant_witness(constant: Fraction) -> str | None:
    """One linear neuron a, (w, b) on the inputs ±1: da/dt is w(1 − aw) − c²ab²/… by hand, and not the leading term."""
    a, w, b, c = 0.5, 0.0, 1.0, float(constant)
    # f = a(wx + bc), f* = x: da/dt = −⟨(f − x)(wx + bc)⟩ = −(aw − 1)w − a b²c².
    rate = -(a * w - 1) * w - a * b**2 * c**2
    leading = w * (1 - a * w) - b * (a * b)
    if abs(rate - leading) > 1e-12:
        return f"a = {a}, (w, b) = ({w}, {b}), σ = u, inputs ±1: da/dt = {rate:.6g}, its leading terms {leading:.6g}"
    return None


def _mirrored_witness() -> str | None:
    """⟨x²·1⟩ = 1 on the inputs ±1."""
    found = sum(x * x * 1.0 for x in (-1.0, 1.0)) / 2
    return f"on the inputs ±1 the mean of x² times the constant is {found}, and not 0" if found else None


def _mutants() -> Sequence[Mutant]:
    two = Fraction(2)
    return [
        Mutant(
            "constant-two",
            "the constant input is 2 in place of 1",
            r"x_0 = 2",
            check(two).run,
            partial(_constant_witness, two),
        ),
        Mutant(
            "still-symmetric",
            "the density is still symmetric in the constant input",
            r"\int x_1^2 x_0\,\rho = 0",
            check(mirrored=True).run,
            _mirrored_witness,
        ),
    ]


paper.checked(
    "rem1",
    check(),
    title="With a bias (7)–(9) hold as they stand",
    where="Section 3.2, Remark 1",
    statement=(
        r"x_0 = 1,\; \int f^{*}\rho = 0 \;\Longrightarrow\; \dot a_k - w_k\cdot(z - \textstyle\sum_j a_j w_j) = f_k, "
        r"\quad \dot w_k - a_k(z - \textstyle\sum_j a_j w_j) = g_k"
    ),
    hypotheses=(
        r"one input, and the bias as the weight of the constant input 1: unit second moments because "
        r"$\rho$ is centred",
        r"$z = e_1$ needs a target of mean 0; else $z$ has an entry along the bias and $e_1$ is turned",
        "the density is not symmetric in the constant input, and (7)–(9) do not need it",
        "exact networks",
    ),
    uses=("eq7",),
    basis="derived",
    mutants=_mutants,
)
