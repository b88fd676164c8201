"""The paper that this folder checks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from verify.paper import Paper

#: The map: the abstract's assertions, what their words mean, the landscape, and what the abstract does not say.
_MAP: Final = ("abstract", "definitions", "landscape", "beyond")

paper = Paper(
    "spikes",
    title="Loss Spike in Training Neural Networks",
    reference=(
        "X. Li et al., arXiv 2305.12133. Only the abstract was read; the map goes through it assertion by assertion. "
        "The claims are its sentences, each with the hypotheses under which it was looked at, and a landscape in two "
        "variables in which the mechanism can be proved. The network, its data and what counts as a spike are chosen "
        "here; so is the form of the landscape. Tolerances of the statements about the network were chosen with its "
        "first runs in view; how often a statement has to hold is the same for all: in more than half of independent "
        "runs, in an exact test at 99 %."
    ),
)

paper.map(*(Path(__file__).with_name("map") / f"{part}.toml" for part in _MAP))
