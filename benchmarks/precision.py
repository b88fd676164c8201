"""Many digits: the collocation beside heyoka's multiprecision Taylor integrator and mpmath's, and rigorous enclosures.

    python -m benchmarks.precision [--width 20] [--samples 20] [--until 10] [--digits 50] [--scale 0.02] [--mpmath 0.02]

Errors are distances of the final state from a run with 20 digits more, other nodes and shorter steps, relative to the
largest weight. Compilation is not counted. mpmath runs up to a short time only; its start-up is part of what it needs,
so that its seconds for a unit of time would be fewer on a longer run.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.machine import head, one_thread, table

one_thread()

import numpy as np  # noqa: E402

from numerics.balls.network import BallNetwork  # noqa: E402
from numerics.balls.samples import of_dataset  # noqa: E402
from numerics.dataset import Dataset, equidistant  # noqa: E402
from numerics.integrate.collocation import collocate  # noqa: E402
from numerics.integrate.tube import Settings, enclose  # noqa: E402
from numerics.precise import simulate_precise  # noqa: E402
from numerics.precision import working_precision  # noqa: E402
from numerics.sampling import initial_weights  # noqa: E402

Digits = list[str]
"""Final weights as decimal text, all a_k first, then all w_k."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Time integrations to many digits, and rigorous ones.")
    parser.add_argument("--width", type=int, default=20)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--until", type=float, default=10.0)
    parser.add_argument("--digits", type=int, default=50)
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--mpmath", type=float, default=0.02, help="how far mpmath runs; 0 leaves it out")
    given = parser.parse_args(arguments)
    data = equidistant(given.samples, "sin(x)")
    start = initial_weights(1, given.width, 1, given.scale)
    print(head(("numpy", "python-flint", "mpmath", "heyoka")))
    print(
        f"problem   tanh, m = {given.width}, n = {given.samples}, d = 1, scale {given.scale:g}, T = {given.until:g}\n"
    )
    reference = _collocation(data, start, given.until, given.digits + 20, extra_nodes=7, longest=1.3)
    rows = []
    for name, solve in (
        (
            "lemmata, collocation",
            lambda: _timed(lambda: _collocation(data, start, given.until, given.digits)),
        ),
        ("heyoka, Taylor in real", lambda: _heyoka(data, start, given.until, given.digits)),
    ):
        try:
            seconds, final = solve()
        except ImportError as missing:
            print(f"missing   {name}: {missing}")
            continue
        rows.append(
            [name, f"{seconds:.2f}", f"{seconds / given.until:.3f}", f"{_distance(final, reference):.1e}"]
        )
    if given.mpmath > 0:
        seconds, final = _mpmath(data, start, given.mpmath, given.digits)
        short = _collocation(data, start, given.mpmath, given.digits + 20)
        rows.append(
            [f"mpmath odefun, to t = {given.mpmath:g}", f"{seconds:.2f}", f"{seconds / given.mpmath:.1f}",
             f"{_distance(final, short):.1e}"]
        )  # fmt: skip
    print(table(["way", "seconds", "per unit of time", "relative error"], rows))
    print()
    with working_precision(64):
        network = BallNetwork.named("tanh", of_dataset(data))
    began = time.perf_counter()
    proved = enclose(network, start.tolist(), given.until, Settings(bits=64))
    seconds = time.perf_counter() - began
    columns = ["rigorous enclosure, 64 bits", "seconds", "largest radius"]
    print(table(columns, [[proved.status, f"{seconds:.2f}", f"{proved.largest_radius:.1e}"]]))


def _timed(solve: Callable[[], Digits]) -> tuple[float, Digits]:
    began = time.perf_counter()
    final = solve()
    return time.perf_counter() - began, final


