"""C source: what it computes, by a small evaluator of its own here and by a compiler where there is one."""

from __future__ import annotations

import ctypes
import math
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

import theory
from theory import Derivation, Neuron, NeuronSum, TwoLayerNetwork, gradient_flow, tanh_like
from theory.codegen import (
    c_expression_source,
    c_field_source,
    c_formula_source,
    c_iteration_source,
    c_particle_source,
    numpy_drift,
    numpy_formula,
    numpy_function,
    numpy_iteration,
)
from theory.gradient_descent import descent_map, reduce_map

COMPILER = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
x, y, c = sp.symbols("x y c", real=True)


class Evaluator:
    """Runs the few forms of line that the generated C consists of; it reads nothing else."""

    FUNCTIONS = "exp log sqrt sin cos tan sinh cosh tanh atan erf fabs pow".split()

    def __init__(self, text: str) -> None:
        head, _, body = text.partition("{\n")
        plain = re.sub(r"\((int, )+double\)", "", head.splitlines()[-1])
        listed = plain.partition("(")[2].rpartition(")")[0].split(", ")
        self.names = [re.findall(r"\w+", argument)[-1] for argument in listed]
        self.lines = [line.strip() for line in body.rstrip().removesuffix("}").splitlines()]

    def __call__(self, *values: Any) -> None:
        scope: dict[str, Any] = {f: getattr(math, f) for f in self.FUNCTIONS}
        scope |= dict(zip(self.names, values, strict=True))
        self._block(0, len(self.lines), scope)

    def _block(self, at: int, end: int, scope: dict[str, Any]) -> None:
        while at < end:
            line = self.lines[at]
            loop = re.fullmatch(r"for \(size_t (\w) = 0; \1 < (\w); \+\+\1\) \{", line)
            if loop:
                close = self._closing(at)
                for value in range(scope[loop[2]]):
                    scope[loop[1]] = value
                    self._block(at + 1, close, scope)
                at = close + 1
                continue
            at += 1
            if array := re.fullmatch(r"double \*(\w+) = malloc\(.*\);", line):
                scope[array[1]] = [0.0] * scope["n"]
            elif (
                assigned := re.fullmatch(r"(?:const )?(?:double )?(\w+)(?:\[(.+)\])? (\+?)= (.+);", line)
            ) and not line.startswith("return"):
                name, index, plus, right = assigned.groups()
                value = self._value(right, scope)
                if index is None:
                    scope[name] = scope[name] + value if plus else value
                else:
                    scope[name][int(self._value(index, scope))] = value
            else:
                assert re.fullmatch(r"\(void\)\w+;|if \(!\w+\) \{.*\}|free\(\w+\);|return 0;", line), line

    def _closing(self, at: int) -> int:
        depth = 0
        for n in range(at, len(self.lines)):
            depth += self.lines[n].endswith("{") - (self.lines[n] == "}")
            if depth == 0:
                return n
        raise AssertionError("a loop without an end")

    @staticmethod
    def _value(text: str, scope: dict[str, Any]) -> Any:
        text = text.replace("(double)", "")
        assert re.fullmatch(r"[\w\s.+\-*/()\[\],]+", text), text
        return eval(text, {"__builtins__": {}}, scope)


def particles() -> tuple[np.ndarray, dict[str, Any]]:
    rng = np.random.default_rng(5)
    state = rng.normal(size=(4, 3))
    points = {"x": rng.normal(size=(6, 2)), "target": rng.normal(size=6), "rho": np.full(6, 1 / 6)}
    return state, points


def sigma(order: int, u: Any) -> Any:
    return np.tanh(u) if order == 0 else 1 - np.tanh(u) ** 2


def test_flow_of_the_whole_network() -> None:
    system = gradient_flow(TwoLayerNetwork(2))
    state, points = particles()
    expected = numpy_drift(system)(state[:, 0], state[:, 1:], sigma=sigma, **points)
    out = [0.0] * 12
    Evaluator(c_particle_source(system))(
        4, state.ravel(), 6, points["x"].ravel(), points["target"], points["rho"], sigma, out
    )
    assert np.allclose(np.reshape(out, (4, 3)), expected, rtol=1e-13)


def test_truncated_flow() -> None:
    system = Derivation(2, tanh_like(3)).truncated
    free = set().union(*(drift.free_symbols for drift in system.drift))
    parameters = sorted(str(s) for s in free if not hasattr(s, "slot"))
    values = {name: 0.3 + 0.1 * n for n, name in enumerate(parameters)}
    state, _ = particles()
    expected = numpy_drift(system)(state[:, 0], state[:, 1:], **values)
    out = [0.0] * 12
    Evaluator(c_particle_source(system))(4, state.ravel(), out, *values.values())
    assert np.allclose(np.reshape(out, (4, 3)), expected, rtol=1e-13)


