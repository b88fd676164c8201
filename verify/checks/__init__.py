"""The methods by which a claim is checked, one a file. Each has factory functions that return a ``Check``.

``symbolic``, ``enclosure`` and ``smt`` can prove; ``search``, ``scaling``, ``statistical`` and ``simulation`` can
support or refute. A method is imported when it is first asked for, because solvers and samplers are slow to import.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = ["symbolic", "enclosure", "smt", "search", "scaling", "statistical", "simulation"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"verify.checks.{name}")
    raise AttributeError(f"verify.checks has no method {name!r}; there are {', '.join(__all__)}")
