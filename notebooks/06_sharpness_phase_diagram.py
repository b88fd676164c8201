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
# # The phase diagram of early training
#
# Gradient descent with a learning rate $\eta = c/\lambda^H_0$, where $\lambda^H_0$ is the sharpness at the start. For small $c$ it follows the
# gradient flow. For larger $c$ the loss may rise at first, the sharpness may fall, or both may blow up and come back. Which
# of these happens depends on $c$, the depth and the width.

# %%
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

from numerics.fully_connected import FullyConnected
from numerics.phase_diagram import scan
from numerics.random_task import random_task
from numerics.training import Sharpness, train
from numerics.uv_critical import critical_constants
from numerics.uv_model import UVNetwork, descend_uv, gaussian_weights
from theory import uv

plt.style.use("lemmata.mplstyle")

# %% [markdown]
# ## A model that can be solved
#
# $f = x\,u\cdot v/\sqrt w$ on a single example with target $y$. One step of gradient descent in all $2w$ parameters closes exactly in two
# numbers: $g = \eta x f/\sqrt w$ and $k = \eta\lambda$, where $\lambda$ is the trace of the Hessian. This is derived for a symbolic width:

# %%
step = uv.dimensionless()
for name, after in zip(step.variables, step.images, strict=True):
    display(sp.Eq(sp.Function(str(name) + "'")(*step.variables), sp.expand(after), evaluate=False))

# %% [markdown]
# In $p = k+2g$ and $q = k-2g$ the step is a product:

# %%
factorised = uv.factorised()
for name, after in zip(factorised.variables, factorised.images, strict=True):
    display(sp.Eq(sp.Function(str(name) + "'")(*factorised.variables), sp.factor(after), evaluate=False))

# %% [markdown]
# ## Four ways to start
#
# The network below has all its parameters ($w = 64$, target 0), and knows nothing of the two equations above.

# %%
network = UVNetwork()
u, v = gaussian_weights(seed=3, draws=1, width=64)
start_sharpness = network.sharpness(u, v)[0]

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
for c in (1.5, 2.3, 3.2, 4.5):
    losses, sharpnesses = [], []
    for us, vs in descend_uv(network, u, v, c / start_sharpness, 30):
        loss = float(network.loss(us, vs)[0])
        if not loss < 1e6:
            break
        losses.append(loss)
        sharpnesses.append(float(network.sharpness(us, vs)[0] / start_sharpness))
    left.semilogy(losses, label=f"c = {c}")
    right.plot(sharpnesses, label=f"c = {c}")
left.set(xlabel="step", ylabel="loss", title="Loss", ylim=(1e-9, None))
right.set(xlabel="step", ylabel="$λ^H_t/λ^H_0$", title="Sharpness", ylim=(0, 2.2))
right.legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# ## Critical values against the width
#
# For each width, many draws: the smallest $c$ at which the loss rises within ten steps, at which the sharpness rises, and at
# which training diverges. The limits for wide networks are 2, 5/2 and 4. That the second is 5/2 is a correction: for the
# trace of the Hessian it would be 4, and the two are easily confused.

# %%
widths = [4, 8, 16, 32, 64, 128, 256]
draws = 40
names = {"loss": "loss rises", "sharpness": "sharpness rises", "divergence": "training diverges"}
critical = {watched: [] for watched in names}
for width in widths:
    us, vs = gaussian_weights(seed=0, draws=draws, width=width)
    for watched in names:
        steps = 100 if watched == "divergence" else 10
        found = critical_constants(network, us, vs, watched, steps=steps)
        critical[watched].append(np.nanmean(found))

figure, axes = plt.subplots()
inverse = 1 / np.array(widths)
for (watched, label), limit in zip(names.items(), (2, 2.5, 4), strict=True):
    (line,) = axes.plot(inverse, critical[watched], "o-", label=label)
    axes.axhline(limit, color=line.get_color(), linestyle=":", linewidth=1)
axes.set(
    xlabel="1/w", ylabel="c", title="uv model: mean critical values; dotted, the limits for wide networks"
)
axes.legend(loc="center left", bbox_to_anchor=(0.01, 0.62))
plt.show()

# %% [markdown]
# Between $c = 2$ and the lowest curve lies the phase of *sharpness reduction*: the loss falls although $c > 2$, and the sharpness falls
# with it. It opens as $1/w$ grows.
#
# ## A real network
#
# Fully connected relu networks with one and three hidden layers on a random classification task. The sharpness comes from
# Lanczos on exact products with the Hessian.

# %%
x, y = random_task(0)
table = []
for hidden in ((32,), (128,), (32, 32, 32), (128, 128, 128)):
    real = FullyConnected(x, y, hidden, "relu")
    result = scan(real, real.initial(0), spacing=0.2, horizon=30)
    table.append((hidden, result.c_loss, result.c_sharp, result.c_max))
for hidden, *values in table:
    shown = ", ".join(
        f"{name} {'-' if value is None else format(value, '.2f')}"
        for name, value in zip(("c_loss", "c_sharp", "c_max"), values, strict=True)
    )
    print(f"depth {len(hidden) + 1}, width {hidden[0]:>3}: {shown}")

# %% [markdown]
# Deeper and narrower networks tolerate larger learning rates before anything rises.
#
# ## Later: to the edge
#
# With a moderate learning rate the sharpness falls at first, saturates, and then grows until $\eta\lambda^H$ reaches 2. There it stays.

# %%
x, y = random_task(1, samples=64, inputs=8, outputs=3)
real = FullyConnected(x, y, (32, 32), "tanh")
initial = real.initial(1)
first = Sharpness(real)(initial)
rate = 1.0 / first
run = train(real, initial, rate, 3000, every=25, observables={"sharpness": Sharpness(real)})

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
left.plot(run.record_numbers, rate * np.array(run.records["sharpness"]))
left.axhline(2, color="C5", linestyle=":")
left.set(xlabel="step", ylabel="$ηλ^H$", title="Sharpness, in units of 1/η")
right.semilogy(run.record_numbers, run.records["loss"])
right.set(xlabel="step", ylabel="loss", title="Loss")
plt.tight_layout()
plt.show()