def _collocation(data: Dataset, start: Any, until: float, digits: int, **options: Any) -> Digits:
    run = simulate_precise("tanh", data, start, until, digits, estimate=False)
    solution = run.solution
    if options:
        with working_precision(solution.bits + 100):
            flat = run.network.flatten(run.state(0.0))
        solution = collocate(run.network, flat, until, digits, **options)
    with working_precision(solution.bits):
        return [entry.str(digits + 10, radius=False) for entry in solution.state(until)]


def _heyoka(data: Dataset, start: Any, until: float, digits: int) -> tuple[float, Digits]:
    import heyoka

    bits = math.ceil((digits + 2) * math.log2(10))
    width = len(start)
    kept = [i for i in range(data.samples) if data.x[i, 0] > 0]

    def exact(value: float) -> Any:
        return heyoka.real(float(value), bits)

    names = heyoka.make_vars(*[f"a{k}" for k in range(width)], *[f"w{k}" for k in range(width)])
    a, w = names[:width], names[width:]
    bent = [[heyoka.tanh(w[k] * exact(data.x[i, 0])) for i in kept] for k in range(width)]
    pull = [
        (exact(data.y[i]) - heyoka.sum([a[k] * bent[k][j] for k in range(width)]))
        * (exact(2.0) / exact(data.samples))
        for j, i in enumerate(kept)
    ]
    one = exact(1.0)
    rates = [heyoka.sum([pull[j] * bent[k][j] for j in range(len(kept))]) for k in range(width)]
    rates += [
        a[k]
        * heyoka.sum(
            [pull[j] * exact(data.x[i, 0]) * (one - bent[k][j] * bent[k][j]) for j, i in enumerate(kept)]
        )
        for k in range(width)
    ]
    begin = np.array([exact(v) for v in (*start[:, 0], *start[:, 1])])
    solver = heyoka.taylor_adaptive(
        list(zip(names, rates, strict=True)), begin, fp_type=heyoka.real, prec=bits, compact_mode=True
    )
    began = time.perf_counter()
    solver.propagate_until(exact(until))
    return time.perf_counter() - began, [str(value) for value in solver.state]


def _mpmath(data: Dataset, start: Any, until: float, digits: int) -> tuple[float, Digits]:
    import mpmath

    kept = [i for i in range(data.samples) if data.x[i, 0] > 0]
    width = len(start)
    with mpmath.workdps(digits + 2):
        x = [mpmath.mpf(float(data.x[i, 0])) for i in kept]
        y = [mpmath.mpf(float(data.y[i])) for i in kept]
        share = mpmath.mpf(2) / data.samples

        def rates(_: Any, state: Any) -> list[Any]:
            a, w = state[:width], state[width:]
            bent = [[mpmath.tanh(wk * xi) for xi in x] for wk in w]
            outputs = [mpmath.fdot(a, [row[j] for row in bent]) for j in range(len(x))]
            pull = [(yj - f) * share for yj, f in zip(y, outputs, strict=True)]
            pulled = [mpmath.fdot(pull, row) for row in bent]
            weighted = [p * xi for p, xi in zip(pull, x, strict=True)]
            turned = [
                ak * mpmath.fdot(weighted, [1 - t * t for t in row]) for ak, row in zip(a, bent, strict=True)
            ]
            return [*pulled, *turned]

        begin = [mpmath.mpf(float(v)) for v in (*start[:, 0], *start[:, 1])]
        began = time.perf_counter()
        final = mpmath.odefun(rates, 0, begin, tol=mpmath.mpf(10) ** -digits)(mpmath.mpf(until))
        seconds = time.perf_counter() - began
        return seconds, [mpmath.nstr(v, digits + 2) for v in final]


def _distance(final: Digits, reference: Digits) -> float:
    from flint import arb

    with working_precision(1500):
        one, other = [arb(v) for v in final], [arb(v) for v in reference]
        size = max(abs(float(v)) for v in other)
        return max(abs(float((p - q).mid())) for p, q in zip(one, other, strict=True)) / size


if __name__ == "__main__":
    main()
