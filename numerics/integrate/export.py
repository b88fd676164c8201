"""An enclosure as a file that `numerics.certificate` checks again without this integrator.

JSON, every number exact: ``mantissa:exponent`` with the mantissa in hexadecimal stands for mantissa · 2^exponent, a
ball is the pair of its centre and radius. For each step of [0, reached]: its start and length, the polynomials'
coefficients (m rows of 1 + d lists), the radius ρ of the disc of Cauchy's estimate, the radius E of the tube with
bounds of the logarithmic norm in it on equal parts of the step, and the distance from the polynomial that is claimed
on each part.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from flint import arb, arb_poly

from numerics.balls.dyadic import ball, text
from numerics.errors import InputError
from numerics.integrate.crossing import Crossing
from numerics.integrate.enclosure import Enclosure, TubeStep
from numerics.precision import working_precision
from numerics.whole_file import write_whole

SCHEMA = "lemmata/enclosure/1"


def write_certificate(
    enclosure: Enclosure, path: str | Path, descents: Mapping[Fraction, Crossing] | None = None
) -> None:
    """Write what is enclosed, and brackets of the first time at which P = 1 − ζ for each ζ in ``descents``.

    The file appears whole or not at all. InputError where nothing is enclosed or the file cannot be written.
    """
    if not enclosure.steps:
        raise InputError(f"There is nothing to certify. {enclosure.reason}")
    document = certificate(enclosure, descents)
    target = Path(path)
    text = json.dumps(document, separators=(",", ":")).encode("ascii")
    try:
        write_whole(target, lambda stream: stream.write(text))
    except OSError as error:
        raise InputError(f"The certificate {target} cannot be written: {error.strerror or error}.") from None


def certificate(enclosure: Enclosure, descents: Mapping[Fraction, Crossing] | None = None) -> dict[str, Any]:
    """The document of :func:`write_certificate`."""
    data = enclosure.network.data
    with working_precision(enclosure.bits):
        return {
            "schema": SCHEMA,
            "bits": enclosure.bits,
            "activation": enclosure.network.activation.name,
            "data": {
                "x": [_balls(x) for x in data.x],
                "y": _balls(data.y),
                "weights": _balls(data.weights),
            },
            "initial": [_balls(neuron) for neuron in enclosure.initial],
            "reached": _time(enclosure.reached),
            "steps": [_step(step) for step in enclosure.steps],
            "descents": [
                {"zeta": str(zeta), **_bracket(found.bracket, enclosure.reached)}
                for zeta, found in (descents or {}).items()
                if found.bracket is not None
            ],
        }


def _step(step: TubeStep) -> dict[str, Any]:
    return {
        "start": _time(step.start),
        "length": _time(step.length),
        "polynomials": [[_coefficients(poly) for poly in neuron] for neuron in step.polynomials],
        "disc": _time(step.disc),
        "tube": text(step.tube),
        "rates": [text(rate) for rate in step.rates],
        # One part in 64 above: whoever checks rounds in another way.
        "radii": [text((radius * arb((65, -6))).upper()) for radius in step.radii],
    }


def _bracket(bracket: tuple[Fraction, Fraction], reached: Fraction) -> dict[str, str]:
    """Twice as wide, for the same reason."""
    low, high = bracket
    room = (high - low) / 2
    return {"low": _time(max(low - room, Fraction(0))), "high": _time(min(high + room, reached))}


def _coefficients(polynomial: arb_poly) -> list[str]:
    return [text(coefficient) for coefficient in polynomial.coeffs()]


def _time(time: Fraction) -> str:
    return text(ball(time))


def _balls(entries: Sequence[arb]) -> list[list[str]]:
    return [[text(entry.mid()), text(entry.rad())] for entry in entries]
