"""Claim pages made by several processes: setting thousands of formulas is most of the work of a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verify.report.pages import claim_page
from verify.report.reading import Reading


def claim_pages(results: Mapping[str, Any], reading: Reading) -> Iterator[tuple[str, str]]:
    """(address, page) of every claim."""
    for claim in reading.claims:
        yield claim.address, claim_page(reading, claim)
