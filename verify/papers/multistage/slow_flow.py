"""Section 6.2 and beyond: the slow flow of the secondary plateau, B4, and the overshoot B3 derived from it; d = 1.

The coordinates of neuron k stand for A_k = √m a_k and B_k = √m w_k here, Σ/m for the mean ⟨·⟩, τ = t/m.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import sympy as sp

from theory import Neuron, NeuronSum, ParticleSystem, SlowFlow, neuron_derivative, width
from theory.meanfield import mean
from theory.naming import Named, quantity
from verify.claim import Mutant
from verify.papers.multistage import derivations
from verify.papers.multistage.dynamics import ASSUMPTIONS
from verify.papers.multistage.notation import FORMAL, on_plateau
from verify.papers.multistage.paper import paper
from verify.papers.multistage.plateau_overshoot import M4, OVERSHOOT, c3, k4, kappa
from verify.stating import named

k = Neuron("k", 1)
A, B = k.a, k.w[0]

SCALE = (
    *ASSUMPTIONS,
    "$d = 1$, cubic truncation of an activation of Assumption 3",
    r"$a_k = A_k/\sqrt m$, $w_k = B_k/\sqrt m$, $\tau = t/m$, $\langle\cdot\rangle = \frac1m\sum_j$, leading order in "
    r"$1/m$ on $\langle AB\rangle = 1$",
)
KAPPA = r"$\kappa = -c_3(F_3 - M_4)$"
MULTIPLIER = r"$\Lambda = \kappa\,\langle B^4 + 3A^2B^2\rangle / \langle A^2 + B^2\rangle$"
RATES = (r"\frac{dA_k}{d\tau}", r"\frac{dB_k}{d\tau}")
Sides = Callable[[], dict[str, sp.Expr]]


def multiplier() -> sp.Expr:
    """Λ."""
    return kappa * mean(B**4 + 3 * A**2 * B**2, k) / mean(A**2 + B**2, k)


def slow_drift(factor: int = 3, Lambda: sp.Expr | None = None) -> ParticleSystem:
    """B4; ``factor`` is the asymmetry between the cubic terms of the two equations."""
    Lambda = multiplier() if Lambda is None else Lambda
    return ParticleSystem(k, (Lambda * B - kappa * B**3, Lambda * A - factor * kappa * A * B**2))


def energy() -> sp.Expr:
    """E."""
    return kappa * mean(A * B**3, k)


def derived() -> SlowFlow:
    return derivations.slow(1)


def _components(system: ParticleSystem) -> dict[str, sp.Expr]:
    return {"dA/dtau": system.drift[0], "dB/dtau": system.drift[1]}


def altered(
    lhs: Sides, changes: Sequence[tuple[str, str, str, Callable[[], dict[str, sp.Expr]]]]
) -> Callable[[], Sequence[Mutant]]:
    """Mutants made by hand: (name, description, statement, right side)."""

    def made() -> Sequence[Mutant]:
        from verify.checks import symbolic
        from verify.witness import identity_witness

        return [
            Mutant(
                name, text, statement, symbolic.identity(lhs, rhs).run, partial(identity_witness, lhs, rhs)
            )
            for name, text, statement, rhs in changes
        ]

    return made


def _derived_drift() -> dict[str, sp.Expr]:
    return _components(derived().closed)


paper.identity(
    "b4",
    _derived_drift,
    lambda: _components(slow_drift()),
    title="The secondary plateau has a slow flow",
    where="Section 6.2, beyond the paper",
    hypotheses=(*SCALE, KAPPA),
    uses=("eq10", "eq21.critical"),
    basis="derived",
    statement=named(*RATES, printed=on_plateau),
    mutants=altered(
        _derived_drift,
        [
            (
                "factor-one",
                "both cubic terms with the factor 1",
                r"\frac{dB_k}{d\tau} = \Lambda A_k - \kappa A_k B_k^2",
                lambda: _components(slow_drift(factor=1)),
            ),
            (
                "no-multiplier",
                "the condition of the critical point put in as 1 − S = 0",
                r"\Lambda = 0",
                lambda: _components(slow_drift(Lambda=sp.S.Zero)),
            ),
        ],
    ),
)


def _fast_rates() -> dict[str, sp.Expr]:
    """d⟨AB⟩/dt off the surface, from the leading order of the flow, and the surface."""
    leading = derivations.of(1).leading_order
    product = NeuronSum(k.a * k.w[0], k)
    return {"d<AB>/dt": leading.derivative(product), "surface": derived().surface[0]}


def _stated_fast_rates() -> dict[str, sp.Expr]:
    # Sums of products of weights are means on the scale of the plateau.
    product = NeuronSum(A * B, k)
    return {"d<AB>/dt": NeuronSum(A**2 + B**2, k) * (1 - product), "surface": sp.S.One}


paper.identity(
    "b4.surface",
    _fast_rates,
    _stated_fast_rates,
    title="The surface P = 1 attracts at order one",
    where="Section 6.2, beyond the paper",
    hypotheses=(
        *ASSUMPTIONS,
        r"leading order of the descent (16), $d = 1$, $P = \sum_j a_j w_j^{(1)}$",
    ),
    uses=("eq16", "eq21.critical"),
    basis="derived",
    statement=named(r"\dot P", r"P\big|_{\text{surface}}"),
)


paper.identity(
    "b4.conserved",
    lambda: {"d<AB>/dtau": slow_drift().derivative(mean(A * B, k))},
    lambda: {"d<AB>/dtau": sp.S.Zero},
    title="The slow flow conserves ⟨AB⟩ exactly",
    where="Section 6.2, beyond the paper",
    hypotheses=(*SCALE, KAPPA, "along b4"),
    uses=("b4",),
    basis="derived",
    statement=named(r"\frac{d}{d\tau}\langle AB\rangle"),
    mutants=altered(
        lambda: {"d<AB>/dtau": sp.S.Zero},
        [
            (
                "factor-one",
                "along the flow with both cubic terms with the factor 1",
                r"\frac{d}{d\tau}\langle AB\rangle = 0 \text{ along } "
                r"\frac{dB_k}{d\tau} = \Lambda A_k - \kappa A_k B_k^2",
                lambda: {"d<AB>/dtau": slow_drift(factor=1).derivative(mean(A * B, k))},
            ),
            (
                "no-multiplier",
                "along the flow with Λ = 0",
                r"\frac{d}{d\tau}\langle AB\rangle = 0 \text{ along } \Lambda = 0",
                lambda: {"d<AB>/dtau": slow_drift(Lambda=sp.S.Zero).derivative(mean(A * B, k))},
            ),
        ],
    ),
)


def _derived_energy() -> dict[str, sp.Expr]:
    """E, and the risk of the plateau without ½ ∫ f*² ρ."""
    flow = derived()
    return {"E": flow.energy, "R(plateau) - R_0": flow.plateau_risk - _target_norm()}


def _target_norm() -> sp.Expr:
    """R_0 = ½ ∫ f*² ρ, the risk of the network that is zero."""
    from theory import DataMean, Sample, Target

    x = Sample("x", 1)
    return DataMean(Target(*x.x) ** 2, x) / 2


paper.identity(
    "b4.energy",
    _derived_energy,
    lambda: {"E": energy(), "R(plateau) - R_0": -sp.Rational(1, 2)},
    title="The risk on the plateau",
    where="Section 6.2, beyond the paper",
    hypotheses=(
        *SCALE,
        KAPPA,
        r"$[m^{-n}]$: the coefficient in the formal expansion of the risk in $1/m$; " + FORMAL,
        r"$R_0 = \frac12\int f^{*2}\rho$",
    ),
    uses=("b4",),
    basis="derived",
    statement=named(r"E = [m^{-1}]\,R", r"[m^0]\,R - R_0", printed=on_plateau),
)


def _gradients() -> dict[str, sp.Expr]:
    """−m ∂E/∂θ + Λ m ∂⟨AB⟩/∂θ for both coordinates."""
    surface = mean(A * B, k)
    return {
        f"d{name}/dtau": width
        * (multiplier() * neuron_derivative(surface, c, k) - neuron_derivative(energy(), c, k))
        for name, c in (("A", A), ("B", B))
    }


paper.identity(
    "b4.gradient",
    _gradients,
    lambda: _components(slow_drift()),
    title="The slow flow is the gradient flow of E on the surface ⟨AB⟩ = 1",
    where="Section 6.2, beyond the paper",
    hypotheses=(*SCALE, KAPPA, MULTIPLIER, "on the right is b4"),
    uses=("b4", "b4.conserved"),
    basis="derived",
    statement=named(
        *(
            rf"-m\,\frac{{\partial E}}{{\partial {c}_k}} + \Lambda m\,"
            rf"\frac{{\partial\langle AB\rangle}}{{\partial {c}_k}}"
            for c in "AB"
        ),
        printed=on_plateau,
    ),
)


def _speed() -> sp.Expr:
    """Mean square of the rates."""
    Lambda = sp.Symbol("Lambda", real=True)
    rates = (quantity(r"\dot{A}", k), quantity(r"\dot{B}", k))
    meanings = {Lambda: multiplier()} | dict(zip(rates, slow_drift(Lambda=Lambda).drift, strict=True))
    return Named(-mean(rates[0] ** 2 + rates[1] ** 2, k), meanings)


paper.identity(
    "b4.dissipation",
    lambda: {"dE/dtau": slow_drift().derivative(energy())},
    lambda: {"dE/dtau": _speed()},
    title="E falls, at the mean square of the rates, up to a step left to the reader",
    where="Section 6.2, beyond the paper",
    hypotheses=(
        *SCALE,
        KAPPA,
        r"a dot is $\frac{d}{d\tau}$, along b4",
        "a mean of squares is not negative, so that $E$ does not grow: this step is not part of the check",
    ),
    uses=("b4", "b4.gradient"),
    basis="derived",
    statement=named(r"\frac{dE}{d\tau}", printed=on_plateau),
)

paper.identity(
    "b4.norms",
    lambda: slow_drift().derivative(mean(A**2 - B**2, k)),
    lambda: 4 * energy(),
    title="The norms part at the rate of the energy",
    where="Section 6.2, beyond the paper",
    hypotheses=(*SCALE, KAPPA),
    uses=("b4", "b4.energy"),
    basis="derived",
    statement=named(r"\frac{d}{d\tau}\langle A^2 - B^2\rangle", printed=on_plateau, after=" = 4E"),
)


def _neuron_rate(factor: int = 3) -> sp.Expr:
    return slow_drift(factor, sp.Symbol("Lambda", real=True)).derivative(3 * A**2 - B**2)


paper.identity(
    "b4.neuron",
    _neuron_rate,
    lambda: 4 * sp.Symbol("Lambda", real=True) * A * B,
    title="What the cubic terms leave alone in each neuron",
    where="Section 6.2, beyond the paper",
    hypotheses=(
        *SCALE,
        KAPPA,
        r"along $\frac{dA_k}{d\tau} = \Lambda B_k - \kappa B_k^3$, "
        r"$\frac{dB_k}{d\tau} = \Lambda A_k - 3\kappa A_kB_k^2$ with any $\Lambda$; "
        r"in b4 it is $\kappa\,\langle B^4 + 3A^2B^2\rangle / \langle A^2 + B^2\rangle$",
    ),
    uses=("b4",),
    basis="derived",
    statement=named(r"\frac{d}{d\tau}\bigl(3A_k^2 - B_k^2\bigr)", printed=on_plateau),
    mutants=altered(
        lambda: {"rate": 4 * sp.Symbol("Lambda", real=True) * A * B},
        [
            (
                "factor-one",
                "along the flow with both cubic terms with the factor 1",
                r"\frac{d}{d\tau}\bigl(3A_k^2 - B_k^2\bigr) = 4\Lambda A_k B_k \text{ along } "
                r"\frac{dB_k}{d\tau} = \Lambda A_k - \kappa A_k B_k^2",
                lambda: {"rate": _neuron_rate(factor=1)},
            )
        ],
    ),
)


def _bound_of_the_largest() -> sp.Expr:
    X = sp.Symbol("X", positive=True)
    return sp.expand(mean(A**2 + B**2, k) * (3 * kappa * X - multiplier()))


def _sum_of_positive_terms() -> sp.Expr:
    X, below = sp.Symbol("X", positive=True), quantity("Y", k)
    return Named(kappa * mean(3 * below * (A**2 + B**2) + 2 * B**4, k), {below: X - B**2})


paper.identity(
    "b4.bounded",
    _bound_of_the_largest,
    _sum_of_positive_terms,
    title="For κ > 0 no neuron leaves: the largest B² does not grow, up to steps left to the reader",
    where="Section 6.2, beyond the paper",
    hypotheses=(
        *SCALE,
        MULTIPLIER,
        r"any $X > 0$; with $X = \max_j B_j^2$ and $\kappa > 0$ the right side is not negative, so that "
        r"$\Lambda \le 3\kappa X$; "
        r"the largest neuron has $dB_k^2/d\tau = 2A_kB_k(\Lambda - 3\kappa B_k^2) \le 0$, as $A_kB_k > 0$ is kept by "
        r"$3A_k^2 - B_k^2 \ge 2\xi_k^2$. These steps are not part of the check",
    ),
    uses=("b4", "b4.neuron"),
    basis="derived",
    statement=named(r"\langle A^2 + B^2\rangle\,(3\kappa X - \Lambda)", printed=on_plateau),
)

paper.identity(
    "b3.derived",
    lambda: {"P - 1": derived().overshoot},
    lambda: {"P - 1": OVERSHOOT.expression},
    title="The overshoot of the plateau, derived",
    where="beyond the paper; section 6",
    hypotheses=(
        *SCALE,
        r"$A_k = B_k = \xi_k$ with $\langle\xi^2\rangle = 1$, $k_4 = \langle\xi^4\rangle$: what the descent hands over",
        r"first order in $1/m$: $P - 1$ stands for $-\frac1m(\Lambda + c_3M_4\langle AB^3\rangle)$ at $A = B = \xi$",
    ),
    uses=("b3", "b4"),
    basis="derived",
    statement=named("P - 1"),
    mutants=altered(
        lambda: {"P - 1": derived().overshoot},
        [
            (
                "no-kurtosis",
                "without the factor k₄",
                "P - 1 = " + str(sp.latex(OVERSHOOT.expression / k4)),
                lambda: {"P - 1": OVERSHOOT.expression / k4},
            ),
            (
                "no-multiplier",
                "with 1 − S = 0 instead of 1 − S = Λ/m",
                "P - 1 = " + str(sp.latex(-c3 * M4 * k4 / width)),
                lambda: {"P - 1": -c3 * M4 * k4 / width},
            ),
        ],
    ),
)
