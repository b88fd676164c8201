"""How the slow flow ends for κ < 0: one neuron far out runs away in finite time while the others hardly move.

With the multiplier Λ frozen, the flow of one neuron is an autonomous system in the plane whose paths separate:
A dA = p(B) dB. The time to B = ∞ is then one quadrature. Multi-stage paper, end of section 6.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from theory.activation import tanh_like
from theory.brackets import NeuronSum, lower
from theory.derivation import Derivation
from theory.errors import TheoryError
from theory.slowflow import SlowFlow


@dataclass(frozen=True)
class FrozenNeuron:
    """One neuron under a frozen multiplier Λ = −μκ'B₀², κ = −κ', in units of its start: B = B₀/u, A₀ = B₀ r.

    Attributes
    ----------
    u:
        1 at the start, 0 where the neuron has run away.
    mu:
        μ = Λ/(κ B₀²): small for a neuron far out. The neuron runs away if μ < 3.
    ratio:
        r = A₀/B₀ > 0; 1 on the start of the plateau.
    square:
        (A/B₀)² as a function of u.
    integrand:
        |κ| B₀² times the time per du: |κ| B₀² τ* = ∫_0^1 integrand du.
    """

    u: sp.Symbol
    mu: sp.Symbol
    ratio: sp.Symbol
    square: sp.Expr
    integrand: sp.Expr

    @cached_property
    def expansion(self) -> tuple[sp.Expr, sp.Expr]:
        """Coefficients of μ⁰ and μ¹ of |κ| B₀² τ* for r = 1, exact."""
        at_one = self.integrand.subs(self.ratio, 1)
        return _over_unit(at_one.subs(self.mu, 0), self.u), _over_unit(
            at_one.diff(self.mu).subs(self.mu, 0), self.u
        )


def _over_unit(integrand: sp.Expr, u: sp.Symbol) -> sp.Expr:
    """∫_0^1 du of a function that is rational in y = √(1 + 2u²) apart from a factor log u, exact."""
    y, log = sp.Symbol("y", positive=True), sp.Dummy("log")
    below = y**2 - 1  # 2u²; du = y dy / (2u)
    logs = {node: sp.expand_log(node, force=True) for node in integrand.atoms(sp.log)}
    changed = sp.powdenest(sp.simplify(sp.expand(integrand.xreplace(logs) / u)), force=True)
    changed = sp.simplify(changed.xreplace({sp.log(u): log}).subs(u, sp.sqrt(below / 2)) * y / 2)
    polynomial = sp.Poly(sp.expand(changed), log)
    if polynomial.degree() > 1:
        raise TheoryError("The integrand is not linear in log u.")
    plain, times_log = (sp.cancel(polynomial.coeff_monomial(log**n)) for n in (0, 1))
    # By parts, with the primitive of the factor of the logarithm that vanishes at u = 0; log u = ½ log(below/2).
    inner = sp.integrate(times_log, y)
    inner = sp.cancel(inner - inner.subs(y, 1))
    rest = sp.apart(sp.cancel(plain - inner * y / below), y)
    primitive = sp.integrate(rest, y)
    return sp.simplify(primitive.subs(y, sp.sqrt(3)) - primitive.subs(y, 1))


def frozen_neuron(flow: SlowFlow) -> FrozenNeuron:
    """Derive the path and the quadrature of one neuron from the slow flow, d = 1.

    Raises
    ------
    TheoryError
        For d ≥ 2, where the paths do not separate.
    """
    if flow.dim != 1:
        raise TheoryError("With a frozen multiplier the paths of one neuron separate for d = 1 only.")
    a, (w,) = flow.neuron.a, flow.neuron.w
    (name,) = flow.multiplier_symbols
    u, mu, ratio = sp.symbols("u mu r", positive=True)
    kappa = flow.kappa
    (c3,) = [s for s in kappa.free_symbols if s.name == "c3"]
    # Units of the start: κ = −1, B₀ = 1, hence Λ = −μ.
    units = {c3: sp.solve(kappa + 1, c3)[0], name: -mu}
    rate_a, rate_w = (sp.cancel(component.xreplace(units)) for component in flow.flow.drift)
    slope = sp.cancel(rate_a * a / rate_w)  # d(A²/2)/dB
    if a in slope.free_symbols or a in sp.cancel(rate_w / a).free_symbols:
        raise TheoryError("The path of one neuron does not separate.")
    start = sp.Symbol("b", positive=True)
    # d(A²)/d(B²) is a rational function of β = B²; the part that does not decay is split off for its integral.
    beta = sp.Symbol("beta", positive=True)
    ratio_of_squares = sp.apart(sp.cancel((slope / w).xreplace({w: start}).subs(start, sp.sqrt(beta))), beta)
    primitive = sum(_primitive(term, beta) for term in sp.Add.make_args(ratio_of_squares))
    square = ratio**2 + sp.expand(primitive - primitive.subs(beta, 1)).subs(beta, u**-2)
    speed = sp.cancel(rate_w / a).xreplace({w: 1 / u})  # dB/dτ = A · speed, dB = −du/u²
    return FrozenNeuron(u, mu, ratio, square, 1 / (u**2 * speed * sp.sqrt(square)))


def _primitive(term: sp.Expr, beta: sp.Symbol) -> sp.Expr:
    """∫ of a constant, or of c/(pβ − q) with the logarithm of what is positive on the way out."""
    if beta not in term.free_symbols:
        return term * beta
    numerator, denominator = sp.fraction(sp.together(term))
    line = sp.Poly(denominator, beta)
    if beta in numerator.free_symbols or line.degree() != 1:
        raise TheoryError("The path of one neuron is not a logarithm.")
    p, q = line.all_coeffs()
    content = sp.gcd(p, q)
    p, q = sp.cancel(p / content), sp.cancel(q / content)
    sign = -1 if p.is_negative else 1
    return numerator / (content * p) * sp.log(sp.expand(sign * (p * beta + q)))


def exit_logarithm() -> sp.Expr:
    """c in T_exit = mτ* + c log m + O(1) for d = 1, κ < 0: what the quintic terms add to the run-away.

    A neuron ahead of all others feels P = 1, and of the other sums only what is smaller by 1/m. Its path approaches
    a = w (r₀ + r₁w² + …), on which dt = (t₀ w⁻³ + t₁ w⁻¹ + …) dw. The first term is mτ*; the second one, from w of
    order m^(−1/2) to w of order 1, gives ½ t₁ log m.
    """
    derivation = Derivation(1, tanh_like(5, odd=True))
    system, neuron = derivation.truncated, derivation.network.neuron
    product = NeuronSum(neuron.a * neuron.w[0], neuron)

    def alone(drift: sp.Expr) -> sp.Expr:
        named, table = lower(drift)
        return sp.expand(
            named.xreplace({s: sp.S.One if b == product else sp.S.Zero for s, b in table.items()})
        )

    w, r0, r1 = sp.Symbol("w", positive=True), sp.Symbol("r0", positive=True), sp.Symbol("r1", real=True)
    path = {neuron.a: w * (r0 + r1 * w**2), neuron.w[0]: w}
    rate_a, rate_w = (sp.expand(alone(drift).xreplace(path)) for drift in system.drift)
    mismatch = sp.expand(rate_a - sp.expand(path[neuron.a]).diff(w) * rate_w)
    (first,) = sp.solve(sp.factor(mismatch.coeff(w, 3)), r0)
    (second,) = sp.solve(mismatch.coeff(w, 5).subs(r0, first), r1)
    speed = rate_w.subs({r0: first, r1: second})
    return sp.factor(-speed.coeff(w, 5) / speed.coeff(w, 3) ** 2 / 2)
