"""What of the paper has not reached us: chosen here, in one place, and open to be changed.

`lemmata verify --set zeta=0.05`, or `run(select(…), parameters={"zeta": "0.05"})`.
"""

from __future__ import annotations

from numerics.activation import NAMED
from numerics.activation import activation as activation_of
from numerics.dataset import Dataset, equidistant
from verify.papers.multistage.paper import paper
from verify.parameters import Choice

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
plateau_factor = paper.parameter(
    "plateau_factor",
    "1/2",
    between=("1/5", 1),
    symbol="c",
    meaning="T₃ = T₂ + c m/log m where Theorem 3 is measured; for κ < 0 a neuron runs away at c = 0.1057/|κ|.",
)
across_share = paper.parameter(
    "across_share",
    "1/8",
    between=(0, "1/4"),
    symbol="c_V",
    meaning="Condition (47) has V₂ ≤ c_V ζ for the weights across the condensed direction.",
)
rest_share = paper.parameter(
    "rest_share",
    "1/4",
    between=(0, "1/2"),
    symbol="c_H",
    meaning="Condition (47) has H ≤ c_H ζ Q for the remainders of the drift.",
)
bernstein = paper.parameter(
    "bernstein",
    "2/3",
    between=(0, "683/1000"),
    symbol="C_0",
    meaning="Absolute constant of Bernstein's inequality, Theorem 4; the largest for squares of normals is 0.6837.",
)
tail_share = paper.parameter(
    "tail_share",
    "1/8",
    between=(0, 1),
    symbol="b",
    meaning="Part of δ that deviations take where theorems are tried on draws; the rest is for what draws cannot tell.",
)
plateau_exponent = paper.parameter(
    "plateau_exponent",
    "1/2",
    between=(0, 1),
    symbol="s",
    meaning="T₃ = T₂ + m^s where the steps of Theorem 3 are given constants, equation (58).",
)

lipschitz = paper.parameter(
    "lipschitz",
    1,
    between=(0, 100),
    symbol="L",
    meaning="Constant of Assumption 3 in the explicit widths; 1 is that of tanh.",
)
mean_target = paper.parameter(
    "mean_target",
    1,
    between=(0, 100),
    symbol="F",
    meaning="Bound of the mean of |f*| in the explicit widths.",
)
coordinate_square = paper.parameter(
    "coordinate_square",
    3,
    between=("99/100", 1000),
    symbol="D^2/d",
    meaning="Square of the longest input over d in the explicit widths; 3 is that of the uniform density on a cube.",
)

activation = paper.choice(
    "activation",
    "tanh",
    of=activation_of,
    allowed=f"{', '.join(NAMED)} or a formula in u of Assumption 3",
    symbol=r"\sigma",
    meaning="Activation of the experiments, Appendix D.",
)
width = paper.parameter(
    "width",
    1000,
    between=(100, 20000),
    whole=True,
    symbol="m",
    meaning="Width of the experiments where it is not varied, Appendix D.",
)
learning_rate = paper.parameter(
    "learning_rate",
    "1/50",
    between=("1/10000", "1/4"),
    symbol=r"\eta",
    meaning="Learning rate of gradient descent in Figures 1 and 2.",
)
plateau_rate = paper.parameter(
    "plateau_rate",
    "1/10",
    between=("1/10000", "1/4"),
    symbol=r"\eta_3",
    meaning="Learning rate of gradient descent in Figure 3, which goes on far into the secondary plateau.",
)


def _target(text: str) -> str:
    """A formula in x with a linear part, tried on an even and on an odd number of points."""
    for count in (60, 61):
        equidistant(count, text)
    return text


def _chosen_target(name: str, default: str, symbol: str, where: str) -> Choice[str]:
    return paper.choice(
        name,
        default,
        of=_target,
        allowed="a formula in x with a linear part, Assumption 2",
        symbol=symbol,
        meaning=f"Target of {where}, scaled so that its mean with x is 1.",
    )


target = _chosen_target(
    "target", "sin(x)", "f^{*}", "Figures 1 and 2 in one dimension, and the first of Figure 3"
)
second_target = _chosen_target("second_target", "tanh(2*x)", "f^{*}_2", "Figure 3, the second")
third_target = _chosen_target("third_target", "x + 0.3*x**3", "f^{*}_3", "Figure 3, the third")


def data_of(target: Choice[str]) -> Dataset:
    """The equidistant points of the experiments with this target."""
    return equidistant(int(samples), target.value)


def gamma(alpha: float) -> float:
    """γ of T₁ = γ log m at this α."""
    return float(gamma_share) * (alpha - 0.5)
