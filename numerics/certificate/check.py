"""Reads a certificate and confirms it, step by step, then its brackets of first crossings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from flint import arb, arb_poly

from numerics.certificate.exact import Fails, float_above, fraction, number, upper
from numerics.certificate.network import Network
from numerics.certificate.step import Step, shifted
from numerics.errors import InputError
from numerics.precision import working_precision

SCHEMA = "lemmata/enclosure/1"
_PIECES = 3_000


@dataclass(frozen=True)
class Checked:
    """What a check found.

    ``holds``; up to which time; a bound of the distance from the last polynomial at its end, found anew; how many
    brackets of first crossings were confirmed; and where it does not hold, why.
    """

    holds: bool
    reached: Fraction
    radius: float
    brackets: int
    reason: str = ""


def check_file(path: str | Path) -> Checked:
    """Check a certificate. InputError where the file is not one."""
    try:
        document = json.loads(Path(path).read_text(encoding="ascii"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read as a certificate: {error}") from None
    return check(document)


def check(document: Any) -> Checked:
    """The same for a document that is already read. InputError for a document that is no certificate."""
    try:
        if document["schema"] != SCHEMA:
            raise InputError(f"The schema of the certificate is not {SCHEMA}.")
        bits = document["bits"]
        if type(bits) is not int or not 24 <= bits <= 50_000:
            raise InputError(f"The certificate states a precision of {bits!r} bits.")
        terms = max(
            (len(row) for step in document["steps"] for neuron in step["polynomials"] for row in neuron),
            default=1,
        )
        with working_precision(2 * bits + 64, max(terms, 1)):
            return _check(document)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"The certificate is malformed: {type(error).__name__}, {error}.") from None


def _check(document: Any) -> Checked:
    network = Network(document)
    reached, radius, states = Fraction(0), network.start, []
    try:
        if not document["steps"]:
            raise Fails("it has no steps")
        for number, stated in enumerate(document["steps"], 1):
            step = Step(stated, network)
            if step.start != reached:
                raise Fails(f"step {number} does not start where the one before ends")
            radius = upper(radius + step.distance_from(network.at))
            try:
                radius = step.confirmed(network, radius)
            except Fails as why:
                raise Fails(f"step {number}, from t = {float(reached):.6g}: {why}") from None
            reached += step.length
            network.at = step.values(reached - step.start)
            states.append(step)
        if reached != fraction(document["reached"]):
            raise Fails("its steps do not end where it says")
        for stated in document["descents"]:
            confirm_bracket(states, stated)
    except Fails as why:
        return Checked(False, reached, float("inf"), 0, f"The certificate does not hold: {why}.")
    return Checked(True, reached, float_above(radius), len(document["descents"]))


def confirm_bracket(steps: list[Step], stated: Any) -> None:
    """P < 1 − ζ throughout [0, low], P > 1 − ζ at high: the first crossing is between."""
    level = number(1 - Fraction(stated["zeta"]))
    low, high = fraction(stated["low"]), fraction(stated["high"])
    if not 0 <= low <= high:
        raise Fails("a bracket is not an interval")
    pieces, above = 0, False
    for step in steps:
        P = _OrderParameter(step)
        waiting = [(Fraction(0), min(step.length, low - step.start))] if step.start < low else []
        while waiting:
            a, b = waiting.pop()
            pieces += 1
            if pieces > _PIECES:
                raise Fails("a bracket takes too many pieces")
            if not P.over(a, b) < level:
                waiting += [((a + b) / 2, b), (a, (a + b) / 2)]
        if step.start <= high <= step.start + step.length:
            there = P.over(high - step.start, high - step.start)
            above = above or bool(there > level) or (high == 0 and bool(there >= level))
    if not above:
        raise Fails("P is not certainly above the level at the end of a bracket")


class _OrderParameter:
    """P = Σ a_k w_k^(1) of the solution along a confirmed step: |ΔP| ≤ ‖(a, w)‖ e + ½ e²."""

    def __init__(self, step: Step) -> None:
        self.step, self.value, self.size = step, arb_poly([0]), arb_poly([0])
        for a, w, *_ in step.polynomials:
            self.value, self.size = self.value + a * w, self.size + (a * a + w * w)

    def over(self, low: Fraction, high: Fraction) -> arb:
        found = self.step.found
        part = self.step.length / len(found)
        radius = found[max(i for i in range(len(found)) if i == 0 or part * i < high)]
        error = upper(upper(abs(shifted(self.size, low, high))).sqrt() * radius + radius**2 / 2)
        return shifted(self.value, low, high) + arb(0, error)
