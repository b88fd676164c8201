"""The paper that this folder checks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from verify.paper import Paper

#: The map, in the paper's order; `beyond` is what it does not say.
_MAP: Final = ("setting", "initial_plateau", "initial_descent", "secondary_plateau", "appendix", "beyond")

paper = Paper(
    "multistage",
    title="On Multi-Stage Loss Dynamics in Neural Networks: Mechanisms of Plateau and Descent Stages",
    reference=(
        "Z.-A. Chen, T. Luo, G. Wang, arXiv 2410.20119 (2024). Two-layer networks from small initialisation: initial "
        "plateau, initial descent, secondary plateau. The numbers in brackets are the paper's equation numbers; its "
        "displayed formulas were reconstructed, and the basis of each claim says from what."
    ),
)

paper.map(*(Path(__file__).with_name("map") / f"{part}.toml" for part in _MAP))
