"""Search for counterexamples by Hypothesis: many cases drawn from a strategy, and a failing one made as small
as possible.

No case fails: SUPPORTED, with the number of cases that were actually evaluated. A case fails and is
confirmed: REFUTED, with the case in a form that can be pasted back. A failure that is not confirmed, or no
case at all, is UNDECIDED, and an exception in the predicate is an ERROR.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from verify.checks.guard import guarded, reason
from verify.checks.paste import pasted
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict

CASES: Mapping[str, int] = {"quick": 200, "standard": 2_000, "deep": 20_000}
"""Cases to draw, by effort."""


class _Falsified(Exception):
    """The property does not hold for the case at hand."""


class _Broken(Exception):
    """The predicate, or its confirmation, raised or did not answer True or False."""


@dataclass
class _Record:
    """What happened to the cases of one search; the last of a kind is the smallest, for Hypothesis replays it
    last."""

    held: int = 0
    closest: float | None = None
    closest_case: str = ""
    falsified: list[str] = field(default_factory=list)
    unconfirmed: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    code: str = ""


def property(
    strategy: Any,
    predicate: Callable[[Any], Any],
    *,
    confirm: Callable[[Any], Any] | None = None,
    cases: Mapping[str, int] | None = None,
    towards: Callable[[Any], Any] | None = None,
) -> Check:
    """Check that a predicate holds for what a strategy draws.

    Parameters
    ----------
    strategy
        A Hypothesis strategy, or a function without arguments that returns one.
    predicate
        Called with one case; returns True or False (anything else is an ERROR). ``hypothesis.assume`` rejects
        a case.
    confirm
        Called with a case for which the predicate is False; returns True when the property is false there by
        another, exact evaluation. A failure that it does not confirm does not count, and the search goes on.
        Without it the predicate itself is asked a second time.
    cases
        Number of cases by effort, instead of :data:`CASES`.
    towards
        Called with one case; a number that is the larger the closer the case is to a violation, such as the left side
        of a bound over its right side. The search then climbs, and reports how far it got. A value that is not finite
        says nothing.
    """
    wanted = dict(CASES if cases is None else cases)

    @guarded("search")
    def run(context: Context) -> Evidence:
        record = _Record()
        judge = _judge(predicate, confirm or _denied(predicate), record, towards)
        trouble = _search(strategy, judge, context, wanted, climbs=towards is not None)
        return _verdict(record, trouble, wanted[context.effort], confirm is not None)

    return Check("search", run)


def _denied(predicate: Callable[[Any], Any]) -> Callable[[Any], bool]:
    def confirm(case: Any) -> bool:
        return not _answer(predicate(case), "the predicate")

    return confirm


def _answer(value: Any, who: str) -> bool:
    """True or False, of Python, NumPy or SymPy. NaN and None are no answers, though Python has a truth value
    for them."""
    if isinstance(value, bool):
        return value
    if type(value).__name__ in ("bool_", "bool", "BooleanTrue", "BooleanFalse") and not getattr(
        value, "shape", ()
    ):
        return bool(value)
    raise TypeError(f"{who} returned {value!r}, and not True or False")


def _judge(
    predicate: Callable[[Any], Any],
    confirm: Callable[[Any], Any],
    record: _Record,
    towards: Callable[[Any], Any] | None,
) -> Callable[[Any], None]:
    from hypothesis import target
    from hypothesis.errors import UnsatisfiedAssumption

    def judge(case: Any) -> None:
        shown = repr(case)  # before the predicate can change the case
        try:
            holds = _answer(predicate(case), "the predicate")
            if towards is not None:
                reached = float(towards(case))
                if math.isfinite(reached):
                    target(reached)
                    if holds and (record.closest is None or reached > record.closest):
                        record.closest, record.closest_case = reached, shown
            if holds:
                record.held += 1
                return
            if not _answer(confirm(case), "the confirmation"):
                record.unconfirmed.append(shown)
                return
        except UnsatisfiedAssumption:
            raise
        except Exception as error:
            record.broken.append(f"{reason(error)}, for {shown}")
            raise _Broken from error
        record.falsified.append(shown)
        record.code = pasted(case)
        raise _Falsified

    return judge


def _search(
    strategy: Any,
    judge: Callable[[Any], None],
    context: Context,
    wanted: Mapping[str, int],
    *,
    climbs: bool,
) -> str:
    """Run Hypothesis; returns why it could not search properly, or an empty text."""
    import hypothesis
    from hypothesis import HealthCheck, Phase, Verbosity, errors
    from hypothesis.strategies import SearchStrategy

    drawn = strategy if isinstance(strategy, SearchStrategy) else strategy()
    if not isinstance(drawn, SearchStrategy):
        raise TypeError(f"a Hypothesis strategy was expected, not {drawn!r}")
    settings = hypothesis.settings(
        max_examples=wanted[context.effort],
        database=None,
        deadline=None,
        derandomize=False,  # the seed below decides everything
        phases=(Phase.generate, *([Phase.target] if climbs else []), Phase.shrink),
        # Slowness depends on the machine and says nothing of the property. The other health checks stay: they
        # report a strategy that hardly yields a case.
        suppress_health_check=(HealthCheck.too_slow,),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
    test = hypothesis.seed(context.seed)(settings(hypothesis.given(drawn)(judge)))
    try:
        with _no_borrowed_constants():
            test()
    except (_Falsified, _Broken):
        return ""
    except errors.Unsatisfiable:
        return "the strategy yields no case that satisfies its conditions"
    except errors.FailedHealthCheck as error:
        return f"the strategy hardly yields a case: {str(error).splitlines()[0]}"
    except errors.Flaky:
        return "the property gives different answers for the same case"
    return ""


@contextmanager
def _no_borrowed_constants() -> Iterator[None]:
    """Keep Hypothesis from trying the constants that stand in whatever modules happen to be loaded.

    Otherwise the cases would depend on what ran before in the same process, and not on the seed alone.
    There is no setting for it; a version of Hypothesis without this habit is left as it is.
    """
    from hypothesis.internal.conjecture import providers

    own: Any = getattr(providers, "_get_local_constants", None)
    if own is None:
        yield
        return
    library: Any = providers
    nothing = library.Constants()
    library._get_local_constants = lambda: nothing
    library.CONSTANTS_CACHE.cache.clear()
    try:
        yield
    finally:
        library._get_local_constants = own
        library.CONSTANTS_CACHE.cache.clear()


def _verdict(record: _Record, trouble: str, wanted: int, confirmed: bool) -> Evidence:
    data: dict[str, Any] = {"cases": record.held, "cases_wanted": wanted}
    if record.broken:
        return Evidence(Verdict.ERROR, "search", record.broken[-1], data)
    if trouble:
        return Evidence(Verdict.UNDECIDED, "search", f"{trouble} ({record.held} cases held)", data)
    if record.falsified:
        case = record.falsified[-1]
        how = "confirmed by another evaluation" if confirmed else "false when evaluated a second time as well"
        detail = f"false for {case}, the smallest failing case found; {how}"
        return Evidence(
            Verdict.REFUTED, "search", detail, data | {"counterexample": case, "code": record.code}
        )
    if record.unconfirmed:
        detail = (
            f"{len(record.unconfirmed)} cases failed and were not confirmed, "
            f"such as {record.unconfirmed[-1]}; {record.held} cases held"
        )
        return Evidence(Verdict.UNDECIDED, "search", detail, data | {"unconfirmed": record.unconfirmed[-1]})
    if not record.held:
        return Evidence(Verdict.UNDECIDED, "search", "no case was evaluated", data)
    if record.closest is not None:
        data |= {"closest": record.closest, "closest_case": record.closest_case}
    climbed = "" if record.closest is None else f"; the closest to a violation reaches {record.closest:.6g}"
    fewer = "" if record.held >= wanted else f" (of {wanted} asked for, the strategy gave no more)"
    return Evidence(
        Verdict.SUPPORTED, "search", f"{record.held} cases drawn{fewer}, none fails{climbed}", data
    )
