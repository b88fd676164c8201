"""Section 6.2 of the multi-stage paper, typed in: the flow for d = 1 to third order in σ, term by term.

da/dt = w (1 − S) + c₃w³ (F₃ − M₄P) − c₃²M₆ w³ Σ a w³,
dw/dt = a (1 − S) + 3c₃ a w² (F₃ − M₄P) − 3c₃²M₆ a w² Σ a w³,   S = P + c₃M₄ Σ a w³, M₂ = F₁ = 1.
"""

from __future__ import annotations

import pytest
import sympy as sp

import theory
from theory import Neuron, NeuronSum, NotClosed, P, Q
from theory.brackets import Bracket

K = Neuron("k", 1)
A, W = K.a, K.w[0]
c3, M4, M6, F3 = sp.symbols("c3 M4 M6 F3", real=True)
SUM_AW, SUM_AW3 = NeuronSum(A * W, K), NeuronSum(A * W**3, K)


@pytest.fixture(scope="module")
def truncated() -> theory.ParticleSystem:
    flow = theory.gradient_flow(theory.TwoLayerNetwork(1))
    return theory.apply_data(
        theory.expand_activation(flow, theory.tanh_like(3)), theory.aligned(1)
    ).polynomial_part()


def published() -> tuple[sp.Expr, sp.Expr]:
    stop = 1 - SUM_AW - c3 * M4 * SUM_AW3
    drive = c3 * (F3 - M4 * SUM_AW) - c3**2 * M6 * SUM_AW3
    return W * stop + W**3 * drive, A * stop + 3 * A * W**2 * drive


def test_coefficient_by_coefficient(truncated: theory.ParticleSystem) -> None:
    letters = sp.symbols("a w P S3", real=True)
    plain = dict(zip((A, W, SUM_AW, SUM_AW3), letters, strict=True))
    for derived, stated in zip(truncated.drift, published(), strict=True):
        left = sp.Poly(derived.xreplace(plain), *letters, c3, M4, M6, F3).as_dict()
        assert left == sp.Poly(stated.xreplace(plain), *letters, c3, M4, M6, F3).as_dict()
        assert len(left) == 6


def test_the_factor_three_and_the_signs_matter(truncated: theory.ParticleSystem) -> None:
    stated = sp.expand(published()[1])
    assert sp.expand(truncated.drift[1] - stated) == 0
    assert sp.expand(truncated.drift[1] - sp.expand(stated - 2 * c3 * F3 * A * W**2)) != 0


def test_it_does_not_close_in_p_and_q(truncated: theory.ParticleSystem) -> None:
    with pytest.raises(NotClosed) as caught:
        theory.reduce(truncated, theory.condensed_order_parameters(K))
    assert str(NeuronSum(W**4, K)) in caught.value.leftovers
    assert str(SUM_AW3) in caught.value.leftovers
    assert "closure" in str(caught.value)


def test_a_closure_closes_it(truncated: theory.ParticleSystem) -> None:
    """Condensed neurons a = w of equal size: Σ a^i w^j = P^n m^(1−n) with i + j = 2n."""

    def condensed(bracket: Bracket) -> sp.Expr | None:
        body, _ = bracket.open(K)
        powers = sp.Poly(body, A, W).monoms()[0]
        n = sp.Rational(sum(powers), 2)
        return P**n * theory.width ** (1 - n)

    field = theory.reduce(truncated, theory.condensed_order_parameters(K), closure=condensed)
    m = theory.width
    # a = w, a² = P/m in (17) and the published drift: dP/dt = m d(a²)/dt.
    drive = c3 * (F3 - M4 * P) - c3**2 * M6 * P**2 / m
    stop = 1 - P - c3 * M4 * P**2 / m
    da = stop + P / m * drive
    dw = stop + 3 * P / m * drive
    at = {Q: P}
    assert sp.expand(field[P].subs(at) - P * (da + dw)) == 0
    assert sp.expand(field[Q].subs(at) - P * (da + dw)) == 0
