"""Steps of a derivation that remember what they were made from, so that the derivation can be told in its order.

A step is made once for each object and kept. Whoever wants to know which steps a calculation used opens `noted()`
around it: the list it gives holds every step that was asked for, whether it was made anew or was there already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property, wraps
from typing import Any, Self, TypeVar, cast, overload

Value = TypeVar("Value")
Function = TypeVar("Function", bound=Callable[..., Any])

Used = tuple[Any, str]
"""An object and the name of one of its steps."""

_OPEN: ContextVar[list[Used] | None] = ContextVar("steps", default=None)
_SOURCES = "_made_from"


@contextmanager
def noted() -> Iterator[list[Used]]:
    """The steps that are asked for inside, in their order; those that these are made from are not among them."""
    used: list[Used] = []
    token = _OPEN.set(used)
    try:
        yield used
    finally:
        _OPEN.reset(token)


class step(cached_property[Value]):  # noqa: N801 — used as @step, as @cached_property is
    """A property that is calculated once, and noted whenever it is asked for."""

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Value: ...
    def __get__(self, instance: object | None, owner: type[Any] | None = None) -> Self | Value:
        if instance is None:
            return self
        assert self.attrname is not None
        outer = _OPEN.get()
        if outer is not None:
            outer.append((instance, self.attrname))
        if self.attrname in instance.__dict__:
            return cast(Value, instance.__dict__[self.attrname])
        with noted() as used:
            value = super().__get__(instance, owner)
        sources = instance.__dict__.setdefault(_SOURCES, {})
        sources[self.attrname] = tuple(_each_once(used))
        return value

    def __set__(self, instance: Any, value: Value) -> None:
        # A property that can be set would be read from the object directly, and not noted.
        raise AttributeError(f"the step {self.attrname!r} is derived and cannot be set")


def chain(used: Iterable[Used]) -> list[Used]:
    """These steps after all that they were made from, each once, in an order in which they can be made."""
    ordered: dict[tuple[int, str], Used] = {}

    def visit(one: Used) -> None:
        instance, name = one
        if (id(instance), name) not in ordered:
            for source in instance.__dict__.get(_SOURCES, {}).get(name, ()):
                visit(source)
            ordered[id(instance), name] = one

    for one in used:
        visit(one)
    return list(ordered.values())


def _each_once(used: Iterable[Used]) -> Iterator[Used]:
    # Objects are told apart as objects: comparing two derivations can take long.
    return iter({(id(instance), name): (instance, name) for instance, name in used}.values())


def meaning(instance: Any, name: str) -> str:
    """What a step is, in the first sentence of its documentation."""
    text = " ".join((getattr(type(instance), name).__doc__ or name).split())
    return text.replace("``", "`")


def kept(function: Function) -> Function:
    """Like functools.cache, but what a kept result was made from is noted again whenever it is used."""
    results: dict[Any, tuple[Any, list[Used]]] = {}

    @wraps(function)
    def wrapper(*args: Any) -> Any:
        if args not in results:
            with noted() as used:
                results[args] = (function(*args), list(used))
        value, used = results[args]
        outer = _OPEN.get()
        if outer is not None:
            outer += used
        return value

    return cast(Function, wrapper)
