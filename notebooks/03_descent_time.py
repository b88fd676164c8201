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
# # How long until the loss falls?
#
# The descent time $T_2$ is the first time at which $P$ reaches $1-\zeta$. For widths $m$ and weights of size $m^{-\alpha}$ the theorem
# says $T_2 / \log(1/(\sqrt m\,\varepsilon)) \to 1$. That limit is reached slowly. A sharper statement gives the constant, the
# mean over draws and their scatter, and can be held against a thousand simulations.

# %%
import matplotlib.pyplot as plt
import numpy as np

from numerics import Network, descent_time, fit_logarithm, generated, initial_weights
from numerics.activation import activation
from numerics.simulate import default_horizon, simulate

plt.style.use("lemmata.mplstyle")
zeta, alpha = 0.1, 1.0
network = Network(activation("tanh"), generated(60, 1, "sin(x)"))


def predicted(m, alpha=alpha):
    """Mean of the descent time over draws, to order 1/m, without the cubic term of the activation."""
    scale = m**-alpha
    leading = 0.5 * (np.log(2 / (m * scale**2)) + np.log((1 - zeta) / zeta))
    return leading + 1 / (2 * m) - 0.5 * m ** (1 - 2 * alpha)


# %% [markdown]
# ## One network

# %%
width = 1000
scale = width**-alpha
run = simulate(network, initial_weights(0, width, 1, scale), until=default_horizon(width, scale, 1.0))
print(f"one draw at m = {width}: {descent_time(run):.4f}; mean predicted: {predicted(width):.4f}")

# %% [markdown]
# ## Widths from a hundred to a million
#
# A network of a million neurons is replaced by a few weighted representatives which have the moments of the actual draw;
# the distance between two such rules tells how good that is. That makes thirty draws of each width a matter of
# seconds.

# %%
widths = [100, 1000, 10_000, 100_000, 1_000_000]
draws = {100: 30, 1000: 30, 10_000: 20, 100_000: 10, 1_000_000: 3}
measured = {}
for m in widths:
    found = []
    for seed in range(draws[m]):
        start = initial_weights(seed, m, 1, m**-alpha)
        ending = default_horizon(m, m**-alpha, 1.0)
        found.append(
            descent_time(simulate(network, start, ending, neurons="auto" if m > 1000 else "all"), zeta)
        )
    measured[m] = np.array(found)
    mean, scatter = measured[m].mean(), measured[m].std(ddof=1)
    print(f"m = {m:>9,}: mean {mean:.4f} ({predicted(m):.4f}), scatter {scatter:.4f} ({(2 * m) ** -0.5:.4f})")
print("in brackets: predicted")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
line = np.geomspace(60, 2e6, 100)
left.semilogx(line, predicted(line), label="predicted mean")
left.semilogx(line, np.log(np.sqrt(line)), ":", color="C5", label="leading term alone")
left.semilogx(widths, [measured[m].mean() for m in widths], "o", color="C1", label="full network")
left.set(xlabel="width m", ylabel="$T_2$", title="The constant matters")
left.legend()
right.loglog(line, (2 * line) ** -0.5, label="predicted: $1/\\sqrt{2m}$")
right.loglog(widths, [measured[m].std(ddof=1) for m in widths], "o", color="C1", label="full network")
right.set(xlabel="width m", ylabel="scatter between draws", title="Wide networks agree with each other")
right.legend()
plt.tight_layout()
plt.show()

# %% [markdown]
# A fit to these means, with a term in $1/m$ for the narrow networks, gives the slope of $T_2$ against $\log m$ with its
# interval. The theorem's limit says $\alpha - \tfrac12 = \tfrac12$.

# %%
fit = fit_logarithm(widths, [measured[m].mean() for m in widths], corrected=True)
print(fit)

# %% [markdown]
# ## Against α
#
# Smaller initial weights make the plateau longer: $T_2$ grows with the exponent $\alpha$ linearly, with slope $\log m$.

# %%
alphas = np.linspace(0.6, 2.0, 8)
m = 1000
found = []
for exponent in alphas:
    scale = m**-exponent
    run = simulate(network, initial_weights(1, m, 1, scale), default_horizon(m, scale, 1.0))
    found.append(descent_time(run, zeta))
figure, axes = plt.subplots()
axes.plot(alphas, predicted(m, alphas), label="predicted mean")
axes.plot(alphas, found, "o", color="C1", label="full network, one draw")
axes.set(xlabel="α, weights of size $m^{-α}$", ylabel="$T_2$", title="m = 1000")
axes.legend()
plt.show()
slope = np.polyfit(alphas[alphas > 1], np.array(found)[alphas > 1], 1)[0]
print(f"slope above α = 1: {slope:.4f}, log m = {np.log(m):.4f}")
