"""The paper that this folder checks."""

from __future__ import annotations

from verify.paper import Paper

paper = Paper(
    "spikes",
    title="Loss Spike in Training Neural Networks",
    reference=(
        "X. Li et al., arXiv 2305.12133. The claims are the sentences of its abstract, each with the "
        "hypotheses under which "
        "it was looked at, and a landscape in two variables in which the mechanism can be proved. The "
        "network, its data "
        "and what counts as a spike are chosen here; so is the form of the landscape. Tolerances and thresholds of the "
        "statements about the network were chosen with its first runs in view."
    ),
)
