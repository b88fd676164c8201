"""Cost against width: representatives beside all neurons, and T_2 from 10² to 10⁶ neurons.

    python -m benchmarks.width [--draws 200] [--jobs 2] [--rivals]

First part: tanh, d = 1, n = 60, α = 1, through T_2 + 6; integration alone and whole calls, drawing and compressing
included. Second part: T_2 of all draws at ten widths, the fit s log m + C + b/m with 95 % intervals, and what the
reduced system predicts: s = α − ½, C = ½ log(2 (1 − ζ)/ζ).
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.machine import head, one_thread, table

one_thread(pin=False)

import numpy as np  # noqa: E402

from benchmarks.rivals import Missing, Problem, diffrax  # noqa: E402
from numerics.array import FloatArray  # noqa: E402
from numerics.ensemble import Ensemble  # noqa: E402
from numerics.integrate import integrate  # noqa: E402
from numerics.kernels import load  # noqa: E402
from numerics.quadrature import compress  # noqa: E402
from numerics.scaling import fit_logarithm  # noqa: E402
from numerics.simulate import simulate  # noqa: E402
from numerics.trajectory import Trajectory  # noqa: E402

ZETA = 0.1
WIDTHS = [round(10 ** (2 + 4 * i / 9)) for i in range(10)]
_ALL_BELOW = 400  # neurons: narrower networks are simulated as they are
_DEGREE = 4  # T_2 to 1e-6 and better, far below its scatter


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Time representatives, and T_2 over widths.")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rivals", action="store_true", help="also diffrax on all 20000 neurons")
    given = parser.parse_args(arguments)
    print(head(("numpy", "scipy", "numba", "jax", "diffrax")))
    load()
    representatives(given.rivals)
    descent_over_widths(given.draws, given.jobs)


def horizon(width: int) -> float:
    """The predicted T_2, and 6 more."""
    return 0.5 * math.log(2 * width * (1 - ZETA) / ZETA) + 6.0


def median_of(runs: int, call: Callable[[], object]) -> float:
    call()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def representatives(rivals: bool) -> None:
    width, rtol = 20000, 1e-10
    problem = Problem(width, 60, horizon(width))
    network, start = problem.network(), problem.start()
    plain = problem.network(kernels="plain")
    times = np.linspace(0, problem.until, 100)
    exact = simulate(network, start, problem.until, rtol=1e-12, keep="observables", times=times).recorded
    assert exact is not None

    def full(times: np.ndarray | None = None) -> Trajectory:
        return simulate(network, start, problem.until, rtol=rtol, keep="observables", times=times)

    read = full(times).recorded
    assert read is not None
    error = float(
        np.abs(np.interp(times, read["t"], read["P"]) - np.interp(times, exact["t"], exact["P"])).max()
    )
    ways: list[tuple[str, Callable[[], object], str]] = [
        ("all neurons, plain sums", lambda: integrate(plain.drift, start, problem.until, rtol=rtol), ""),
        ("all neurons, moments, compiled", full, f"{error:.1e}"),
    ]
    if rivals:
        try:
            solve = diffrax("Dopri8")(problem)
            ways.append(("all neurons, diffrax Dopri8", lambda: solve(rtol), ""))
        except Missing as reason:
            print(f"missing   diffrax: {reason}")
    taken = [median_of(5, call) for _, call, _ in ways]
    fastest = min(taken)
    rows = [
        [name, str(width), f"{1e3 * seconds:.3g}", f"{fastest / seconds:.2g}", error]
        for (name, _, error), seconds in zip(ways, taken, strict=True)
    ]
    for degree in (4, 6, 8):
        used = compress(start, degree, even=True)
        few = problem.network(neuron_weights=used.weights)

        def run(few=few, used=used):  # type: ignore[no-untyped-def]
            return integrate(
                few.drift,
                used.nodes,
                problem.until,
                rtol=rtol,
                atol=rtol / width,
                solver=few.solver(len(used.nodes)),
            )

        solution = run()
        found = [
            float((used.weights * state[:, 0]) @ state[:, 1])
            for state in (solution(float(t)) for t in exact["t"])
        ]
        seconds = median_of(51, run)
        rows.append(
            [
                f"representatives, degree {degree}",
                str(len(used.nodes)),
                f"{1e3 * seconds:.3g}",
                f"{fastest / seconds:.0f}",
                f"{np.abs(found - exact['P']).max():.1e}",
            ]
        )
    print(
        f"\nm = {width}, integration alone, through T_2 + 6 at rtol {rtol:g}; gain over the fastest of all neurons"
    )
    print(table(["way", "neurons", "milliseconds", "gain", "error of P"], rows))
    rows = []
    for size in (10**3, 10**4, 10**5, 10**6):
        wide = Problem(size, 60, horizon(size))
        began = time.perf_counter()
        draw = wide.start()
        drawn = time.perf_counter()
        made = simulate(wide.network(), draw, wide.until, neurons="quadrature")
        ended = time.perf_counter()
        said = made.provenance["neurons"]
        few = made.network
        nodes = made.states[0]
        alone = median_of(
            5,
            lambda few=few, nodes=nodes, wide=wide: integrate(  # type: ignore[misc]
                few.drift,
                nodes,
                wide.until,
                rtol=1e-10,
                atol=1e-10 / wide.width,
                solver=few.solver(len(nodes)),
            ),
        )
        rows.append(
            [
                str(size),
                f"{drawn - began:.3f}",
                f"{ended - drawn:.3f}",
                f"{alone:.4f}",
                str(said["degree"]),
                f"{said['estimate']:.1e}",
            ]
        )
    print("\nwhole calls, compression and two or more degrees included; integration of the last degree alone")
    print(table(["m", "draw, s", "simulate, s", "integrate, s", "degree", "estimate"], rows), flush=True)


def descent_times(task: tuple[int, int, int]) -> FloatArray:
    """T_2 of the draws ``first`` … ``first + count − 1`` at one width."""
    width, first, count = task
    problem = Problem(width, 60, 0.0)
    draws: list[tuple[FloatArray, FloatArray | None]] = []
    for seed in range(first, first + count):
        start = Problem(width, 60, 0.0, seed).start()
        if width < _ALL_BELOW:
            draws.append((start, None))
        else:
            used = compress(start, _DEGREE, even=True)
            draws.append((used.nodes, used.weights))
    # Five standard deviations of T_2 beyond its prediction.
    until = horizon(width) - 6.0 + 5.0 / math.sqrt(2 * width) + 0.5
    return Ensemble.of(problem.network(), draws).descent_times(until, zeta=ZETA, rtol=1e-9)


def descent_over_widths(draws: int, jobs: int) -> tuple[list[int], list[float]]:
    """Print the means and the fit; the widths and T_2 of every draw."""
    began = time.perf_counter()
    part = 20
    tasks = [(m, s, min(part, draws - s)) for m in reversed(WIDTHS) for s in range(0, draws, part)]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(descent_times, tasks))
    took = time.perf_counter() - began
    widths = [task[0] for task, times in zip(tasks, found, strict=True) for _ in times]
    values = [float(value) for times in found for value in times]
    rows = []
    for m in WIDTHS:
        mine = np.array([v for w, v in zip(widths, values, strict=True) if w == m])
        half = 1.96 * mine.std(ddof=1) / math.sqrt(len(mine)) if len(mine) > 1 else math.nan
        rows.append(
            [str(m), f"{mine.mean():.5f}", f"{half:.5f}", f"{mine.std(ddof=1) * math.sqrt(2 * m):.3f}"]
        )
    print(f"\nT_2 of {draws} draws at each of {len(WIDTHS)} widths, {jobs} processes: {took:.0f} s")
    print(table(["m", "mean T_2", "± 95 %", "standard deviation · √(2m)"], rows))
    fit = fit_logarithm(widths, values, corrected=True, weights=[float(w) for w in widths])
    rows = [
        ["slope", f"{fit.slope:.6f}", interval(fit.slope_interval), "0.5", inside(0.5, fit.slope_interval)],
    ]
    constant = 0.5 * math.log(2 * (1 - ZETA) / ZETA)
    rows.append(
        [
            "constant",
            f"{fit.constant:.6f}",
            interval(fit.constant_interval),
            f"{constant:.6f}",
            inside(constant, fit.constant_interval),
        ]
    )
    print(table(["", "fitted", "95 % interval", "predicted", "inside"], rows))
    print(f"correction b/m: b = {fit.correction:.3f}")
    return widths, values


def interval(found: tuple[float, float]) -> str:
    return f"[{found[0]:.6f}, {found[1]:.6f}]"


def inside(value: float, found: tuple[float, float]) -> str:
    return "yes" if found[0] <= value <= found[1] else "no"


if __name__ == "__main__":
    main()
