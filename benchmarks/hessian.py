"""The Hessian: exact products, both ends of the spectrum by Lanczos, and the dense matrix beside them.

    python -m benchmarks.hessian [--samples 100] [--dim 1] [--widest 100000] [--runs 7]

At the start, in the middle of the descent and on the plateau after it. Times are medians; "ns/pair" is for one product,
over all m·n pairs of neuron and sample; the dense column is the matrix and all of its eigenvalues.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks.machine import head, one_thread, table

one_thread()

import numpy as np  # noqa: E402

from numerics import Network, generated, initial_weights  # noqa: E402
from numerics.activation import activation  # noqa: E402
from numerics.hessian import Hessian, extreme_eigenvalues  # noqa: E402
from numerics.milestones import descent_time  # noqa: E402
from numerics.simulate import simulate  # noqa: E402

_WIDTHS = (100, 300, 1000, 10_000, 100_000)
_DENSE = 2000  # parameters up to which the dense eigenvalues are taken


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description="Time Hessian-vector products, Lanczos and dense eigenvalues."
    )
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--dim", type=int, default=1)
    parser.add_argument("--widest", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=7)
    given = parser.parse_args(arguments)
    print(head(("numpy", "scipy")))
    print(f"problem   tanh, n = {given.samples}, d = {given.dim}, α = 1\n")
    target = "sin(x)" if given.dim == 1 else "sin(x1)+0.3*sin(2*x2)"
    network = Network(activation("tanh"), generated(given.samples, given.dim, target))
    rows = []
    for width in _WIDTHS:
        if width > given.widest:
            continue
        for place, state in states(network, width):
            rows.append(measured(network, width, place, state, given.runs))
    columns = ["m, place", "prepare, ms", "product, ms", "ns/pair", "both ends, s", "products"]
    print(table([*columns, "residual", "λ_max", "λ_min", "dense, s", "difference"], rows))


def states(network: Network, width: int) -> list[tuple[str, np.ndarray]]:
    """Where the Hessian is taken: at the start, where P = ½, and on the plateau."""
    start = initial_weights(0, width, network.data.dim, 1 / width)
    run = simulate(network, start, 0.5 * np.log(2 * width * 9) + 4.0, rtol=1e-8, neurons="auto")
    middle = descent_time(run, 0.5)
    assert middle is not None
    return [
        ("start", start),
        ("descent", run.all_neurons(middle)),
        ("plateau", run.all_neurons(run.end)),
    ]


def median_of(runs: int, call: Callable[[], object]) -> float:
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def measured(network: Network, width: int, place: str, state: np.ndarray, runs: int) -> list[str]:
    hessian = Hessian(network, state)
    direction = initial_weights(1, width, network.data.dim, 1.0)
    prepare = median_of(runs, lambda: Hessian(network, state))
    product = median_of(runs, lambda: hessian @ direction)
    fewer = runs if width < 100_000 else 1
    ends = extreme_eigenvalues(hessian)
    both = median_of(fewer, lambda: extreme_eigenvalues(hessian))
    dense, difference = "", ""
    if hessian.size <= _DENSE:
        values = np.linalg.eigvalsh(hessian.dense())
        dense = f"{median_of(3, lambda: np.linalg.eigvalsh(hessian.dense())):.3f}"
        difference = f"{max(abs(values[-1] - ends.largest), abs(values[0] - ends.lowest)):.0e}"
    return [
        f"{width}, {place}",
        f"{1e3 * prepare:.2f}",
        f"{1e3 * product:.3f}",
        f"{1e9 * product / (width * network.data.samples):.2f}",
        f"{both:.3f}",
        f"{ends.products}",
        f"{max(ends.residuals):.0e}",
        f"{ends.largest:.6f}",
        f"{ends.lowest:.2e}",
        dense,
        difference,
    ]


if __name__ == "__main__":
    main()
