"""The paper that this folder checks."""

from __future__ import annotations

from verify.paper import Paper

paper = Paper(
    "multistage",
    title="On Multi-Stage Loss Dynamics in Neural Networks: Mechanisms of Plateau and Descent Stages",
    reference=(
        "Two-layer networks from small initialisation: initial plateau, initial descent, secondary plateau. "
        "The numbers in brackets are the paper's equation numbers; its displayed formulas were reconstructed, and the "
        "basis of each claim says from what."
    ),
)
