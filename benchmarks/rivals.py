"""The same gradient flow by other means: what one would use without this project, each as well as it can be done.

A rival gets half of the samples where they come in ± pairs, as lemmata does, and arrays in the order it likes best.
One that cannot be imported is missing, and no error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.dataset import generated
from numerics.network import Network
from numerics.sampling import initial_weights

Solve = Callable[[float], FloatArray]


class Missing(Exception):
    """The rival cannot take part; the message says why."""


@dataclass(frozen=True)
class Problem:
    """tanh, d = 1, target sin x, α = 1: ``width`` neurons, ``samples`` equidistant points, up to ``until``."""

    width: int
    samples: int
    until: float
    seed: int = 0

    def network(self, **options: Any) -> Network:
        return Network(activation("tanh"), generated(self.samples, 1, "sin(x)"), **options)

    def start(self) -> FloatArray:
        return initial_weights(self.seed, self.width, 1, 1.0 / self.width)

    def atol(self, rtol: float) -> float:
        return rtol / self.width

    def summed(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """x, y and weights of one sample of each pair."""
        x, y, weights = self.network().summed
        return np.array(x[:, 0]), np.array(y), np.array(weights)


@dataclass(frozen=True)
class Contender:
    """``prepare`` gives a function from the tolerance to the final state, compiled where it compiles.

    ``learning_rate`` for gradient descent, which has no tolerance.
    """

    name: str
    prepare: Callable[[Problem], Solve]
    learning_rate: float | None = None


def lemmata(keep: str) -> Callable[[Problem], Solve]:
    """With compiled steps, loaded beforehand."""

    def prepare(problem: Problem) -> Solve:
        from numerics.kernels import load
        from numerics.simulate import simulate

        load()
        network, start = problem.network(), problem.start()
        return lambda rtol: simulate(
            network, start, problem.until, rtol=rtol, atol=problem.atol(rtol), keep=keep
        ).states[-1]

    return prepare


def lemmata_interpreted(problem: Problem) -> Solve:
    """Nothing compiled: NumPy and scipy, through moments."""
    from numerics.integrate import integrate

    network, start = problem.network(), problem.start()
    return lambda rtol: integrate(network.drift, start, problem.until, rtol=rtol, atol=problem.atol(rtol)).y[
        -1
    ]


def lemmata_quadrature(problem: Problem) -> Solve:
    """Drawing aside, all of it: compression, two degrees, and all neurons at the end by the flow map."""
    from numerics.simulate import simulate

    network, start = problem.network(), problem.start()

    def solve(rtol: float) -> FloatArray:
        run = simulate(
            network, start, problem.until, rtol=rtol, neurons="quadrature", tolerance=max(1e-9, 10 * rtol)
        )
        return run.all_neurons(problem.until)

    return solve


def scipy(method: str, half: bool) -> Callable[[Problem], Solve]:
    def prepare(problem: Problem) -> Solve:
        from scipy.integrate import solve_ivp

        network = problem.network(kernels="plain", use_symmetry=half)
        start = problem.start()

        def field(_: float, y: FloatArray) -> FloatArray:
            return network.drift(y.reshape(-1, 2)).ravel()

        return lambda rtol: (
            solve_ivp(
                field, (0, problem.until), start.ravel(), method=method, rtol=rtol, atol=problem.atol(rtol)
            )
            .y[:, -1]
            .reshape(-1, 2)
        )

    return prepare


def diffrax(solver_name: str) -> Callable[[Problem], Solve]:
    def prepare(problem: Problem) -> Solve:
        try:
            import diffrax as dx
            import jax
            import jax.numpy as jnp
        except ImportError as error:
            raise Missing(str(error)) from None
        jax.config.update("jax_enable_x64", True)
        x, y, weights = map(jnp.asarray, problem.summed())
        start = jnp.asarray(problem.start().T)

        def field(t: Any, state: Any, args: Any) -> Any:
            a, w = state
            value = jnp.tanh(w[:, None] * x)
            pull = (y - a @ value) * weights
            return jnp.stack([value @ pull, a * ((1 - value * value) @ (pull * x))])

        @jax.jit  # type: ignore[untyped-decorator]
        def solve(rtol: Any) -> Any:
            return dx.diffeqsolve(
                dx.ODETerm(field),
                getattr(dx, solver_name)(),
                0.0,
                problem.until,
                None,
                start,
                saveat=dx.SaveAt(t1=True),
                stepsize_controller=dx.PIDController(rtol=rtol, atol=rtol / problem.width),
                max_steps=200_000,
            ).ys[0]

        return lambda rtol: np.asarray(solve(jnp.asarray(rtol))).T

    return prepare


def torchdiffeq(problem: Problem) -> Solve:
    try:
        import torch
        from torchdiffeq import odeint
    except ImportError as error:
        raise Missing(str(error)) from None
    torch.set_num_threads(1)
    x, y, weights = map(torch.from_numpy, problem.summed())
    start = torch.from_numpy(problem.start().T.copy())
    times = torch.tensor([0.0, problem.until], dtype=torch.float64)

    def field(_: Any, state: Any) -> Any:
        a, w = state
        value = torch.tanh(w[:, None] * x)
        pull = (y - a @ value) * weights
        return torch.stack([value @ pull, a * ((1 - value * value) @ (pull * x))])

    def solve(rtol: float) -> FloatArray:
        with torch.no_grad():
            end = odeint(field, start, times, rtol=rtol, atol=problem.atol(rtol), method="dopri8")[-1]
        return np.asarray(end.numpy().T)

    return solve


def pytorch_descent(problem: Problem) -> Solve:
    """Gradient descent by automatic differentiation; the tolerance is the learning rate."""
    try:
        import torch
    except ImportError as error:
        raise Missing(str(error)) from None
    torch.set_num_threads(1)
    x, y, weights = map(torch.from_numpy, problem.summed())

    def solve(rate: float) -> FloatArray:
        a, w = (torch.from_numpy(column.copy()).requires_grad_() for column in problem.start().T)
        descent = torch.optim.SGD([a, w], lr=rate)
        for _ in range(round(problem.until / rate)):
            descent.zero_grad()
            loss = 0.5 * (weights @ (a @ torch.tanh(w[:, None] * x) - y) ** 2)
            loss.backward()
            descent.step()
        return np.stack([a.detach().numpy(), w.detach().numpy()], axis=1)

    return solve


def heyoka(problem: Problem) -> Solve:
    """Adaptive Taylor series, compiled for each network; compilation grows with m·n."""
    try:
        import heyoka as hy
    except ImportError as error:
        raise Missing(str(error)) from None
    if problem.width * problem.samples > 4000:
        raise Missing("compiles for minutes above some 10^3 neuron-sample pairs")
    x, y, weights = problem.summed()
    start = problem.start()
    a, w = hy.make_vars(*[f"a{k}" for k in range(problem.width)]), None
    w = hy.make_vars(*[f"w{k}" for k in range(problem.width)])
    values = [[hy.tanh(w_k * float(v)) for v in x] for w_k in w]
    pulls = [
        float(weights[i]) * (float(y[i]) - hy.sum([a_k * row[i] for a_k, row in zip(a, values, strict=True)]))
        for i in range(len(x))
    ]
    system = []
    for a_k, w_k, row in zip(a, w, values, strict=True):
        system.append((a_k, hy.sum([p * v for p, v in zip(pulls, row, strict=True)])))
        slopes = [p * (1.0 - v * v) * float(c) for p, v, c in zip(pulls, row, x, strict=True)]
        system.append((w_k, a_k * hy.sum(slopes)))
    made: dict[float, Any] = {}

    def solve(rtol: float) -> FloatArray:
        if rtol not in made:
            made[rtol] = hy.taylor_adaptive(system, start.ravel(), tol=rtol, compact_mode=True)
        run = made[rtol]
        run.time = 0.0
        run.state[:] = start.ravel()
        run.propagate_until(problem.until)
        return np.array(run.state).reshape(-1, 2)

    return solve


CONTENDERS = (
    Contender("lemmata", lemmata("observables")),
    Contender("lemmata, all states and dense output kept", lemmata("states")),
    Contender("lemmata, nothing compiled", lemmata_interpreted),
    Contender("lemmata, neuron quadrature", lemmata_quadrature),
    Contender("NumPy + scipy DOP853, all samples", scipy("DOP853", False)),
    Contender("NumPy + scipy DOP853", scipy("DOP853", True)),
    Contender("NumPy + scipy LSODA", scipy("LSODA", True)),
    Contender("JAX + diffrax Tsit5", diffrax("Tsit5")),
    Contender("JAX + diffrax Dopri8", diffrax("Dopri8")),
    Contender("torchdiffeq dopri8", torchdiffeq),
    Contender("heyoka", heyoka),
    Contender("PyTorch gradient descent, lr 0.05", pytorch_descent, 0.05),
    Contender("PyTorch gradient descent, lr 0.005", pytorch_descent, 0.005),
)