def test_field_map_and_formulas() -> None:
    derivation = Derivation(1)
    state, out = [0.3, 0.4], [0.0, 0.0]
    Evaluator(c_field_source(derivation.reduced))(0.0, state, out)
    assert np.allclose(out, numpy_function(derivation.reduced)(0.0, np.array(state)), rtol=1e-15)
    step = descent_map(derivation.leading_order)
    reduced = reduce_map(step, theory.condensed_order_parameters(step.neuron))
    Evaluator(c_iteration_source(reduced))(state, out, 0.1)
    assert np.allclose(out, numpy_iteration(reduced)(np.array(state), 0.1), rtol=1e-15)
    k = Neuron("k", 2)
    formulas = [NeuronSum(k.a * k.w[1], k) ** 2 / theory.width, k.a * NeuronSum(k.w[0] ** 4, k)]
    weights, _ = particles()
    rows = [0.0] * 8
    Evaluator(c_formula_source(formulas, 2))(4, weights.ravel(), rows)
    scalar, each = numpy_formula(formulas, k)(weights[:, 0], weights[:, 1:])
    assert np.allclose(np.reshape(rows, (4, 2))[:, 0], scalar, rtol=1e-14)
    assert np.allclose(np.reshape(rows, (4, 2))[:, 1], each, rtol=1e-14)


def test_closed_form_and_its_constants() -> None:
    text = c_expression_source([sp.Rational(1, 3) * x - sp.pi * sp.sqrt(y) + x**3 / y**2], [x, y])
    assert "(1.0/3.0)" in text
    assert "x*x*x" in text
    out = [0.0]
    Evaluator(text)(0.7, 1.3, out)
    assert out[0] == pytest.approx(0.7 / 3 - math.pi * math.sqrt(1.3) + 0.7**3 / 1.3**2, rel=1e-15)
    descent = Derivation(1).descent
    Evaluator(c_expression_source([descent.t], [descent.A, descent.B, descent.v]))(0.1, 0.05, 3.0, out)
    assert out[0] == pytest.approx(float(descent.t.subs({descent.A: 0.1, descent.B: 0.05, descent.v: 3})))


def test_a_large_integer_is_a_double() -> None:
    out = [0.0]
    Evaluator(c_expression_source([10**12 * x + sp.Rational(10**20, 3)], [x]))(2.0, out)
    assert out[0] == pytest.approx(2e12 + 1e20 / 3, rel=1e-15)


def test_a_compiler_accepts_it_and_agrees(tmp_path: Path) -> None:
    """Compiled without a warning, and equal to the evaluator; where there is no compiler the evaluator has spoken."""
    system = gradient_flow(TwoLayerNetwork(2))
    if COMPILER is None:
        return
    source, library = tmp_path / "flow.c", tmp_path / "flow.so"
    source.write_text(
        c_particle_source(system, "flow") + c_field_source(Derivation(1).reduced, "reduced"),
        encoding="ascii",
    )
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2", "-shared", "-fPIC"]
    subprocess.run([COMPILER, *flags, str(source), "-o", str(library), "-lm"], check=True)
    code = ctypes.CDLL(str(library))
    state, points = particles()
    kind = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int, ctypes.c_double)

    def pointer(array: np.ndarray) -> Any:
        return array.ctypes.data_as(ctypes.POINTER(ctypes.c_double))

    out = np.zeros((4, 3))
    arrays = [np.ascontiguousarray(points[name]) for name in ("x", "target", "rho")]
    status = code.flow(
        ctypes.c_size_t(4),
        pointer(state),
        ctypes.c_size_t(6),
        *map(pointer, arrays),
        kind(sigma),
        pointer(out),
    )
    assert status == 0
    expected = numpy_drift(system)(state[:, 0], state[:, 1:], sigma=sigma, **points)
    assert np.allclose(out, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: c_expression_source([x + y], [x]), "value of y"),
        (lambda: c_expression_source([0.5 * x], [x]), "exact"),
        (lambda: c_expression_source([sp.gamma(x)], [x]), "No C code"),
        (lambda: c_expression_source([sp.Symbol("double")], [sp.Symbol("double")]), "double"),
        (lambda: c_expression_source([x], [x], "main"), "main"),
        (lambda: c_field_source(theory.VectorField((sp.Symbol("y"),), (sp.S.One,))), "'y'"),
    ],
)
def test_bad_input_is_refused(call: Any, message: str) -> None:
    with pytest.raises(theory.TheoryError, match=message):
        call()
