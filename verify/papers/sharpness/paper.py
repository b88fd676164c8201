"""The paper that this folder checks."""

from __future__ import annotations

from verify.paper import Paper

paper = Paper(
    "sharpness",
    title="Phase diagram of early training dynamics in deep neural networks: effect of the learning rate, depth, and "
    "width",
    reference=(
        "D. S. Kalra, M. Barkeshli, arXiv 2302.12250. The uv model is derived from its loss and simulated with all its "
        "parameters; the basis of each claim says where its statement comes from. η is the learning rate, w the "
        "width, λ^H the largest eigenvalue of the loss's Hessian (the sharpness), c = η λ^H at the start."
    ),
)
