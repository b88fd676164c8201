"""First order in 1/m of the descent: the shift of T_2, the gradient at T_2, the distance of a and w; d = 1.

What is derived here is compared with the full network in `descent_time`, `asymptotics` and `plateau_flow`.
"""

from __future__ import annotations

from functools import partial

import sympy as sp

from theory import DescentCorrection, descent_correction, width
from theory.meanfield import profile
from theory.noting import kept
from theory.order_parameters import P
from verify.papers.multistage.descent_time import SHIFT
from verify.papers.multistage.dynamics import ASSUMPTIONS
from verify.papers.multistage.notation import FORMAL
from verify.papers.multistage.paper import paper
from verify.papers.multistage.plateau_overshoot import F3, M4, c3, k4
from verify.stating import expression_latex, named

zeta = sp.Symbol("zeta", positive=True)
_in_order = partial(expression_latex, order="none")

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
    hypotheses=(
        *ALONG,
        r"$\Delta T_2$: the first order of $T_2$ in $1/m$ beyond the reduced system; $\dot P_{\mathrm{cubic}}/m$ is "
        r"what the cubic term adds to $\dot P$",
    ),
    uses=("b2.shift", "eq16"),
    basis="derived",
    statement=named(
        r"\Delta T_2 = -\frac1m \int_0^{1-\zeta} \frac{\dot P_{\mathrm{cubic}}}{(2P(1-P))^2}\,dP"
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
    hypotheses=(
        *ALONG,
        r"$[\,\cdot\,]_1$: the formal expansion in $1/m$ up to its first order; " + FORMAL,
    ),
    uses=("cor3.exact",),
    basis="derived",
    statement=named(r"\Bigl[\frac{\lVert\nabla R\rVert}{\lVert\theta\rVert}\Bigr]_1", printed=_in_order),
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
    statement=named(
        r"m\sqrt{P}\,(A_k - B_k) &= -c_3\,\xi_k^3 \int_0^{1-\zeta} \frac{u\,(F_3 - M_4u)}{1-u}\,du",
        printed=_in_order,
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
    statement=named(r"t - t_{1/2} - m\tau", after=r", \quad P(t_{1/2}) = \tfrac12"),
)
