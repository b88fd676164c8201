"""Figure 1 once more, trained as in the paper: by gradient descent, beside the reduced flow it is explained by."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from numerics.array import FloatArray
from numerics.descent import Descent, descend
from numerics.milestones import descent_time, plateau_time
from numerics.observables import norms, order_parameters
from numerics.reduced import reduced_order_parameters
from numerics.wasserstein import relative_wasserstein
from verify.checks import simulation
from verify.checks.simulation import Comparison, Measurement
from verify.claim import Check, Claim, Mutant
from verify.context import Context
from verify.evidence import Verdict
from verify.papers.multistage import chosen, runs
from verify.papers.multistage.experiment_network import (
    LOSS_GAP,
    ORDER_GAP,
    FirstOrder,
    generated_end,
    horizon,
    lag,
    network,
    points,
)
from verify.papers.multistage.experiments import Prediction, predicted_loss
from verify.papers.multistage.paper import paper
from verify.parameters import remembered

_POINTS = 250


@remembered
def trained(seed: int, rate: float) -> Descent:
    """The network of Figure 1 by gradient descent, a little past T_2 + log m."""
    start = runs.initial(int(chosen.width), seed, 1)
    return descend(network(points("line")), start, rate, math.ceil(horizon(start) / rate), every=1)


def descent_check(prediction: Prediction) -> Check:
    """Loss and P of gradient descent against the reduced flow: first order in 1/m as for the flow, and in η."""

    def measure(context: Context) -> Measurement:
        rate = float(chosen.learning_rate)
        fine, coarse = trained(context.seed, rate), trained(context.seed, 2 * rate)
        second = descent_time(fine, float(chosen.zeta))
        start = fine.state(0.0)
        order = FirstOrder.of(points("line"), start)
        if fine.status != "ok" or coarse.status != "ok" or second is None or order is None:
            return Measurement((), remark="the run did not end as it should")
        m = len(start)
        times = np.linspace(0.0, min(second + math.log(m), fine.end), _POINTS)
        curves, rough = _curves(fine, times), _curves(coarse, times)
        reduced = reduced_order_parameters(*order_parameters(start), times)
        zero = float(0.5 * np.sum(fine.network.data.weights * fine.network.data.y**2))
        loss = prediction(*reduced, zero)
        found = []
        for name, expected, first in (("loss", loss, LOSS_GAP), ("P", reduced[0], ORDER_GAP)):
            # One halving of the step: what is left of the error is about as large as the change.
            error = float(np.max(np.abs(curves[name] - rough[name]))) / 10
            gap = float(np.max(np.abs(curves[name] - expected)))
            bound = order.largest(first) + order.room(first) + lag(start, rate, name == "loss")
            found.append(Comparison(f"max |{name} − {name} predicted|", gap, 0.0, bound, error))
        return Measurement(found, figure=_panels(times, curves, loss, second, m))

    return simulation.compare(measure, quantity="gradient descent through the three stages")


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
    times: FloatArray, curves: dict[str, FloatArray], loss: FloatArray, second: float, m: int
) -> list[dict[str, Any]]:
    first = plateau_time(m, chosen.gamma(runs.ALPHA))

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
        P = generated_end("line")
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
            r"\max_n |R_n - (R_0 - P + \tfrac12 P^2)_{\mathrm{reduced}}(n\eta)| \le "
            r"\tfrac54 \max_P|\delta_R| + \tfrac1{2m} + \max_P (1-P)\,\ell,\quad "
            r"\max_n |P_n - P_{\mathrm{reduced}}(n\eta)| \le "
            r"\tfrac54 \max_P|\delta_P| + \tfrac1{2m} + \max_P \ell,\quad "
            r"\ell = \tfrac32\,\eta\, P(1-P)\Bigl|\tfrac12\log\tfrac{P}{P_0} + \log(1-P)\Bigr|"
        ),
        hypotheses=(
            r"full network, $\sigma$ and $m$ as chosen, $\alpha = 1$, $f^{*}$ and $n$ equidistant points as chosen",
            r"gradient descent on all points, $\eta$ chosen, up to $T_2 + \log m$",
            r"$\delta_P$ and $\delta_R$ as in fig1; $P_0 = \tfrac12(P + Q)(0)$",
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
