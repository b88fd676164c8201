"""Addresses made of names that anybody may have given."""

from __future__ import annotations

import re


class Anchors:
    """Distinct addresses made of harmless characters, fit for names of files too: some systems tell no capitals."""

    def __init__(self) -> None:
        # The pages' own addresses.
        self._taken = {
            "main",
            "claims",
            "summary",
            "provenance",
            "verdicts",
            "drawing",
            "focus",
            "search",
            "map",
        }

    def new(self, name: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:100] or "claim"
        anchor, number = plain, 2
        while anchor.lower() in self._taken:
            anchor, number = f"{plain}-{number}", number + 1
        self._taken.add(anchor.lower())
        return anchor
