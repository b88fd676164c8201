"""The paper that this folder checks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from verify.paper import Paper

#: The map: the abstract's assertions, what their words mean, the model, and what the abstract does not say.
_MAP: Final = ("abstract", "definitions", "uv_model", "beyond")

paper = Paper(
    "sharpness",
    title="Phase diagram of early training dynamics in deep neural networks: effect of the learning rate, depth, and "
    "width",
    reference=(
        "D. S. Kalra, M. Barkeshli, arXiv 2302.12250. Only the abstract and the protocol of the public code were read; "
        "the map goes through the abstract, assertion by assertion. The uv model is derived from its loss and "
        "simulated with all its parameters; the basis of each claim says where its statement comes from. η is "
        "the learning rate, w the width, λ^H the largest eigenvalue of the loss's Hessian (the sharpness), "
        "c = η λ^H at the start."
    ),
)

paper.map(*(Path(__file__).with_name("map") / f"{part}.toml" for part in _MAP))
