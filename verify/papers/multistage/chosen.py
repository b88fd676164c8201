"""Constants of the paper that have not reached us: chosen here, in one place, and open to be changed.

`lemmata verify --set zeta=0.05`, or `run(select(…), parameters={"zeta": "0.05"})`.
"""

from __future__ import annotations

from verify.papers.multistage.paper import paper

zeta = paper.parameter(
    "zeta",
    "1/10",
    between=(0, "1/2"),
    symbol=r"\zeta",
    meaning="T₂ is when P reaches 1 − ζ, equation (42).",
)
gamma_share = paper.parameter(
    "gamma_share",
    "1/2",
    between=(0, 1),
    symbol=r"\gamma / (\alpha - \tfrac12)",
    meaning="T₁ = γ log m with γ this share of α − ½, Table 1.",
)
samples = paper.parameter(
    "samples",
    60,
    between=(8, 2000),
    whole=True,
    symbol="n",
    meaning="Equidistant points of the experiments in one input dimension, Appendix D.",
)
order = paper.parameter(
    "order",
    2,
    between=(1, 6),
    whole=True,
    symbol="p",
    meaning="Order of the Wasserstein distance, equation (13).",
)
room = paper.parameter(
    "room",
    2,
    between=(1, 100),
    symbol="K",
    meaning="Factor between the linearised norm and the threshold of the test time, equation (26).",
)
level = paper.parameter(
    "level",
    "1/10",
    between=(0, 1),
    symbol=r"\delta",
    meaning="Probability that is given up in each theorem.",
)
slack = paper.parameter(
    "slack",
    "1/10",
    between=(0, 1),
    symbol=r"\vartheta",
    meaning="Relative error that is allowed where a statement says 1 + o(1).",
)
plateau_exponent = paper.parameter(
    "plateau_exponent",
    "1/2",
    between=(0, 1),
    symbol="s",
    meaning="T₃ = T₂ + m^s where the steps of Theorem 3 are given constants, equation (58).",
)


def gamma(alpha: float) -> float:
    """γ of T₁ = γ log m at this α."""
    return float(gamma_share) * (alpha - 0.5)
