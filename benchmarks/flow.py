"""The gradient flow of one network by lemmata and by its rivals, at matched accuracy, in one run.

    python -m benchmarks.flow [--width 1000] [--samples 100] [--until 30] [--runs 5] [--slow]

For each of two tolerances, the error of NumPy + scipy's DOP853 is the accuracy to match: every other contender uses
the loosest tolerance (in steps of √10) whose final state is at least as accurate, and is timed at that. Times are
medians of runs taken in turn, so that a busy machine slows all of them; compilation is timed apart. Rivals that are
not installed are reported as missing: pip install jax diffrax torch torchdiffeq heyoka.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence

from benchmarks.machine import head, one_thread, table

one_thread()

import numpy as np  # noqa: E402

from benchmarks.rivals import CONTENDERS, Contender, Missing, Problem, Solve  # noqa: E402
from numerics.errors import InputError  # noqa: E402
from numerics.integrate import integrate  # noqa: E402

_REFERENCE = "NumPy + scipy DOP853"
_TOLERANCES = (1e-6, 1e-10)
_PACKAGES = ("numpy", "scipy", "numba", "jax", "diffrax", "torch", "torchdiffeq", "heyoka")
_SLOW = ("LSODA", "lr 0.005")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Time the gradient flow of one network, rivals beside it.")
    parser.add_argument("--width", type=int, default=1000)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--until", type=float, default=30.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--slow", action="store_true", help="also those that take seconds a run")
    given = parser.parse_args(arguments)
    problem = Problem(given.width, given.samples, given.until)
    print(head(_PACKAGES))
    print(f"problem   tanh, target sin x, m = {given.width}, n = {given.samples}, T = {given.until:g}\n")
    exact = integrate(
        problem.network(kernels="plain").drift,
        problem.start(),
        problem.until,
        rtol=3e-14,
        atol=3e-14 / problem.width,
    ).y[-1]

    def error(solve: Solve, rtol: float) -> float:
        try:
            found = solve(rtol)
        except InputError:  # a refusal: representatives that cannot be trusted so far
            return float("inf")
        if not np.all(np.isfinite(found)):
            return float("inf")
        return float(np.abs(found - exact).max() / np.abs(exact).max())

    ready: list[tuple[Contender, Solve]] = []
    for contender in CONTENDERS:
        if not given.slow and any(word in contender.name for word in _SLOW):
            continue
        began = time.perf_counter()
        try:
            solve = contender.prepare(problem)
            solve(contender.learning_rate or 1e-6)
        except Missing as reason:
            print(f"missing   {contender.name}: {reason}")
            continue
        except Exception as problem_met:  # a rival that breaks is a row less, not an end
            print(f"failed    {contender.name}: {type(problem_met).__name__}: {problem_met}"[:160])
            continue
        print(f"ready     {contender.name}: first run {time.perf_counter() - began:.2g} s", flush=True)
        ready.append((contender, solve))
    pairs(problem)
    for rtol in _TOLERANCES:
        goal = next(error(solve, rtol) for contender, solve in ready if contender.name == _REFERENCE)
        print(f"\nfinal state to {goal:.1e} of its largest entry (DOP853 at rtol {rtol:g})")
        chosen: list[tuple[Contender, Solve, float, float]] = []
        for contender, solve in ready:
            tried = contender.learning_rate or rtol * 10**1.5
            found = error(solve, tried)
            while contender.learning_rate is None and found > 1.0001 * goal and tried > 4e-14:
                tried /= 10**0.5
                found = error(solve, tried)
            if np.isfinite(found):
                chosen.append((contender, solve, tried, found))
            else:
                print(f"not as accurate: {contender.name}")
        seconds: list[list[float]] = [[] for _ in chosen]
        for _ in range(given.runs):
            for taken, (_, solve, tried, _) in zip(seconds, chosen, strict=True):
                began = time.perf_counter()
                solve(tried)
                taken.append(time.perf_counter() - began)
        medians = [statistics.median(taken) for taken in seconds]
        best = min(
            (value, contender.name)
            for value, (contender, _, _, found) in zip(medians, chosen, strict=True)
            if "lemmata" not in contender.name and found <= 1.0001 * goal
        )
        rows = [
            [contender.name, f"{value:.4f}", f"{found:.1e}", f"{tried:.1e}", f"{best[0] / value:.2f}"]
            for value, (contender, _, tried, found) in zip(medians, chosen, strict=True)
        ]
        print(table(["contender", "seconds", "error", "rtol or lr", "best rival / this"], rows), flush=True)
        print(f"best rival at this accuracy: {best[1]}")


def pairs(problem: Problem) -> None:
    """Nanoseconds of one right-hand side, over all m·n pairs of neuron and sample."""
    state = problem.start() * problem.width / problem.width**0.5  # as large as on the plateau
    print(
        "\nright-hand side, nanoseconds a pair of neuron and sample (m·n of them), weights as on the plateau"
    )
    rows = []
    for name, options in (
        ("plain sums, all samples", {"kernels": "plain", "use_symmetry": False}),
        ("plain sums, one of each pair", {"kernels": "plain"}),
        ("recurrence, compiled", {"kernels": "recurrence"}),
        ("fused, compiled", {"kernels": "fused"}),
        ("moments", {"kernels": "moments"}),
    ):
        try:
            network = problem.network(**options)
            network.drift(state)
        except ValueError as reason:
            rows.append([name, f"missing: {reason}"])
            continue
        taken = []
        for _ in range(30):
            began = time.perf_counter()
            network.drift(state)
            taken.append(time.perf_counter() - began)
        rows.append([name, f"{statistics.median(taken) / (problem.width * problem.samples) * 1e9:.3f}"])
    print(table(["way", "ns"], rows))


if __name__ == "__main__":
    main()
