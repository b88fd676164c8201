"""The one place that changes python-flint's working precision, which is global, and always puts it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from numerics.errors import InputError

LEAST_BITS = 24
MOST_BITS = 100_000


def check_bits(bits: int) -> int:
    """``bits`` as it is. InputError unless it is a whole number from 24 to 100 000."""
    if isinstance(bits, bool) or not isinstance(bits, int) or not LEAST_BITS <= bits <= MOST_BITS:
        raise InputError(
            f"The precision is {bits!r} bits; it must be a whole number from {LEAST_BITS} to {MOST_BITS}."
        )
    return bits


@contextmanager
def working_precision(bits: int, terms: int | None = None) -> Iterator[None]:
    """Balls are rounded to ``bits`` bits inside, and power series are cut after ``terms`` terms.

    What was set before is restored however the block is left. InputError for a precision that makes no sense.
    """
    from flint import ctx

    check_bits(bits)
    if terms is not None and terms < 1:
        raise InputError(f"A power series needs at least one term, not {terms}.")
    before = ctx.prec, ctx.cap
    try:
        ctx.prec = bits
        if terms is not None:
            ctx.cap = terms
        yield
    finally:
        ctx.prec, ctx.cap = before
