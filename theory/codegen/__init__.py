"""Numeric code from derived expressions: one printer a file, every constant exact for its arithmetic."""

from theory.codegen.ball import ball_expression, ball_source
from theory.codegen.c import (
    c_expression_source,
    c_field_source,
    c_formula_source,
    c_iteration_source,
    c_particle_source,
)
from theory.codegen.numpy import (
    expression_source,
    field_source,
    formula_source,
    iteration_source,
    numpy_drift,
    numpy_expression,
    numpy_formula,
    numpy_function,
    numpy_iteration,
    particle_source,
)
from theory.codegen.script import script

__all__ = [
    "ball_expression",
    "ball_source",
    "c_expression_source",
    "c_field_source",
    "c_formula_source",
    "c_iteration_source",
    "c_particle_source",
    "expression_source",
    "field_source",
    "formula_source",
    "iteration_source",
    "numpy_drift",
    "numpy_expression",
    "numpy_formula",
    "numpy_function",
    "numpy_iteration",
    "particle_source",
    "script",
]
