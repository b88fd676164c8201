"""The command `lemmata`. A command's own module is imported when that command is called, and not before."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Final, TextIO

import typer

from verify.commands.errors import Stopped, UsageError
from verify.origin import OriginError, check_origin

#: Set to 1 it shows the traceback of an error of ours.
TRACEBACK_VARIABLE: Final = "LEMMATA_TRACEBACK"

#: Each command: the module that has it as `run`, and its line in the list of commands.
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "list": ("verify.commands.list", "List the claims that can be checked."),
    "verify": ("verify.commands.verify", "Check claims, and write results.json and a page about them."),
    "mutate": ("verify.commands.mutate", "Check that false versions of the claims are caught."),
    "derive": ("verify.commands.derive", "Derive an equation from the model and print it."),
    "simulate": ("verify.commands.simulate", "Simulate the full network and compare it with the theory."),
    "sweep": ("verify.commands.sweep", "Run a grid of simulations, and keep what is done."),
    "report": ("verify.commands.report", "Make pages, a PDF or an archive of results; or repeat them."),
}

_ABOUT = (
    "Check theories of neural-network training: derive their dynamics, simulate the real network, compare."
)

BAD_INPUT: Final = 2
OUR_FAULT: Final = 3
INTERRUPTED: Final = 130
NOBODY_READS: Final = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 all as expected, 1 a verdict contradicts its
    expectation, 2 bad usage or input, 3 an unexpected UNDECIDED or ERROR, 130 interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _open_what_is_closed()
    _never_fail_to_print()
    try:
        check_origin()
    except OriginError as error:
        _say(str(error))
        return BAD_INPUT
    chosen = next((one for one in given if not one.startswith("-")), "")
    printed_to = sys.stdout
    try:
        status = _called(chosen, given)
        printed_to.flush()
        # The library takes the place of stdout when what reads it has left.
        return status if sys.stdout is printed_to else _nobody_reads(printed_to)
    except (Stopped, KeyboardInterrupt, typer.Abort) as stopped:
        _say(str(stopped) or "interrupted.")
        return INTERRUPTED
    except (BrokenPipeError, _ReaderLeft):
        return _nobody_reads(printed_to)
    except OSError as error:
        # Printing the help itself can fail too, on a full disk.
        _say(_os_words(error))
        return BAD_INPUT
    except Exception as error:
        return _failed(error)


def _called(chosen: str, given: list[str]) -> int:
    """Call the command and return its status."""
    from verify.commands.usage import CallError, sentence

    try:
        status = application(chosen)(args=given, prog_name="lemmata", standalone_mode=False)
    except SystemExit as leaving:
        status = leaving.code
    except CallError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error, file=sys.stderr)
        else:
            _say(sentence(error, given, chosen, list(COMMANDS)))
        return BAD_INPUT
    return status if isinstance(status, int) else 0


class _ReaderLeft(Exception):
    """What reads stdout has left, as in `lemmata list | head`: there is nobody to tell."""


def _nobody_reads(printed_to: TextIO) -> int:
    sys.stdout = printed_to
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return NOBODY_READS


def application(chosen: str = "") -> typer.Typer:
    """The whole command line. Only the chosen command is imported; of the others there are the name and a
    line."""
    app = typer.Typer(
        name="lemmata",
        help=_ABOUT,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_top)
    for name, (module, line) in COMMANDS.items():
        function = importlib.import_module(module).run if name == chosen else _not_imported
        app.command(name, help=None if name == chosen else line)(_announcing_interruption(function))
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        import importlib.metadata

        try:
            version = importlib.metadata.version("lemmata")
        except importlib.metadata.PackageNotFoundError:
            version = "(not installed)"
        typer.echo(f"lemmata {version}")
        raise typer.Exit


def _top(
    version: bool = typer.Option(
        False, "--version", help="Print the version and leave.", is_eager=True, callback=_print_version
    ),
) -> None:
    """The options that stand before a command."""


def _not_imported() -> None:
    raise AssertionError("this command was not chosen")


def _announcing_interruption(function: Callable[..., Any]) -> Callable[..., Any]:
    """Typer leaves without a word on Ctrl-C; we say that it was noticed."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except KeyboardInterrupt:
            raise Stopped("interrupted.") from None
        except BrokenPipeError:
            # As any other error of its kind the library would turn it into status 1.
            raise _ReaderLeft from None
        except OSError as error:
            raise UsageError(_os_words(error)) from error

    return run


def _os_words(error: OSError) -> str:
    what = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {what}." if error.filename is not None else f"{what}."


def _failed(error: Exception) -> int:
    if os.environ.get(TRACEBACK_VARIABLE) == "1":
        traceback.print_exception(error)
    if isinstance(error, _user_errors()):
        _say(" ".join(str(error).split()))
        return BAD_INPUT
    if isinstance(error, MemoryError):
        _say("there is not enough memory for this; ask for something smaller.")
        return BAD_INPUT
    said = " ".join(str(error).split())
    hint = f"run the same again with {TRACEBACK_VARIABLE}=1 to see where"
    _say(f"this is a bug of lemmata ({type(error).__name__}: {said}); {hint}.")
    return OUR_FAULT


def _user_errors() -> tuple[type[Exception], ...]:
    """The errors whose message is meant for the user. One that was raised comes from a module that was
    imported."""
    roots = (
        ("verify.claim", "PaperError"),
        ("theory.errors", "TheoryError"),
        ("numerics.errors", "InputError"),
        ("verify.report.reading", "ReportError"),
    )
    found = [getattr(sys.modules[module], name) for module, name in roots if module in sys.modules]
    return (UsageError, *found)


def _say(sentence: str) -> None:
    with contextlib.suppress(OSError):
        print(f"lemmata: {sentence}", file=sys.stderr, flush=True)


def _open_what_is_closed() -> None:
    """Give a standard stream that was closed (`lemmata list >&-`) the null device: else the next file that is
    opened would take its number, and the workers would inherit the gap."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is the one that was closed.
            opened = os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)
            os.set_inheritable(opened, True)
        if getattr(sys, name) is None:
            setattr(
                sys, name, os.fdopen(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)
            )


def _never_fail_to_print() -> None:
    """A terminal without some character gets a question mark rather than an exception."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
