"""The symbolic layer: derive a network's gradient flow for any width, expand it, reduce it, print code from it.

The files in the order in which data pass through them: errors, symbols, activation, brackets, network, data,
particles, flow, linearise, vectorfield, order_parameters, reduce, invariants, critical, solutions, derivation,
equations, zero, finite_model, codegen. Everything is exact: a floating-point constant is an error.
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
from theory.critical import common_factor, critical_sets
from theory.data import DataModel, aligned, data_model, general
from theory.derivation import Derivation
from theory.descent_correction import DescentCorrection, descent_correction
from theory.distributions import Box, Constant, Distribution, Product, TwoPoint, with_bias
from theory.empirical import Empirical
from theory.errors import AssumptionViolated, InexactConstant, NotClosed, TheoryError
from theory.estimates import RemainderEstimate, remainder_estimate
from theory.finite_model import FiniteModel, explicit_model, random_model
from theory.flow import apply_data, expand_activation, gradient_flow, restore_activation
from theory.initialisation import Initialisation
from theory.invariants import conserved_quantities, neuron_invariants
from theory.linear_maps import LinearImage, Scaled, normalised
from theory.linearise import condensed_leading_order, linearise
from theory.means import exact_mean
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
    "NAMED",
    "Asymptotic",
    "Asymptotics",
    "AssumptionViolated",
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
    "FrozenNeuron",
    "InexactConstant",
    "Initialisation",
    "LinearImage",
    "Moments",
    "Neuron",
    "NeuronSum",
    "NotClosed",
    "P",
    "ParticleSystem",
    "Product",
    "Q",
    "Remainder",
    "RemainderEstimate",
    "Sample",
    "Scaled",
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
    "apply_data",
    "check_assumption_1",
    "check_assumption_2",
    "common_factor",
    "condensed_leading_order",
    "condensed_order_parameters",
    "conserved_quantities",
    "critical_sets",
    "data_model",
    "decide_zero",
    "descent_correction",
    "dot",
    "drift_sum",
    "eigenvector_of_second_moments",
    "exact_mean",
    "expand_activation",
    "explicit_model",
    "frozen_neuron",
    "general",
    "gradient_flow",
    "initial_value",
    "linearise",
    "named_activation",
    "neuron_derivative",
    "neuron_invariants",
    "normalised",
    "on_level_set",
    "random_model",
    "reduce",
    "remainder_estimate",
    "restore_activation",
    "rewrite",
    "rotated",
    "rotation_to_first",
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
