"""Checks the certificate of an enclosure again: a program of its own, of which nothing is the integrator's.

It reads the polynomials of a file that `numerics.integrate.export` wrote, and proves from them alone, step by step,
that every solution from the stated initial box stays within its own radii of them. The argument is the integrator's
(see `numerics.integrate.tube`); the calculation is not: the network's field and the activations' series are written
again, ranges come from Taylor shifts, and the rates of growth are not computed but tested, by the pivots of
μI − block, which must be positive. Apart from python-flint and `numerics.precision` it uses the standard library only.

`python -m numerics.certificate FILE` exits with 0 where the certificate holds, 1 where it does not, 2 where the file
cannot be read.
"""

from __future__ import annotations

from numerics.certificate.check import Checked, check, check_file

__all__ = ["Checked", "check", "check_file"]
