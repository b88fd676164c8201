"""Many digits: the collocation beside heyoka's multiprecision Taylor integrator and mpmath's, and rigorous enclosures.

    python -m benchmarks.precision [--width 20] [--samples 20] [--until 10] [--digits 50] [--scale 0.02] [--mpmath 0.05]
        [--runs 5] [--series "4,4 6,6 8,8"] [--enclosed "10,10,10 …"]

Errors are distances of the final state from a run with 20 digits more, other nodes and shorter steps, relative to the
largest weight. Compilation is not counted; times are medians of runs in turn. mpmath covers a time of at most ½ with
each of its series and pays for a whole one however short the time is: so T needs at least 2T of them, and that many
times the cost of one, measured on this network, is the least it needs. That one series costs in proportion to m·n is
shown beside it, on smaller networks.
"""

from __future__ import annotations

import argparse
import math
import statistics
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
Solve = Callable[[], Digits]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Time integrations to many digits, and rigorous ones.")
    parser.add_argument("--width", type=int, default=20)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--until", type=float, default=10.0)
    parser.add_argument("--digits", type=int, default=50)
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--mpmath", type=float, default=0.05, help="how far mpmath runs; 0 leaves it out")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--series", default="4,4 6,6 8,8", help="m,n of the smaller networks of mpmath's series"
    )
    parser.add_argument(
        "--enclosed",
        default="10,10,10 10,20,10 20,20,10 20,40,10 40,40,10 20,20,60",
        help="m,n,T of the enclosures; the growth of the seconds is that of the rows with the first T",
    )
    given = parser.parse_args(arguments)
    print(head(("numpy", "python-flint", "mpmath", "heyoka")))
    matched(given)
    tiny(given.width, given.samples, given.digits)
    enclosures(_sizes(given.enclosed))


def _sizes(text: str) -> list[tuple[int, ...]]:
    return [tuple(map(int, one.split(","))) for one in text.split()]


def matched(given: argparse.Namespace) -> None:
    """The same problem by all of them."""
    data = equidistant(given.samples, "sin(x)")
    start = initial_weights(1, given.width, 1, given.scale)
    print(
        f"problem   tanh, m = {given.width}, n = {given.samples}, d = 1, scale {given.scale:g}, T = {given.until:g}, "
        f"{given.digits} digits\n"
    )
    reference = _collocation(data, start, given.until, given.digits + 20, extra_nodes=7, longest=1.3)
    ways: list[tuple[str, Solve]] = [
        ("lemmata, collocation", lambda: _collocation(data, start, given.until, given.digits))
    ]
    try:
        ways.append(("heyoka, Taylor in real", _heyoka(data, start, given.until, given.digits)))
    except ImportError as missing:
        print(f"missing   heyoka: {missing}")
    seconds, last = _in_turn([solve for _, solve in ways], given.runs)
    rows = [
        [
            name,
            f"{taken:.2f}",
            f"{taken / given.until:.3f}",
            f"{_distance(final, reference):.1e}",
            f"{taken / seconds[0]:.2f}",
        ]
        for (name, _), taken, final in zip(ways, seconds, last, strict=True)
    ]
    if given.mpmath > 0:
        series = [_series(m, n, given) for m, n in [(given.width, given.samples), *_sizes(given.series)]]
        least = series[0][0] * max(2 * given.until, 1)
        rows.append(
            [
                "mpmath odefun, at least",
                f"{least:.0f}",
                f"{least / given.until:.0f}",
                "",
                f"{least / seconds[0]:.0f}",
            ]
        )
    print(
        table(["way", "seconds", "per unit of time", "relative error", "times lemmata's"], rows), flush=True
    )
    if given.mpmath > 0:
        print(f"\nmpmath, one series, measured to t = {given.mpmath:g}")
        columns = ["m", "n", "seconds", "milliseconds / (m n)", "relative error"]
        print(table(columns, [said for _, said in series]), flush=True)


def _series(width: int, samples: int, given: argparse.Namespace) -> tuple[float, list[str]]:
    """Seconds that mpmath needs for one series, and its row of the table."""
    data, start = equidistant(samples, "sin(x)"), initial_weights(1, width, 1, given.scale)
    seconds, final, count = _mpmath(data, start, given.mpmath, given.digits)
    one = seconds / count
    error = _distance(final, _collocation(data, start, given.mpmath, given.digits + 20))
    return one, [
        str(width),
        str(samples),
        f"{one:.1f}",
        f"{1e3 * one / (width * samples):.0f}",
        f"{error:.1e}",
    ]


