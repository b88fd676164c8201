# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The three stages of a real network
#
# A thousand tanh neurons, sixty data points, weights of size $1/m$: the loss stands still, falls, and stands still again.
# The simulation below knows nothing of the theory: it is written by hand and differentiates nothing symbolically.

# %%
import matplotlib.pyplot as plt
import numpy as np

from numerics import (
    Network,
    descent_time,
    generated,
    initial_weights,
    norms,
    order_parameters,
    plateau_time,
    relative_wasserstein,
    secondary_time,
)
from numerics.activation import activation
from numerics.milestones import default_gamma
from numerics.reduced import reduced_order_parameters
from numerics.simulate import simulate

plt.style.use("lemmata.mplstyle")
width, alpha = 1000, 1.0
network = Network(activation("tanh"), generated(60, 1, "sin(x)"))
initial = initial_weights(seed=0, width=width, dim=1, scale=width**-alpha)
run = simulate(network, initial, until=40.0)
print(run.status, "after", run.end, "units of time")

# %% [markdown]
# ## Milestones
#
# $T_1 = \gamma\log m$ ends the initial plateau by definition, $T_2$ is the first time with $P \ge 0.9$, and $T_3$ is a time of order
# $m/\log m$ after it, far to the right of this picture: the second plateau is a long one.

# %%
first = plateau_time(width, default_gamma(alpha))
second = descent_time(run)
third = secondary_time(second, width)
print(f"T1 = {first:.2f}, T2 = {second:.3f}, T3 = {third:.0f}")

times = np.linspace(0, run.end, 400)
loss = run.series(network.loss, times)
figure, axes = plt.subplots()
axes.plot(times, loss)
for name, when in (("$T_1$", first), ("$T_2$", second)):
    axes.axvline(when, color="C5", linewidth=1, linestyle=":")
    axes.text(when + 0.3, 0.97, name, transform=axes.get_xaxis_transform(), va="top")
axes.set(xlabel="time of the gradient flow", ylabel="loss", title="Plateau, descent, plateau")
plt.show()

# %% [markdown]
# ## What the theory says about it
#
# The reduced system has two numbers, $P$ and $Q$, and needs only their initial values. Beside the full network:

# %%
P, Q = run.series(order_parameters, times).T
reduced_P, reduced_Q = reduced_order_parameters(P[0], Q[0], times)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
left.plot(times, P, label="P, full network")
left.plot(times, reduced_P, "--", label="P, reduced system")
left.set(xlabel="time of the gradient flow")
left.legend(loc="lower right")
right.semilogy(times[1:], np.abs(P - reduced_P)[1:])
right.axhline(1 / width, color="C5", linewidth=1, linestyle=":")
right.annotate("1/m", (0.02, 1 / width), xycoords=("axes fraction", "data"), va="bottom")
right.set(xlabel="time of the gradient flow", ylabel="|P − P reduced|", title="The distance is of order 1/m")
plt.tight_layout()
plt.show()
print(f"largest distance: {np.max(np.abs(P - reduced_P)):.2e}")

# %% [markdown]
# ## Neuron by neuron
#
# The loss hides what single weights do. On the first plateau they line up: $a_k \approx w_k$ for every neuron, which the
# relative Wasserstein distance between the two sets of weights measures.

# %%
chosen = [0.0, first, second]
figure, panels = plt.subplots(1, 3, figsize=(10, 3.4))
for axes, when, name in zip(panels, chosen, ("start", "$T_1$", "$T_2$"), strict=True):
    a, w = run.state(when).T
    axes.plot(w, a, ".", markersize=2.5)
    axes.set(title=name, xlabel="input weight", ylabel="output weight" if when == 0 else "")
    axes.ticklabel_format(style="sci", scilimits=(-2, 2))
plt.tight_layout()
plt.show()
for when in chosen:
    state = run.state(when)
    size_a, size_w = norms(state)
    distance = relative_wasserstein(state)[0]
    print(
        f"t = {when:6.3f}: norms {size_a:.3e} and {size_w:.3e}, relative Wasserstein distance {distance:.4f}"
    )
