"""The network of Appendix D with what a reader may choose of it, and how far from the reduced flow it may be.

What first order in 1/m adds to the reduced flow follows from the Taylor coefficients of the activation and the moments
of the data: no bound here was fitted to one of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from numerics.array import FloatArray
from numerics.dataset import Dataset
from numerics.milestones import plateau_time
from numerics.network import Network
from numerics.observables import order_parameters
from numerics.reduced import reduced_descent_time
from theory import width
from theory.meanfield import profile
from verify.papers.multistage import chosen, first_order, runs
from verify.papers.multistage.descent_time import SHIFT
from verify.papers.multistage.first_order import zeta
from verify.papers.multistage.formula import Formula
from verify.papers.multistage.plateau_overshoot import F3, M4, c3, k4
from verify.parameters import remembered

k6 = sp.Symbol("k6", real=True)
level = sp.Symbol("P", positive=True)
_SIGNATURE = (level, width, c3, k4, F3, M4)


def _of_level(shift: sp.Expr) -> sp.Expr:
    (symbol,) = [s for s in shift.free_symbols if s.name == "zeta"]
    return -2 * level * (1 - level) * shift.subs(symbol, 1 - level)


ORDER_GAP = Formula(_of_level(SHIFT.expression), _SIGNATURE)
"""P of the network minus P of the reduced flow at the same time: −Ṗ times the delay of b2.shift."""

LOSS_GAP = Formula(
    -(1 - level) * ORDER_GAP.expression - c3 * k4 * (F3 - M4 * level) * level**2 / width, _SIGNATURE
)
"""R of the network minus R₀ − P + P²/2 of the reduced flow: through P, and the cubic term with Σaw³ = k₄P²/m."""

_PER_CUBE = first_order.asymmetry() / profile**3
SPLIT = Formula(k4 * _PER_CUBE / (width * (1 - zeta)), (zeta, width, c3, k4, F3, M4))
"""‖a‖/‖w‖ − 1 where P = 1 − ζ: the mean of (A − B)B over that of B², by eq57.derived."""

FLOOR = Formula(sp.sqrt(k6) * sp.Abs(_PER_CUBE) / (width * (1 - zeta)), (zeta, width, c3, k6, F3, M4))
"""Relative W₂ of {a} and {w} where P = 1 − ζ, as far as the cubic term causes it: the root of the mean of (A − B)²."""

HANDED_OVER = sp.expand(sp.expand_log(sp.expand(_PER_CUBE), force=True)).coeff(sp.log(zeta), 0).subs(zeta, 0)
"""m/k₄ times what ‖a‖/‖w‖ − 1 has where the descent is over: the part of SPLIT that does not grow with time."""

_LEVELS = np.concatenate([np.linspace(1e-3, 0.999, 400), 1 - np.geomspace(1e-3, 1e-9, 20)])


@remembered
def points(data: str) -> Dataset:
    """``line``: equidistant points with the target that is chosen; ``plane``: as in `runs.dataset`."""
    return chosen.data_of(chosen.target) if data == "line" else runs.dataset(data)


def network(data: Dataset) -> Network:
    """With the activation that is chosen."""
    return Network(chosen.activation.value, data)


def horizon(start: FloatArray) -> float:
    """A little past T_2 + log m."""
    return reduced_descent_time(*order_parameters(start), float(chosen.zeta)) + math.log(len(start)) + 2.0


@dataclass(frozen=True)
class FirstOrder:
    """The numbers that first order in 1/m depends on: Taylor coefficients, moments of the data along e₁, the draw's."""

    m: int
    c3: float
    c5: float
    k4: float
    k6: float
    F3: float
    M4: float
    F5: float
    M6: float

    @classmethod
    def of(cls, data: Dataset, start: FloatArray) -> FirstOrder | None:
        """None where the activation has no fifth derivative at zero."""
        _, _, _, cubic, _, quintic = chosen.activation.value.taylor(5)
        if not (math.isfinite(cubic) and math.isfinite(quintic)):
            return None
        xi = start[:, 0] + start[:, 1]
        xi = xi / math.sqrt(float(np.mean(xi**2)))
        along = data.x[:, 0]

        def mean(values: FloatArray) -> float:
            return math.fsum(data.weights * values)

        return cls(
            len(start), cubic, quintic, float(np.mean(xi**4)), float(np.mean(xi**6)),
            mean(data.y * along**3), mean(along**4), mean(data.y * along**5), mean(along**6),
        )  # fmt: skip

    @property
    def numbers(self) -> tuple[float, ...]:
        """Values of m, c₃, k₄, F₃ and M₄."""
        return self.m, self.c3, self.k4, self.F3, self.M4

    @property
    def kappa(self) -> float:
        """−c₃(F₃ − M₄)"""
        return -self.c3 * (self.F3 - self.M4)

    def largest(self, gap: Formula) -> float:
        """max |gap| over all P."""
        return float(np.max(np.abs(gap(_LEVELS, *self.numbers))))

    def room(self, gap: Formula) -> float:
        """For what is of higher order: a quarter of the first order, and 1/(2m)."""
        return self.largest(gap) / 4 + 1 / (2 * self.m)

    def split(self, values: FloatArray) -> float:
        """The largest |SPLIT| over these ζ."""
        return float(np.max(np.abs(SPLIT(values, *self.numbers))))

    def floor(self, value: float) -> float:
        """FLOOR at this ζ."""
        return float(FLOOR(value, self.m, self.c3, self.k6, self.F3, self.M4))


def lag(start: FloatArray, rate: float, loss: bool = False) -> float:
    """How far P, or R, of gradient descent may be from the flow's: first order in η (gd.deviation), half more."""
    # The growing part of P: P itself may be negative at first.
    first = sum(order_parameters(start)) / 2
    above = _LEVELS[first < _LEVELS]
    behind = above * (1 - above) * (np.log(above / first) / 2 + np.log(1 - above))
    return 1.5 * rate * float(np.max(np.abs(behind * (1 - above) if loss else behind)))


def generated_end(data: str) -> float:
    """P a little past T_2 + log m by the second route."""
    return generated_course(data)[1][-1]


@remembered
def generated_course(data: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Times 0, T_1, T_2 and `horizon`, and P there, by the second route: derived drift, generated code, LSODA."""
    from scipy.integrate import solve_ivp

    used, sigma = points(data), chosen.activation.value
    start = runs.initial(int(chosen.width), 0, used.dim)

    def derivatives(order: int, u: FloatArray) -> FloatArray:
        return sigma.value(u) if order == 0 else sigma.derivative(u)

    rates = runs.generated_rates(used, derivatives)

    def field(_: float, flat: FloatArray) -> Any:
        return rates(flat.reshape(start.shape)).ravel()

    def level_at(flat: FloatArray) -> float:
        state = flat.reshape(start.shape)
        return float(state[:, 0] @ state[:, 1])

    def descended(_: float, flat: FloatArray) -> float:
        return level_at(flat) - 1 + float(chosen.zeta)

    end = horizon(start)
    found = solve_ivp(
        field, (0.0, end), start.ravel(), "LSODA", dense_output=True, events=descended, rtol=1e-6, atol=1e-10
    )
    first = plateau_time(len(start), chosen.gamma(runs.ALPHA))
    times = (0.0, first, float(found.t_events[0][0]), end)
    return times, tuple(level_at(found.sol(t)) for t in times)