def tiny(width: int, samples: int, digits: int) -> None:
    """From ε = 1e-6 into the secondary plateau, the second run for the error included."""
    data, scale, until = equidistant(samples, "sin(x)"), 1e-6, 40.0
    start = initial_weights(1, width, 1, scale)
    began = time.perf_counter()
    run = simulate_precise("tanh", data, start, until, digits, estimate=False)
    alone = time.perf_counter() - began
    began = time.perf_counter()
    run = simulate_precise("tanh", data, start, until, digits)
    both = time.perf_counter() - began
    reached = run.descent_time()
    error = run.error_estimate
    rows = [
        [
            f"{scale:g}",
            f"{until:g}",
            "none" if reached is None else f"{float(reached):.6f}",
            f"{alone:.2f}",
            f"{both:.2f}",
            "none" if error is None else f"{error:.1e}",
        ]
    ]
    print(f"\ntiny initial weights, m = {width}, n = {samples}, {digits} digits")
    print(table(["scale", "T", "T_2", "seconds", "with the estimate", "estimated error"], rows), flush=True)


def enclosures(wanted: Sequence[tuple[int, ...]]) -> None:
    """Rigorous runs: ever more neurons and samples over the same time."""
    rows = []
    sizes, taken = [], []
    first = wanted[0][2]
    for width, samples, until in wanted:
        data, start = equidistant(samples, "sin(x)"), initial_weights(1, width, 1, 1e-3)
        with working_precision(64):
            network = BallNetwork.named("tanh", of_dataset(data))
        began = time.perf_counter()
        proved = enclose(network, start.tolist(), float(until), Settings(bits=64))
        seconds = time.perf_counter() - began
        if until == first:
            sizes.append(float(width * samples))
            taken.append(seconds)
        rows.append(
            [str(width), str(samples), str(until), proved.status, f"{seconds:.2f}",
             f"{1e3 * seconds / (width * samples):.2f}", f"{proved.largest_radius:.1e}"]
        )  # fmt: skip
    print("\nrigorous enclosures, 64 bits, scale 0.001")
    print(table(["m", "n", "T", "status", "seconds", "milliseconds / (m n)", "largest radius"], rows))
    slope = float(np.polyfit(np.log(sizes), np.log(taken), 1)[0])
    print(f"seconds grow like (m n)^{slope:.2f} at T = {first}")


def _in_turn(solves: Sequence[Solve], runs: int) -> tuple[list[float], list[Digits]]:
    """Median seconds of each, one after the other in every round, and what the last run gave."""
    taken: list[list[float]] = [[] for _ in solves]
    last: list[Digits] = [[] for _ in solves]
    for _ in range(runs):
        for i, solve in enumerate(solves):
            began = time.perf_counter()
            last[i] = solve()
            taken[i].append(time.perf_counter() - began)
    return [statistics.median(each) for each in taken], last


def _collocation(data: Dataset, start: Any, until: float, digits: int, **options: Any) -> Digits:
    run = simulate_precise("tanh", data, start, until, digits, estimate=False)
    solution = run.solution
    if options:
        with working_precision(solution.bits + 100):
            flat = run.network.flatten(run.state(0.0))
        solution = collocate(run.network, flat, until, digits, **options)
    with working_precision(solution.bits):
        return [entry.str(digits + 10, radius=False) for entry in solution.state(until)]


def _heyoka(data: Dataset, start: Any, until: float, digits: int) -> Solve:
    """Compiled once."""
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

    def solve() -> Digits:
        solver.time = exact(0.0)
        solver.state[:] = begin
        solver.propagate_until(exact(until))
        return [str(value) for value in solver.state]

    return solve


def _mpmath(data: Dataset, start: Any, until: float, digits: int) -> tuple[float, Digits, int]:
    """Seconds, final weights, and how many series that took."""
    import mpmath

    kept = [i for i in range(data.samples) if data.x[i, 0] > 0]
    width = len(start)
    with mpmath.workdps(digits + 2):
        x = [mpmath.mpf(float(data.x[i, 0])) for i in kept]
        y = [mpmath.mpf(float(data.y[i])) for i in kept]
        share = mpmath.mpf(2) / data.samples

        calls = [0]

        def rates(_: Any, state: Any) -> list[Any]:
            calls[0] += 1
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
        # One evaluation for each degree of a series; odefun's own choice of the degree.
        series = round(calls[0] / (3 + int(3 * mpmath.mp.dps / 2)))
        return seconds, [mpmath.nstr(v, digits + 2) for v in final], series


def _distance(final: Digits, reference: Digits) -> float:
    from flint import arb

    with working_precision(1500):
        one, other = [arb(v) for v in final], [arb(v) for v in reference]
        size = max(abs(float(v)) for v in other)
        return max(abs(float((p - q).mid())) for p, q in zip(one, other, strict=True)) / size


if __name__ == "__main__":
    main()
