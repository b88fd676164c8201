"""Grids of simulations that survive: planned from a TOML file, run anywhere, recorded one by one.

    plan = read_plan("descent.toml")
    summary = sweep(plan, "descent.sweep", jobs=2)
    export(plan, "descent.sweep", "descent.csv")

A run is known by its parameters and by the code that computes it. What is recorded is never run again; what was
interrupted, even by `kill -9`, is run when the same sweep is started the next time. A script that calls ``sweep``
without an executor needs the guard ``if __name__ == "__main__":``, because workers import it.
"""

from __future__ import annotations

from numerics.sweep.drive import Summary, sweep
from numerics.sweep.export import export
from numerics.sweep.grid import Plan, read_plan

__all__ = ["Plan", "Summary", "export", "read_plan", "sweep"]
