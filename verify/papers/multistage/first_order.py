"""First order in 1/m of the descent: the shift of T_2, the gradient at T_2, the distance of a and w; d = 1.

What is derived here is compared with the full network in `descent_time`, `asymptotics` and `plateau_flow`.
"""

from __future__ import annotations

import sympy as sp

from theory import DescentCorrection, descent_correction, width
from theory.meanfield import profile
from theory.noting import kept
from theory.order_parameters import P
from verify.papers.multistage.descent_time import SHIFT
from verify.papers.multistage.dynamics import ASSUMPTIONS
from verify.papers.multistage.notation import FORMAL, latex_of
from verify.papers.multistage.paper import paper
from verify.papers.multistage.plateau_overshoot import F3, M4, c3, k4

zeta = sp.Symbol("zeta", positive=True)

ALONG = (
    *ASSUMPTIONS,
    "$d = 1$, cubic truncation of an activation of Assumption 3, first order in $1/m$",
    r"along $a_k = w_k = \sqrt{P/m}\,\xi_k$, $\langle\xi^2\rangle = 1$, $\langle\xi^4\rangle = k_4$, "
    r"$\dot P = 2P(1-P)$",
)


@kept
def derived() -> DescentCorrection:
    return descent_correction(1)


def shift() -> sp.Expr:
    """The formula that simulations were compared with, for 0 < ζ < 1."""
    (symbol,) = [s for s in SHIFT.symbols if s.name == "zeta"]
    return SHIFT.expression.xreplace({symbol: zeta})


paper.identity(
    "b2.shift.derived",
    lambda: derived().time_shift(zeta),
    shift,
    title="What the cubic term adds to T₂, derived",
    where="beyond the paper",
    hypotheses=ALONG,
    uses=("b2.shift", "eq16"),
    basis="derived",
    statement=lambda: (
        r"T_2^{\mathrm{cubic}} - T_2^{\mathrm{reduced}} = "
        r"-\frac1m \int_0^{1-\zeta} \frac{\partial_t P|_{\mathrm{cubic}}}{(2P(1-P))^2}\,dP = "
        + latex_of(shift())
    ),
)


def relative_gradient() -> sp.Expr:
    """‖∇R‖/‖θ‖ as a function of P."""
    return 1 - P + c3 * k4 * P * (2 * F3 - 3 * M4 * P) / width


paper.identity(
    "eq54.derived",
    lambda: derived().relative_gradient,
    relative_gradient,
    title="Relative size of the gradient on the descent",
    where="Corollary 3, equation (54), sharpened",
    hypotheses=(*ALONG, FORMAL),
    uses=("cor3.exact",),
    basis="derived",
    statement=lambda: (
        r"\frac{\lVert\nabla R\rVert}{\lVert\theta\rVert} = "
        + latex_of(relative_gradient())
        + r" + O(m^{-2})"
    ),
)


def asymmetry() -> sp.Expr:
    """√P m (A_k − B_k) at P = 1 − ζ."""
    level = 1 - zeta
    integral = (F3 - M4) * sp.log(1 / zeta) - F3 * level + M4 * (level + level**2 / 2)
    return -c3 * profile**3 * integral


paper.identity(
    "eq57.derived",
    lambda: sp.expand(derived().asymmetry(zeta) * sp.sqrt(1 - zeta)),
    asymmetry,
    title="How far the cubic term drives a and w apart",
    where="Corollary 4, equation (57)",
    hypotheses=ALONG,
    uses=("eq16",),
    basis="derived",
    statement=lambda: (
        r"m\sqrt{P}\,(A_k - B_k) = -c_3\,\xi_k^3 \int_0^{1-\zeta} \frac{u\,(F_3 - M_4u)}{1-u}\,du = "
        + latex_of(asymmetry())
    ),
)


def handover() -> sp.Expr:
    """Time after P = ½ at which the clock of the slow flow starts."""
    return (2 * F3 - 3 * M4) / (4 * (F3 - M4))


paper.identity(
    "b4.handover",
    lambda: derived().handover,
    handover,
    title="When the clock of the slow flow starts",
    where="beyond the paper; section 6.2",
    hypotheses=(
        *ALONG,
        r"matched in $\langle A^2 - B^2\rangle$ where the descent ends and the slow flow begins",
    ),
    uses=("b4", "eq57.derived"),
    basis="derived",
    statement=lambda: r"m\tau = t - t_{1/2} - " + latex_of(handover()) + r", \quad P(t_{1/2}) = \tfrac12",
)
