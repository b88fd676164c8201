"""Claims of the multi-stage paper, in the order of the paper."""

from verify.papers.multistage import (  # noqa: F401  (importing a module adds its claims)
    dynamics,
    experiments,
    initial_descent,
    initial_plateau,
    secondary_plateau,
)
from verify.papers.multistage.paper import paper

__all__ = ["paper"]
