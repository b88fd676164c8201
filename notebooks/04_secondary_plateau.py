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
# # The secondary plateau has a clock of its own
#
# After the descent the loss seems to stand still. It does not: over times of order $m$ a slow flow goes on, and whether the
# plateau ever ends depends on the sign of one number, $\kappa$, made of the data and the activation.

# %%
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

import theory
from numerics import Network, descent_time, generated, initial_weights, norms
from numerics.activation import activation
from numerics.simulate import simulate
from numerics.slowflow import (
    moment_values,
    profile_of_draw,
    run_away_time,
    slow_rate,
    solve_slow_flow,
)

plt.style.use("lemmata.mplstyle")

# %% [markdown]
# ## Derived, not guessed
#
# On the plateau $\sum_k a_k w_k = 1$. Write $a_k = A_k/\sqrt m$, $w_k = B_k/\sqrt m$ and $\tau = t/m$, and let singular perturbation of
# the cubic flow do the rest: the fast direction holds the neurons on the surface $\langle AB\rangle = 1$, with a multiplier that
# follows from staying there.

# %%
flow = theory.slow_flow(1)
display(flow.closed.drift[0])
display(flow.energy)

# %% [markdown]
# The multiplier, and the number whose sign decides (with $M_4 = \int x^4\rho$, $F_3 = \int f^* x^3\rho$ and the cubic coefficient $c_3$ of
# the activation):

# %%
for line in flow.multiplier:
    display(sp.factor(line))

c3 = -1 / 3  # tanh
targets = {"sin(x)": generated(60, 1, "sin(x)"), "x + 0.3*x**3": generated(60, 1, "x + 0.3*x**3")}
for name, data in targets.items():
    print(f"target {name}: κ = {slow_rate(moment_values(data, c3)):+.4f}")

# %% [markdown]
# ## κ > 0: the norms part, and nothing else happens
#
# The full network of 800 neurons, followed over a time of $4m$, beside the slow flow started from the same draw.

# %%
width = 800
data = targets["x + 0.3*x**3"]
initial = initial_weights(0, width, 1, 1 / width)
run = simulate(Network(activation("tanh"), data), initial, until=12 + 4 * width, rtol=1e-8)
start = descent_time(run, zeta=0.5)

taus = np.linspace(0.02, 3.95, 120)
measured = [np.divide(*norms(run.state(start + tau * width))) for tau in taus]
predicted = solve_slow_flow(profile_of_draw(initial), taus, moment_values(data, c3)).norm_ratio

figure, axes = plt.subplots()
axes.plot(taus, predicted, label="slow flow")
axes.plot(taus[::6], measured[::6], "o", color="C1", markersize=4, label="full network")
axes.set(
    xlabel="slow time t/m", ylabel="‖a‖/‖w‖", title="κ > 0: output weights outgrow input weights, for ever"
)
axes.legend()
plt.show()
print(f"largest relative distance: {np.max(np.abs(np.array(measured) / predicted - 1)):.1e}")

# %% [markdown]
# ## κ < 0: the largest neuron runs away
#
# For the target $\sin x$ the slow flow blows up in finite time, driven by the single neuron with the largest start. That is how
# the plateau ends, at a time of order $m$ which differs from draw to draw.

# %%
data = targets["sin(x)"]
width = 300
network = Network(activation("tanh"), data)
figure, axes = plt.subplots()
for seed in range(4):
    initial = initial_weights(seed, width, 1, 1 / width)
    exit_time = run_away_time(initial, moment_values(data, c3))
    run = simulate(network, initial, until=12 + 1.35 * exit_time * width, rtol=1e-8)
    times = np.linspace(0, run.end, 500)
    axes.plot(times / width, run.series(network.loss, times), color=f"C{seed}", label=f"draw {seed}")
    axes.axvline(exit_time, color=f"C{seed}", linestyle=":", linewidth=1.2)
axes.set(
    xlabel="slow time t/m",
    ylabel="loss",
    yscale="log",
    title="κ < 0: dotted, the exit that the slow flow predicts",
)
axes.legend()
plt.show()
