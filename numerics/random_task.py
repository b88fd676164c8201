"""Random tasks for networks with several outputs: Gaussian inputs, and targets from a random teacher network."""

from __future__ import annotations

from typing import Final

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.fully_connected import FullyConnected
from numerics.sampling import standard_normals

TARGETS: Final = ("one-hot", "values")

TEACHER_WIDTH: Final = 64
_INPUTS = 2**29  # streams of the generator: of the inputs, and of the teacher's seed
_LARGEST_SEED = 2**64


def random_task(
    seed: int, *, samples: int = 64, inputs: int = 32, outputs: int = 10, targets: str = "one-hot"
) -> tuple[FloatArray, FloatArray]:
    """Inputs x (samples, inputs) and targets y (samples, outputs), drawn from one integer.

    The inputs are independent normal numbers, standardised: each coordinate has mean 0 and variance 1 over the
    samples. The teacher is a relu network with one hidden layer of TEACHER_WIDTH neurons in the standard
    parameterisation. With "values" its outputs are the targets; with "one-hot" the targets are the unit vectors of
    its largest outputs, as labels of classes are. InputError for fewer than two samples, sizes below 1, other
    targets, or a seed outside [0, 2**64).
    """
    if samples < 2 or inputs < 1 or outputs < 1:
        raise InputError(
            f"A task of {samples} samples, {inputs} inputs and {outputs} outputs cannot be drawn: at least two "
            "samples, one input and one output are needed."
        )
    if targets not in TARGETS:
        raise InputError(f"The targets are {' or '.join(TARGETS)}, not {targets!r}.")
    if not 0 <= seed < _LARGEST_SEED:
        raise InputError(f"The seed is {seed}; it must be an integer from 0 to 2**64 - 1.")
    x = standard_normals(seed, inputs, 0, samples, stream=_INPUTS)[:, 1:]
    x = x - x.mean(axis=0)
    x /= x.std(axis=0)
    teacher = FullyConnected(x, np.zeros((samples, outputs)), (TEACHER_WIDTH,), "relu")
    values = teacher.output(teacher.initial(seed, first_stream=_INPUTS + 1))
    if targets == "values":
        return x, values
    return x, np.eye(outputs)[values.argmax(axis=1)]
