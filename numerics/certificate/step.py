"""One step of a certificate: its tube is confirmed from its polynomials."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import acb, arb, arb_poly, arb_series

from numerics.certificate.exact import Fails, exact, fraction, norm, number, upper
from numerics.certificate.network import Network


class Step:
    def __init__(self, stated: Any, network: Network) -> None:
        self.start, self.length = fraction(stated["start"]), fraction(stated["length"])
        self.rows = [
            [[exact(c) for c in row] or [arb(0)] for row in neuron] for neuron in stated["polynomials"]
        ]
        self.disc = fraction(stated["disc"])
        self.tube = exact(stated["tube"])
        self.rates = [exact(rate) for rate in stated["rates"]]
        self.radii = [exact(radius) for radius in stated["radii"]]
        shape = [len(neuron) for neuron in self.rows]
        if shape != [1 + network.dim] * network.width or len(self.rates) != len(self.radii) or not self.rates:
            raise ValueError("a step has the wrong shape")
        self.polynomials = [[arb_poly(row) for row in neuron] for neuron in self.rows]
        self.found: list[arb] = []

    def values(self, local: Fraction) -> list[list[arb]]:
        return [[poly(number(local)) for poly in neuron] for neuron in self.polynomials]

    def distance_from(self, state: list[list[arb]]) -> arb:
        pairs = zip(self.rows, state, strict=True)
        return norm(
            [row[0] - entry for rows, neuron in pairs for row, entry in zip(rows, neuron, strict=True)]
        )

    def confirmed(self, network: Network, radius: arb) -> arb:
        """The radius at the end of the step, from the one at its start; Fails where the tube is not proved."""
        if not 0 < self.length < self.disc:
            raise Fails("its length is not between 0 and the radius of its disc")
        base = upper(radius + self._defect(network))
        part, total = self.length / len(self.rates), arb(0)
        for i, (rate, claimed) in enumerate(zip(self.rates, self.radii, strict=True)):
            # A little more than is stated: the pivots must be strictly positive in balls.
            tested = upper(abs(rate) * arb((1025, -10)) + arb((1, -200)))
            box = [
                [shifted(poly, part * i, part * (i + 1)) + arb(0, self.tube) for poly in neuron]
                for neuron in self.polynomials
            ]
            if not network.grows_at_most(box, tested):
                raise Fails(f"errors may grow faster than stated on part {i + 1}")
            total += tested * number(part)
            found = upper(base * total.exp())
            if not found < self.tube:
                raise Fails("the solution may leave the tube")
            if not found <= claimed:
                raise Fails("the solution may be further away than claimed")
            self.found.append(found)
        return self.found[-1]

    def _defect(self, network: Network) -> arb:
        """∫ ‖p' − F(p)‖: the coefficients below N, and Cauchy's bound of the rest."""
        terms = max(len(row) for neuron in self.rows for row in neuron)
        state = [[arb_series(row[:terms], terms) for row in neuron] for neuron in self.rows]
        moved = network.field(state, network.series)
        h, total = number(self.length), arb(0)
        rest = []
        for j in range(terms):
            column = []
            for series, row in zip(
                (s for neuron in moved for s in neuron),
                (r for neuron in self.rows for r in neuron),
                strict=True,
            ):
                own = row[j + 1] * (j + 1) if j + 1 < len(row) else arb(0)
                column.append(series[j] - own)
            rest.append(norm(column))
        for j, size in enumerate(rest):
            total += size * h ** (j + 1) / (j + 1)
        rho = number(self.disc)
        box = []
        for neuron in self.rows:
            entries = []
            for row in neuron:
                reach = sum((abs(c) * rho**j for j, c in enumerate(row) if j), arb(0))
                wide = arb(0, upper(reach))
                entries.append(acb(row[0] + wide, wide))
            box.append(entries)
        if not network.analytic(box):
            raise Fails("the field may not be analytic on the disc")
        speed = norm([_complex_size(entry) for neuron in network.field(box, network.box) for entry in neuron])
        ratio = h / rho
        return upper(total + speed * ratio**terms * h / ((terms + 1) * (1 - ratio)))


def _complex_size(value: acb) -> arb:
    if not value.is_finite():
        raise Fails("a number is not finite")
    return value.abs_upper()


def shifted(polynomial: arb_poly, low: Fraction, high: Fraction) -> arb:
    """The range on [low, high] by shifting to the middle and adding up."""
    around = polynomial(arb_poly([number((low + high) / 2), arb(1)])).coeffs()
    if not around:
        return arb(0)
    half = number((high - low) / 2)
    return around[0] + arb(0, upper(sum((abs(c) * half**j for j, c in enumerate(around) if j), arb(0))))
