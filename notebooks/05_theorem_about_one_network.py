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
# # A theorem about one network
#
# Simulations have rounding errors. This notebook encloses the whole trajectory of one network in intervals that are
# proved to contain it: what comes out is a theorem about that network, and it can be written to a file which a small
# separate program checks again.

# %%
import tempfile
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, getcontext, localcontext
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from numerics import BallNetwork, enclose, generated, initial_weights
from numerics.balls.samples import of_dataset
from numerics.certificate.check import check_file
from numerics.integrate.crossing import descent_time
from numerics.integrate.export import write_certificate
from numerics.integrate.trends import increase
from numerics.reduced_balls import largest_gap

plt.style.use("lemmata.mplstyle")


def quotient(value, rounding):
    """The decimal next to an exact fraction on the side that `rounding` names."""
    getcontext().rounding = rounding
    return Decimal(value.numerator) / Decimal(value.denominator)


network = BallNetwork.named("tanh", of_dataset(generated(20, 1, "sin(x)")))
initial = initial_weights(seed=0, width=20, dim=1, scale=1e-3).tolist()
found = enclose(network, initial, until=12)
print(
    found.status,
    f"on [0, {float(found.reached)}] in {len(found.steps)} steps;",
    f"no weight is further than {found.largest_radius:.1e} from the centre",
)

# %% [markdown]
# ## The order parameter, as intervals
#
# Each value below is an interval which contains the true $P(t)$ for every $t$ of its slice. The second picture shows how wide the
# intervals are at single times.

# %%
edges = [Fraction(i, 8) for i in range(97)]
slices = [found.order_parameters(low, high)[0] for low, high in pairwise(edges)]
middle, half = np.array([(float(p.mid()), float(p.rad())) for p in slices]).T
points = [found.order_parameters(edge)[0] for edge in edges]

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
steps = np.array([float(edge) for edge in edges])
left.fill_between(steps[:-1], middle - half, middle + half, step="post", alpha=0.6)
left.set(xlabel="time of the gradient flow", ylabel="P", title="P stays inside the boxes")
right.semilogy(steps, [float(p.rad()) + 1e-18 for p in points])
right.set(xlabel="time of the gradient flow", ylabel="radius of P", title="How sharp it is")
plt.tight_layout()
plt.show()

# %% [markdown]
# ## When does it descend?
#
# The first time with $P \ge 0.9$ is bracketed: $P < 0.9$ is certified on everything before the bracket, and $P > 0.9$ at its end.

# %%
descent = descent_time(found, Fraction(1, 10))
print(descent.status)
with localcontext(prec=26):  # decimals of the exact binary fractions, rounded outward
    ends = zip(descent.bracket, (ROUND_FLOOR, ROUND_CEILING), strict=True)
    low, high = (quotient(end, rounding) for end, rounding in ends)
print(f"{low} ≤ T2\nT2 ≤ {high}")

# %% [markdown]
# ## Theory and network, with proof
#
# How far is the full network from the reduced $(P, Q)$ system on the whole interval? The reduced system has a closed solution, which
# balls evaluate; the largest distance over all times lies in this interval:

# %%
gap = largest_gap(found)
print(f"max |P_full − P_reduced| ∈ [{float(gap.low):.6f}, {float(gap.high):.6f}], 1/m = {1 / 20}")
print("P increases on [1, 8]:", increase(found, Fraction(1), Fraction(8)).status)

# %% [markdown]
# ## To be checked by somebody else
#
# The enclosure goes into a file: centres, radii, bounds. A checker that has no integrator and shares no code with it verifies
# that each step's tube contains the solution. It also notices when the file was tampered with.

# %%
folder = Path(tempfile.mkdtemp())
short = enclose(network, initial, until=3)
write_certificate(short, folder / "network.json")
print(f"{(folder / 'network.json').stat().st_size / 1e6:.2f} MB:", check_file(folder / "network.json"))

text = (folder / "network.json").read_text()
(folder / "altered.json").write_text(text.replace('"tanh"', '"arctan"'))
print("altered:", check_file(folder / "altered.json"))
