"""The real network, simulated: data, initial weights, gradient flow, and what is measured on it.

Names are loaded when first used, so that ``import numerics`` is quick. Functions that bear the name of their
file are imported from it: ``from numerics.simulate import simulate``, ``from numerics.activation import
activation``, ``from numerics.integrate import integrate``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numerics.activation import Activation
    from numerics.balls.network import BallNetwork
    from numerics.dataset import Dataset, equidistant, generated, halton
    from numerics.descent import descend
    from numerics.eigenvalues import extreme_eigenvalues
    from numerics.ensemble import Ensemble
    from numerics.errors import InputError
    from numerics.expression import Expression, parse
    from numerics.fully_connected import FullyConnected
    from numerics.hessian import Hessian, spectrum_along
    from numerics.integrate.enclosure import Enclosure
    from numerics.integrate.float64 import Event, Solution
    from numerics.integrate.tube import enclose
    from numerics.milestones import descent_time, plateau_exit, plateau_time, secondary_time
    from numerics.network import Network
    from numerics.observables import drift_sums, neuron_norm, norms, order_parameters, transverse
    from numerics.quadrature import Quadrature, compress, gauss_hermite
    from numerics.sampling import initial_weights
    from numerics.scaling import LogFit, PowerFit, fit_logarithm, fit_power
    from numerics.simulate import default_horizon
    from numerics.trajectory import Trajectory
    from numerics.wasserstein import relative_wasserstein, wasserstein2

_HOME = {
    "Activation": "activation",
    "BallNetwork": "balls.network",
    "Dataset": "dataset",
    "Enclosure": "integrate.enclosure",
    "Ensemble": "ensemble",
    "Event": "integrate.float64",
    "Expression": "expression",
    "FullyConnected": "fully_connected",
    "Hessian": "hessian",
    "InputError": "errors",
    "LogFit": "scaling",
    "Network": "network",
    "PowerFit": "scaling",
    "Quadrature": "quadrature",
    "Solution": "integrate.float64",
    "Trajectory": "trajectory",
    "compress": "quadrature",
    "default_horizon": "simulate",
    "descend": "descent",
    "descent_time": "milestones",
    "drift_sums": "observables",
    "enclose": "integrate.tube",
    "equidistant": "dataset",
    "extreme_eigenvalues": "eigenvalues",
    "fit_logarithm": "scaling",
    "fit_power": "scaling",
    "gauss_hermite": "quadrature",
    "generated": "dataset",
    "halton": "dataset",
    "initial_weights": "sampling",
    "neuron_norm": "observables",
    "norms": "observables",
    "order_parameters": "observables",
    "parse": "expression",
    "plateau_exit": "milestones",
    "plateau_time": "milestones",
    "relative_wasserstein": "wasserstein",
    "secondary_time": "milestones",
    "spectrum_along": "hessian",
    "transverse": "observables",
    "wasserstein2": "wasserstein",
}

__all__ = [
    "Activation",
    "BallNetwork",
    "Dataset",
    "Enclosure",
    "Ensemble",
    "Event",
    "Expression",
    "FullyConnected",
    "Hessian",
    "InputError",
    "LogFit",
    "Network",
    "PowerFit",
    "Quadrature",
    "Solution",
    "Trajectory",
    "compress",
    "default_horizon",
    "descend",
    "descent_time",
    "drift_sums",
    "enclose",
    "equidistant",
    "extreme_eigenvalues",
    "fit_logarithm",
    "fit_power",
    "gauss_hermite",
    "generated",
    "halton",
    "initial_weights",
    "neuron_norm",
    "norms",
    "order_parameters",
    "parse",
    "plateau_exit",
    "plateau_time",
    "relative_wasserstein",
    "secondary_time",
    "spectrum_along",
    "transverse",
    "wasserstein2",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'numerics' has no attribute {name!r}")
    value = getattr(import_module(f"numerics.{_HOME[name]}"), name)
    globals()[name] = value
    return value
