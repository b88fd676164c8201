"""What was wrong with how a command was called, in one sentence: where, what, and what to do instead.

The library that reads the command line raises an error of its own, which it would print over several lines.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any, Final

import typer

#: The library's errors about how something was called; its module has changed its place before.
CallError: Final[type[Exception]] = next(
    one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException"
)

#: What the library says of a value → what is asked for.
_ASKED: Final = (
    (r"valid integer", "it has to be a whole number"),
    (r"valid (number|float)", "it has to be a number"),
    (r"(?:greater than or equal to|x>=) ?([^ ,]+)", r"it has to be at least \1"),
    (r"(?:less than or equal to|x<=) ?([^ ,]+)", r"it has to be at most \1"),
    (r"greater than ([^ ,]+)", r"it has to be more than \1"),
    (r"less than ([^ ,]+)", r"it has to be less than \1"),
    (r"finite", "it has to be a finite number"),
)
_CHOICES: Final = re.compile(r"is not one of (.+?)\.?$")


def sentence(error: Exception, given: Sequence[str], command: str, commands: Sequence[str]) -> str:
    """One sentence about a ``CallError``.

    given: all that stood behind `lemmata`.   command: the command among it, "" where there is none.
    commands: those that there are.
    """
    called = f"lemmata {command}" if command in commands else "lemmata"
    if command and command not in commands:
        close = difflib.get_close_matches(command, commands, n=1, cutoff=0.6)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(commands)}."
        return f"there is no command {command!r}; {hint}"
    message = _flat(getattr(error, "message", "") or str(error))
    name = getattr(error, "option_name", None)
    param = getattr(error, "param", None)
    more = f"`{called} --help` says more."
    what = command or "lemmata itself"
    if type(error).__name__ == "NoSuchOption" and name:
        close = difflib.get_close_matches(name, _options(error), n=1, cutoff=0.7)
        hint = f"did you mean {close[0]}?" if close else f"`{called} --help` lists those that there are."
        return f"{what} has no option {name}; {hint}"
    if name and "requires" in message:
        return f"{name} needs a value after it; {more}"
    if name and "does not take a value" in message:
        return f"{name} takes no value; leave out what follows its =."
    if param is not None and type(error).__name__ == "MissingParameter":
        return _missing(what, param, more)
    if param is not None:
        return _bad_value(param, given, message, more)
    extra = re.search(r"unexpected extra argument\S* \((.+)\)", message)
    if extra is not None:
        return f"{what} cannot use {extra[1]!r}, and nothing was done; {more}"
    return f"{message[:1].lower()}{message[1:].rstrip('.')}; {more}"


def _missing(what: str, param: Any, more: str) -> str:
    name = str(param.metavar or param.name).upper() if not param.opts[0].startswith("-") else param.opts[0]
    means = _flat(getattr(param, "help", None) or "").rstrip(".")
    return f"{what} needs {name}" + (f" ({means[:1].lower()}{means[1:]}); {more}" if means else f"; {more}")


def _bad_value(param: Any, given: Sequence[str], message: str, more: str) -> str:
    option = next((one for one in param.opts if one.startswith("-")), None)
    name = option or str(param.metavar or param.name)
    value = _value_of([*param.opts, *param.secondary_opts], given) if option else None
    shown = name if value is None else f"{name} {value}"
    choices = _CHOICES.search(message)
    if choices is not None:
        listed = [one.strip(" '\"") for one in choices[1].split(",")]
        return f"{shown}: it is one of {', '.join(listed[:-1])} and {listed[-1]}."
    for pattern, words in _ASKED:
        found = re.search(pattern, message)
        if found is not None:
            return f"{shown}: {found.expand(words)}."
    return f"{shown}: {message[:1].lower()}{message[1:].rstrip('.')}; {more}"


def _value_of(names: Sequence[str], given: Sequence[str]) -> str | None:
    """What was given for an option, for the last time."""
    for place in range(len(given) - 1, -1, -1):
        option, equals, value = given[place].partition("=")
        if option in names:
            return value if equals else next(iter(given[place + 1 :]), None)
    return None


def _options(error: Exception) -> list[str]:
    """The options of the command at hand."""
    context = getattr(error, "ctx", None)
    listed = context.command.params if context is not None else ()
    names = [*(name for one in listed for name in [*one.opts, *one.secondary_opts]), "--help"]
    return [name for name in names if name.startswith("--")]


def _flat(text: str) -> str:
    return " ".join(text.split())
