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
# # Anatomy of a loss spike
#
# Training goes well, and then the loss jumps to many times its value and comes back. First a landscape in two variables in
# which that can be computed, then a network in which it is taken apart.

# %%
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

from numerics import llas as toy
from numerics.condensation import condensation, similarities
from numerics.fully_connected import FullyConnected
from numerics.shallow import Shallow, descend
from numerics.spike_anatomy import anatomy, frequency_parts, leading_eigenpairs
from numerics.spikes import detect
from theory import llas

plt.style.use("lemmata.mplstyle")

# %% [markdown]
# ## A valley that narrows as it descends
#
# $R = (\alpha x + \beta)\,y^2 - x + C$: along the axis $y = 0$ the risk falls with $x$ and the curvature across it grows. Gradient
# descent with learning rate $\eta$ depends on one parameter only, once it is written in $m$ ($\eta$ times the curvature) and $z = \alpha y^2$:

# %%
reduced = llas.reduced()
for name, after in zip(reduced.variables, reduced.images, strict=True):
    display(sp.Eq(sp.Function(str(name) + "'")(*reduced.variables), sp.factor(after), evaluate=False))

# %% [markdown]
# While $m < 2$ the valley is stable and $z$ shrinks to almost nothing; beyond, it grows by $|1-m|$ per step (squared, for $z$) until it is
# large enough to push $m$ back. An energy that is nearly conserved gives the size of the swing.

# %%
epsilon = 1e-3
orbit = toy.orbit(epsilon, 1.8, np.log(1e-2), 1200)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
left.plot(orbit.m)
left.axhline(2, color="C5", linestyle=":")
left.set(xlabel="step", ylabel="m = η · curvature", title="The curvature grows until it is too much")
right.plot(orbit.m, orbit.log_z)
right.plot(2, 0, "o", color="C1", markersize=5)
right.set(xlabel="m", ylabel="log z", title="An orbit winds around the point (2, 1)")
plt.tight_layout()
plt.show()

# %% [markdown]
# ## A network that spikes
#
# Fifty tanh neurons with biases learn $\sin x + \sin 4x$ at forty points, full batch, learning rate 0.1.

# %%
x = np.linspace(-np.pi, np.pi, 40)
model = Shallow(FullyConnected(x[:, None], np.sin(x) + np.sin(4 * x), (50,), "tanh", bias=True))
start = model.network.initial(0, bias_scale=1.0)
start[-1] = 0.0
rate = 0.1
run = descend(model, start, rate, 20_000)
calm = descend(model, start, rate / 2, 40_000)  # the same training time, without a spike
spikes = [s for s in detect(run.losses) if s.end is not None and s.start >= 100]
print(
    f"{len(spikes)} spikes at η = {rate}, {len([s for s in detect(calm.losses) if s.start >= 100])} at η = {rate / 2}"
)

figure, axes = plt.subplots(figsize=(10, 3.4))
axes.semilogy(np.arange(len(run.losses)) * rate, run.losses, linewidth=0.8, label=f"η = {rate}")
axes.semilogy(np.arange(len(calm.losses)) * rate / 2, calm.losses, linewidth=1.2, label=f"η = {rate / 2}")
axes.set(xlabel="training time (η × steps)", ylabel="loss")
axes.legend()
plt.show()

# %% [markdown]
# ## One spike, close up
#
# The loss and the largest eigenvalue of the Hessian through the largest spike of this run. The rise begins when $\lambda_{\max}$ has passed $2/\eta$,
# and ends when the flat region is found.

# %%
spike = max(spikes, key=lambda s: run.losses[s.peak] / run.losses[s.start])
margin = (spike.end - spike.start) // 2
steps = np.arange(max(spike.start - margin, 0), min(spike.end + margin, run.last))
looks = steps[:: max(len(steps) // 60, 1)]
sharpness = [model.largest_eigenvalue(run.state(int(step))) for step in looks]

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
left.semilogy(steps, run.losses[steps])
for name, step in (("start", spike.start), ("peak", spike.peak), ("end", spike.end)):
    left.axvline(step, color="C5", linestyle=":", linewidth=1)
    left.text(step, 1.02, name, transform=left.get_xaxis_transform(), ha="center", fontsize=9)
left.set(xlabel="step", ylabel="loss")
right.plot(looks, sharpness)
right.axhline(2 / rate, color="C1", linestyle="--", label="2/η")
right.set(xlabel="step", ylabel="$λ_{max}$")
right.legend()
plt.tight_layout()
plt.show()

found = anatomy(run, spike)
print(f"the loss rises {found.height:.0f}-fold")
print(
    f"growth per step along the first eigenvector: {found.growth.measured:.3f}; |1 − ηλ|: {found.growth.predicted:.3f}"
)
print(f"share of that direction in the gradient at the peak: {found.gradient_share:.3f}")
print(f"share of that direction in the displacement:         {found.deviation_share:.3f}")

# %% [markdown]
# ## By eigendirection, by frequency
#
# Where does the loss rise? Along the first eigendirection, and in the low frequencies of the output. The spike takes out again
# what it had put in.

# %%
theta_s, theta_p, theta_e = (run.state(step) for step in (spike.start, spike.peak, spike.end))
values, vectors = leading_eigenpairs(model, theta_s, 3)
reach = np.linspace(-1.5, 1.5, 121) * abs((theta_p - theta_s) @ vectors[:, 0])
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
for i in range(3):
    left.semilogy(
        reach,
        [model.loss(theta_s + r * vectors[:, i]) for r in reach],
        label=f"eigenvector {i + 1}, λ = {values[i]:.1f}",
    )
left.set(xlabel="distance from the start of the spike", ylabel="loss")
left.legend()
width = 0.27
for i, (name, theta) in enumerate((("start", theta_s), ("peak", theta_p), ("end", theta_e))):
    parts = frequency_parts(model.residual(theta))[:9]
    right.bar(np.arange(9) + (i - 1) * width, parts, width, label=name)
right.set(xlabel="frequency", ylabel="part of the loss", yscale="log", xticks=range(9))
right.legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# ## Do spikes make neurons alike?
#
# Cosines between the orientations $(w_j, b_j)$, neurons sorted by angle: at the start, at the end without spikes, and at the end with them.
# One run shows a picture, not a law: whether it holds over many starts is what the claims of this paper are about.

# %%
figure, panels = plt.subplots(1, 3, figsize=(10, 3.6))
states = {
    "start": start,
    f"end, η = {rate / 2}": calm.state(calm.last),
    f"end, η = {rate}": run.state(run.last),
}
for axes, (name, theta) in zip(panels, states.items(), strict=True):
    w, b, _, _ = model.parts(theta)
    order = np.argsort(np.mod(np.arctan2(b, w), np.pi))
    image = axes.imshow(np.abs(similarities(w[order], b[order])), vmin=0, vmax=1, cmap="viridis")
    axes.set(title=f"{name}\nmean |cos| {condensation(w, b):.3f}", xticks=[], yticks=[])
    axes.grid(False)
figure.colorbar(image, ax=panels, label="|cosine|", shrink=0.8)
plt.show()
