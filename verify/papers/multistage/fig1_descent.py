"""Figure 1 once more, trained as in the paper: by gradient descent, beside the reduced flow it is explained by."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from numerics.activation import activation
from numerics.array import FloatArray
from numerics.descent import Descent, descend
from numerics.milestones import descent_time, plateau_time
from numerics.network import Network
from numerics.observables import norms, order_parameters
from numerics.reduced import reduced_descent_time, reduced_order_parameters
from numerics.wasserstein import relative_wasserstein
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import chosen, runs
from verify.papers.multistage.experiments import WIDTH, Prediction, predicted_loss
from verify.papers.multistage.paper import paper
from verify.parameters import remembered

RATE = 0.01
"""Learning rate; the paper's own number is not known."""

_POINTS = 250


@remembered
def trained(seed: int, rate: float) -> Descent:
    """The network of Figure 1 by gradient descent, a little past T_2 + log m."""
    start = runs.initial(WIDTH, seed, 1)
    end = reduced_descent_time(*order_parameters(start), float(chosen.zeta)) + math.log(WIDTH) + 0.5
    network = Network(activation("tanh"), runs.dataset("line"))
    return descend(network, start, rate, math.ceil(end / rate), every=1)


def descent_check(prediction: Prediction) -> Check:
    """Loss and P of gradient descent against the reduced flow: 5/m as for the flow, and η for its own error."""

    def measure(context: Context) -> Measurement:
        fine, coarse = trained(context.seed, RATE), trained(context.seed, 2 * RATE)
        second = descent_time(fine, float(chosen.zeta))
        if fine.status != "ok" or coarse.status != "ok" or second is None:
            return Measurement((), remark="the run did not end as it should")
        times = np.linspace(0.0, second + math.log(WIDTH), _POINTS)
        curves, rough = _curves(fine, times), _curves(coarse, times)
        start = fine.state(0.0)
        reduced = reduced_order_parameters(*order_parameters(start), times)
        zero = float(0.5 * np.sum(fine.network.data.weights * fine.network.data.y**2))
        loss = prediction(*reduced, zero)
        found = []
        for name, expected in (("loss", loss), ("P", reduced[0])):
            # One halving of the step: what is left of the error is about as large as the change.
            error = float(np.max(np.abs(curves[name] - rough[name]))) / 10
            gap = float(np.max(np.abs(curves[name] - expected)))
            found.append(Comparison(f"max |{name} − {name} predicted|", gap, 0.0, 5.0 / WIDTH + RATE, error))
        return Measurement(found, figure=_panels(times, curves, loss, second))

    return simulation.compare(measure, quantity=f"gradient descent, m = {WIDTH}, η = {RATE}")


def _curves(run: Descent, times: FloatArray) -> dict[str, FloatArray]:
    states = [run.state(float(t)) for t in times]
    sizes = np.array([norms(state) for state in states])
    return {
        "loss": np.array([run.network.loss(state) for state in states]),
        "P": np.array([order_parameters(state)[0] for state in states]),
        "|a|": sizes[:, 0],
        "|w|": sizes[:, 1],
        "W": np.array([relative_wasserstein(state).weights for state in states]),
    }


def _panels(
    times: FloatArray, curves: dict[str, FloatArray], loss: FloatArray, second: float
) -> list[dict[str, Any]]:
    first = plateau_time(WIDTH, chosen.gamma(runs.ALPHA))

    def panel(title: str, ylabel: str, yscale: str, *drawn: tuple[str, FloatArray, str]) -> dict[str, Any]:
        return {
            "title": title,
            "xlabel": "η × step",
            "ylabel": ylabel,
            "xscale": "linear",
            "yscale": yscale,
            "series": [
                {"label": label, "x": times, "y": values, "style": "dashed" if i else "line", "role": role}
                for i, (label, values, role) in enumerate(drawn)
            ],
            "marks": [{"x": first, "label": "T₁"}, {"x": second, "label": "T₂"}],
        }

    return [
        panel(
            "Loss, by gradient descent",
            "R(θ)",
            "linear",
            ("gradient descent", curves["loss"], "simulated"),
            ("reduced flow", loss, "predicted"),
        ),
        panel(
            "Norms, by gradient descent",
            "norm",
            "log",
            ("‖a‖", curves["|a|"], "simulated"),
            ("‖w‖", curves["|w|"], "simulated"),
        ),
        panel(
            "Relative Wasserstein distance, by gradient descent",
            "W₂ / √(Σ a²/m)",
            "log",
            ("a against w", curves["W"], "simulated"),
        ),
    ]


def _wrong(factor: float, of_q: bool) -> Prediction:
    def prediction(P: FloatArray, Q: FloatArray, start: float) -> FloatArray:
        return start - (Q if of_q else P) + factor * P * P

    return prediction


_WRONG: tuple[tuple[str, str, Prediction, float], ...] = (
    ("square-doubled", "P²/2 replaced by P²", _wrong(1.0, False), 0.0),
    ("square-less", "P²/2 ten per cent smaller", _wrong(0.45, False), -0.55),
    ("loss-of-q", "P replaced by Q and P²/2 by P²/4", _wrong(0.25, True), -0.75),
)


def _witness(end: float) -> Callable[[], str | None]:
    def witness() -> str | None:
        P = 1 + runs.generated_overshoot(WIDTH, 0, "line")
        right = -P + P * P / 2
        if abs(end - right) < 0.03:
            return None
        return f"by the second route P ends at {P:.5f}, where R − R₀ is {right:+.3f} and not {end:+.3f}"

    return witness


paper.add(
    Claim(
        id="fig1.descent",
        paper=paper.name,
        title="The three stages by gradient descent",
        where="Figure 1; Appendix D",
        statement=(
            r"\max_n |R_n - (R_0 - P + \tfrac12 P^2)_{\mathrm{reduced}}(n\eta)| \le \tfrac5m + \eta,\quad "
            r"\max_n |P_n - P_{\mathrm{reduced}}(n\eta)| \le \tfrac5m + \eta"
        ),
        hypotheses=(
            rf"full network, $\tanh$, $m = {WIDTH}$, $\alpha = 1$, equidistant points, target $\sin x$",
            rf"gradient descent on all points, $\eta = {RATE}$ (chosen), up to $T_2 + \log m$",
        ),
        uses=("fig1", "gd.deviation"),
        basis="chosen",
        checks=(descent_check(predicted_loss),),
        mutants=lambda: [
            Mutant(
                name, words, r"R = R_0 + \dots: \text{" + words + "}", descent_check(wrong).run, _witness(end)
            )
            for name, words, wrong, end in _WRONG
        ],
        expected=Verdict.SUPPORTED,
    )
)
