"""The symbolic layer: derive a network's gradient flow for any width, expand it, reduce it, print code from it.

docs/architecture.md lists the files in the order in which an expression travels through them. Everything is exact: a
floating-point constant is an error.
"""

from theory.activation import Remainder, Sigma, TaylorModel, tanh_like
from theory.activation_class import NAMED, SmoothActivation, admit, named_activation, taylor_of
from theory.assumptions import (
    Eigenvector,
    check_assumption_1,
    check_assumption_2,
    eigenvector_of_second_moments,
)
from theory.asymptotics import Asymptotic, Asymptotics
from theory.brackets import DataMean, NeuronSum, neuron_derivative, rewrite
from theory.closure import apply_closure, drop_above, gaussian
from theory.conservation import MEAN_FIELD, SMALL, Scaling, breaks_at, drift_of
from theory.critical import common_factor, critical_sets
from theory.critical_manifold import (
    approximate_manifold,
    critical_manifold,
    critical_spectrum,
    relative_gradient,
)
from theory.data import DataModel, aligned, data_model, general
from theory.derivation import Derivation
from theory.descent_correction import DescentCorrection, descent_correction
from theory.distributions import Box, Constant, Distribution, Product, TwoPoint, with_bias
from theory.empirical import Empirical
from theory.errors import AssumptionViolated, InexactConstant, NotClosed, TheoryError
from theory.estimates import RemainderEstimate, remainder_estimate
from theory.finite_model import FiniteModel, explicit_model, random_model
from theory.flow import apply_data, expand_activation, gradient_flow, restore_activation
from theory.gradient_descent import ParticleMap, descent_map, euler_map, learning_rate, reduce_map
from theory.hierarchy import Hierarchy, moment_hierarchy, moment_symbol
from theory.initialisation import Initialisation
from theory.invariants import conserved_quantities, neuron_invariants
from theory.iteration import FixedPoint, IterationMap
from theory.linear_maps import LinearImage, Scaled, normalised
from theory.linearise import condensed_leading_order, linearise
from theory.means import exact_mean
from theory.modified import deviation_field, modified_field, modified_flow, scalar_deviation
from theory.network import Target, TwoLayerNetwork
from theory.order_parameters import P, Q, condensed_order_parameters, drift_sum
from theory.particles import ParticleSystem
from theory.radial import Ball, Sphere, TruncatedGaussian
from theory.reduce import reduce
from theory.rotation import rotated, rotation_to_first
from theory.runaway import FrozenNeuron, frozen_neuron
from theory.slowflow import SlowFlow, slow_flow
from theory.solutions import (
    DescentSolution,
    initial_value,
    on_level_set,
    solve_descent,
    solve_linear,
    solve_riccati,
)
from theory.symbols import Neuron, Sample, dot, time, width
from theory.tasks import Moments, Task, TransformedTask
from theory.vectorfield import VectorField
from theory.zero import ZeroDecision, decide_zero

__all__ = [
    "MEAN_FIELD",
    "NAMED",
    "SMALL",
    "AssumptionViolated",
    "Asymptotic",
    "Asymptotics",
    "Ball",
    "Box",
    "Constant",
    "DataMean",
    "DataModel",
    "Derivation",
    "DescentCorrection",
    "DescentSolution",
    "Distribution",
    "Eigenvector",
    "Empirical",
    "FiniteModel",
    "FixedPoint",
    "FrozenNeuron",
    "Hierarchy",
    "InexactConstant",
    "Initialisation",
    "IterationMap",
    "LinearImage",
    "Moments",
    "Neuron",
    "NeuronSum",
    "NotClosed",
    "P",
    "ParticleMap",
    "ParticleSystem",
    "Product",
    "Q",
    "Remainder",
    "RemainderEstimate",
    "Sample",
    "Scaled",
    "Scaling",
    "Sigma",
    "SlowFlow",
    "SmoothActivation",
    "Sphere",
    "Target",
    "Task",
    "TaylorModel",
    "TheoryError",
    "TransformedTask",
    "TruncatedGaussian",
    "TwoLayerNetwork",
    "TwoPoint",
    "VectorField",
    "ZeroDecision",
    "admit",
    "aligned",
    "apply_closure",
    "apply_data",
    "approximate_manifold",
    "breaks_at",
    "check_assumption_1",
    "check_assumption_2",
    "common_factor",
    "condensed_leading_order",
    "condensed_order_parameters",
    "conserved_quantities",
    "critical_manifold",
    "critical_sets",
    "critical_spectrum",
    "data_model",
    "decide_zero",
    "descent_correction",
    "descent_map",
    "deviation_field",
    "dot",
    "drift_of",
    "drift_sum",
    "drop_above",
    "eigenvector_of_second_moments",
    "euler_map",
    "exact_mean",
    "expand_activation",
    "explicit_model",
    "frozen_neuron",
    "gaussian",
    "general",
    "gradient_flow",
    "initial_value",
    "learning_rate",
    "linearise",
    "modified_field",
    "modified_flow",
    "moment_hierarchy",
    "moment_symbol",
    "named_activation",
    "neuron_derivative",
    "neuron_invariants",
    "normalised",
    "on_level_set",
    "random_model",
    "reduce",
    "reduce_map",
    "relative_gradient",
    "remainder_estimate",
    "restore_activation",
    "rewrite",
    "rotated",
    "rotation_to_first",
    "scalar_deviation",
    "slow_flow",
    "solve_descent",
    "solve_linear",
    "solve_riccati",
    "tanh_like",
    "taylor_of",
    "time",
    "width",
    "with_bias",
]
