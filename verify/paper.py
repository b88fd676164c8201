"""A paper: its claims in the order in which they are stated, added by what they are.

A method of `Paper` imports the check behind it only when it is called, so that a listing stays quick.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from verify import stating
from verify.claim import Check, Claim, Mutant, PaperError, no_mutants
from verify.context import Context
from verify.entry import Entry, check_entries, read_entries, with_own_claims
from verify.evidence import METHODS, Evidence, Verdict
from verify.parameters import AnyParameter, Choice, Parameter, Settings, exact_bound

Mutants = Sequence[Mutant] | Callable[[], Sequence[Mutant]]
Value = TypeVar("Value")
CheckFunction = TypeVar("CheckFunction", bound=Callable[..., Evidence])

#: What every method that adds a claim takes by keyword.
_ABOUT = frozenset(
    {"title", "where", "hypotheses", "uses", "basis", "expected", "expected_reason", "mutants", "shares"}
)
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PACKAGE = Path(__file__).resolve().parent


class Paper:
    """The claims of one paper.

    Paper("On toys") takes its name, which is the first part of every full id, from the title ("on-toys");
    Paper("toys", title="On toys") has both. Iterating gives the claims in the order in which they were added, and
    paper["eq7"] is the claim with that id. Every method that adds a claim takes by keyword: title, where,
    hypotheses, uses, basis, expected, expected_reason, shares and mutants (by hand: a sequence of Mutant, or a
    function that makes it; where mutants come by themselves these are added to them).

    PaperError without a title, and for a name with other characters than lower-case letters, digits and '-'.
    """

    def __init__(self, name_or_title: str, *, title: str | None = None, reference: str = "") -> None:
        if not isinstance(name_or_title, str) or not name_or_title.strip():
            raise PaperError("a paper needs a title.")
        if title is None:
            title = name_or_title.strip()
            name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "paper"
        else:
            name = name_or_title
        if not _NAME.fullmatch(name):
            raise PaperError(
                f"{name!r} is not a paper's name: use lower-case letters and digits, with '-' between."
            )
        self.name = name
        self.title = title
        self.reference = reference
        self._claims: dict[str, Claim] = {}
        self._entries: list[Entry] = []
        self._map_files: tuple[Path, ...] = ()
        self.parameters: dict[str, AnyParameter] = {}

    def __repr__(self) -> str:
        return f"Paper({self.name!r}, title={self.title!r}, claims={len(self)})"

    def __iter__(self) -> Iterator[Claim]:
        return iter(self._claims.values())

    def __len__(self) -> int:
        return len(self._claims)

    def __contains__(self, id: object) -> bool:
        return id in self._claims

    def __getitem__(self, id: str) -> Claim:
        try:
            return self._claims[id.removeprefix(f"{self.name}.")]
        except KeyError:
            raise PaperError(f"the paper {self.name!r} has no claim {id!r}.") from None

    def add(self, claim: Claim) -> Claim:
        """Add a claim that was built by hand. PaperError when its id is taken or it names another paper."""
        if claim.paper != self.name:
            raise PaperError(
                f"claim {claim.id!r} belongs to the paper {claim.paper!r}, not to {self.name!r}."
            )
        if claim.id in self._claims:
            raise PaperError(f"the paper {self.name!r} has two claims with the id {claim.id!r}.")
        if not claim.source:
            object.__setattr__(claim, "source", _calling_file())
        self._claims[claim.id] = claim
        return claim

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The map: what the paper states under each of its numbers, and which claims look at it (`verify.entry`).

        Read from its files when it is first asked for. PaperError when the map names what is not there.
        """
        if self._map_files:
            entries = [*self._entries, *read_entries(self._map_files)]
            check_entries(self.name, entries, self._claims)
            self._entries, self._map_files = entries, ()
        return with_own_claims(self._entries, self._claims)

    def map(self, *entries: Entry | str | Path) -> None:
        """Add entries to the map, or TOML files that have them; a file is read when `entries` is first asked for."""
        self._entries += [one for one in entries if isinstance(one, Entry)]
        self._map_files += tuple(Path(one) for one in entries if not isinstance(one, Entry))

    def parameter(
        self,
        name: str,
        default: object,
        *,
        between: tuple[object, object] = (None, None),
        whole: bool = False,
        symbol: str = "",
        meaning: str,
    ) -> Parameter:
        """A constant that was chosen and that a user may change (`verify.parameters`); its value is exact.

        between: the ends of what it may be, None for no end; they are outside of it, except for whole numbers.
        symbol:  LaTeX; meaning: one sentence. PaperError for a name that is taken or no name, and for a default that
        is outside.
        """
        self._refuse_parameter(name)
        value = exact_bound(default)
        if value is None:
            raise PaperError(f"the parameter {name!r} needs a default.")
        low, high = (exact_bound(end) for end in between)
        made = Parameter(self.name, name, value, meaning, symbol or name, low, high, whole)
        self.parameters[name] = made
        return made

    def choice(
        self,
        name: str,
        default: str,
        *,
        of: Callable[[str], Value],
        allowed: str,
        symbol: str = "",
        meaning: str,
    ) -> Choice[Value]:
        """Something chosen that is no number and that a user may change, given as text: an activation, a target.

        of: turns the text into what it stands for, and raises ValueError with a sentence for a text that cannot be
        used; `verify.parameters.one_of("this", "that")` takes some words only. allowed: what it may be, in words
        after "it is". PaperError for a name that is taken or no name, and for a default that `of` refuses.
        """
        self._refuse_parameter(name)
        made = Choice(self.name, name, default, meaning, symbol or name, of, allowed)
        self.parameters[name] = made
        return made

    def _values(self) -> tuple[object, ...]:
        """The parameters as they are now; no reading is noted."""
        return tuple(one.kept for one in self.parameters.values())

    def _refuse_parameter(self, name: object) -> None:
        if not isinstance(name, str) or not _PARAMETER.fullmatch(name):
            raise PaperError(f"{name!r} is not a parameter's name: use letters, digits and '_'.")
        if name in self.parameters:
            raise PaperError(f"the paper {self.name!r} has two parameters {name!r}.")

    def use(self, settings: Settings) -> None:
        """Give the parameters these values, and all others their defaults. PaperError for one that is not there."""
        for name in settings:
            if name not in self.parameters:
                raise PaperError(f"the paper {self.name!r} has no parameter {name!r}.")
        for name, one in self.parameters.items():
            one.use(settings.get(name, one.default))

    def identity(
        self,
        id: str,
        lhs: Any,
        rhs: Any,
        *,
        aligned: bool = True,
        statement: str | Callable[..., str] | None = None,
        **about: Any,
    ) -> Claim:
        """lhs = rhs for all values of its symbols.

        Both sides are expressions, or sequences or mappings of them to be compared entry by entry, or functions
        without arguments that return those: a slow derivation then runs in the worker, not when the paper is
        loaded, and has to make the same each time. aligned: the hypotheses include M₂ = I and z = e₁.

        statement: a function that takes both sides as they are compared, and prints them (`stating.named` makes such
        functions); without one the equation itself is printed, with what its symbols assume. A text, or a function
        that takes nothing, is a statement typeset by hand, and the report says so.

        TheoryError for two symbols that are printed alike; in a function's result the check finds them.
        """
        from verify.checks import symbolic
        from verify.sides import steady, told_apart

        _refuse_others(id, about)
        lhs, rhs = told_apart(*(steady(side, self._values) for side in (lhs, rhs)))
        check = functools.partial(symbolic.identity, aligned=aligned)

        def generated() -> Sequence[Mutant]:
            from verify.mutants import of_identity
            from verify.witness import identity_witness

            return of_identity(lhs, rhs, check, functools.partial(identity_witness, aligned=aligned))

        made = check(lhs, rhs)
        return self._add_checked(
            id, (made,), _statement(made, statement, stating.equation_latex), generated, about
        )

    def inequality(
        self,
        id: str,
        relation: Any,
        *,
        over: Mapping[Any, Any] | None = None,
        assuming: Sequence[Any] = (),
        by: str = "smt",
        statement: str | Callable[..., str] | None = None,
        **about: Any,
    ) -> Claim:
        """A relation, or a function that returns it, for all values of its symbols in the box `over` =
        {symbol: (low, high)} where the relations in `assuming` hold.

        by: "smt", the solver, for rational functions on any box; "enclosure", ball arithmetic, for exp, sin, tanh
        and the like as well, on a finite box.
        statement: as for `identity`, with a function that takes the relation, `over` and `assuming`
        (`stating.implication` makes such functions).

        PaperError for another `by` or an `over` that is no mapping, TheoryError for two symbols that are printed alike
        or bounds that leave nothing.
        """
        from verify.checks import enclosure, smt
        from verify.sides import steady

        _refuse_others(id, about)
        relation = steady(relation, self._values)
        if not isinstance(over, Mapping | None):
            raise PaperError(
                f"claim {id!r}: over maps symbols to their bounds, as in {{x: (0, 1)}}; {over!r} does not."
            )
        if by not in ("smt", "enclosure"):
            raise PaperError(f"claim {id!r}: an inequality is checked by smt or by enclosure, not by {by!r}.")

        def check_of(relation: Any, over: Any, assuming: Sequence[Any]) -> Check:
            if by == "enclosure":
                return enclosure.inequality(relation, over or {}, assuming)
            return smt.inequality(relation, over, assuming)

        def generated() -> Sequence[Mutant]:
            from verify.mutants import of_inequality

            return of_inequality(relation, over, assuming, check_of, show=_relation_alone(stated))

        check = check_of(relation, over, assuming)
        stated = _statement(check, statement, stating.relation_latex)
        return self._add_checked(id, (check,), stated, generated, about)

    def property(
        self,
        id: str,
        strategy: Any,
        predicate: Callable[..., Any],
        *,
        confirm: Callable[..., Any] | None = None,
        statement: str | Callable[[], str] = "",
        **about: Any,
    ) -> Claim:
        """`predicate` holds for everything that the Hypothesis `strategy` can draw; a counterexample counts once
        `confirm` (by default the predicate itself) agrees. Further options are those of `checks.search.property`."""
        from verify.checks import search

        check = search.property(strategy, predicate, confirm=confirm, **_others(about))
        return self._add_checked(id, (check,), statement, no_mutants, about)

    def law(
        self,
        id: str,
        measure: Callable[..., Any],
        *,
        over: Any,
        exponent: Any,
        constant: Any = None,
        statement: str | Callable[[], str] = "",
        **about: Any,
    ) -> Claim:
        """`measure` grows like constant · size**exponent over the sizes in `over`. Further options are those of
        `checks.scaling.law`."""
        from verify.checks import scaling

        check = scaling.law(measure, over=over, exponent=exponent, constant=constant, **_others(about))
        return self._add_checked(id, (check,), statement, no_mutants, about)

    def checked(
        self, id: str, *checks: Check, statement: str | Callable[[], str] = "", **about: Any
    ) -> Claim:
        """A claim by checks that are already made, of any methods."""
        _refuse_others(id, about)
        return self._add_checked(id, checks, statement, no_mutants, about)

    def claim(
        self, id: str, *, method: str, statement: str | Callable[[], str] = "", **about: Any
    ) -> Callable[[CheckFunction], CheckFunction]:
        """Decorate a function that returns Evidence of this method; it takes the Context, or nothing.

        The title defaults to the first line of the function's docstring.
        """
        _refuse_others(id, about)

        def decorate(function: CheckFunction) -> CheckFunction:
            takes_context = bool(inspect.signature(function).parameters)

            def run(context: Context) -> Evidence:
                return function(context) if takes_context else function()

            if not about.get("title"):
                about["title"] = (
                    (inspect.getdoc(function) or function.__name__).strip().splitlines()[0].rstrip(".")
                )
            self._add_checked(id, (Check(method, run),), statement, no_mutants, about)
            return function

        return decorate

    def validate(self) -> None:
        """PaperError when a claim uses an id that the paper does not have, or when claims rest on each other
        in a circle. Loading a paper calls this, as a claim may use one that is stated after it."""
        for claim in self:
            for used in claim.uses:
                if used not in self._claims:
                    raise PaperError(
                        f"claim {claim.id!r} of the paper {self.name!r} uses {used!r}, which it has not."
                    )
        finished: set[str] = set()
        for start in self._claims:
            self._walk(start, [], finished)
        if not self._map_files:
            check_entries(self.name, self._entries, self._claims)

    def _walk(self, id: str, path: list[str], finished: set[str]) -> None:
        if id in path:
            circle = " → ".join([*path[path.index(id) :], id])
            raise PaperError(f"claims of the paper {self.name!r} rest on each other in a circle: {circle}.")
        if id not in finished:
            for used in self._claims[id].uses:
                self._walk(used, [*path, id], finished)
            finished.add(id)

    def _add_checked(
        self,
        id: str,
        checks: tuple[Check, ...],
        statement: str | Callable[[], str],
        generated: Callable[[], Sequence[Mutant]],
        about: Mapping[str, Any],
    ) -> Claim:
        fields = {name: value for name, value in about.items() if name in _ABOUT}
        fields["title"] = about.get("title") or id
        fields["mutants"] = _joined(generated, about.get("mutants"))
        if "expected" not in fields:
            proves = any(Verdict.PROVED in METHODS[check.method] for check in checks)
            fields["expected"] = Verdict.PROVED if proves else Verdict.SUPPORTED
        return self.add(Claim(id=id, paper=self.name, statement=statement, checks=checks, **fields))


def _statement(
    check: Check, given: str | Callable[..., str] | None, usual: Callable[..., str]
) -> str | Callable[[], str]:
    """A statement as it was given; one that takes what is compared is printed from what this check compares."""
    if isinstance(given, str) or (callable(given) and not _takes_something(given)):
        return given
    assert check.compared is not None
    return stating.Printed(check.compared, given or usual)


def _relation_alone(stated: Any) -> Callable[[Any], str] | None:
    """Prints a changed relation as the claim's statement is printed; none for a statement by hand."""
    return (lambda relation: stated.show(relation, {}, ())) if isinstance(stated, stating.Printed) else None


def _takes_something(function: Callable[..., Any]) -> bool:
    given = inspect.signature(function).parameters.values()
    return any(one.default is one.empty or one.kind is one.VAR_POSITIONAL for one in given)


def _others(about: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are not about the claim but about its check."""
    return {name: value for name, value in about.items() if name not in _ABOUT}


def _refuse_others(id: str, about: Mapping[str, Any]) -> None:
    """PaperError for an argument that nothing would read."""
    for name in _others(about):
        raise PaperError(f"claim {id!r} knows no argument {name!r}; there are {', '.join(sorted(_ABOUT))}.")


def _joined(
    generated: Callable[[], Sequence[Mutant]], by_hand: Mutants | None
) -> Callable[[], Sequence[Mutant]]:
    """Mutants that come by themselves, then those by hand."""
    if by_hand is None:
        return generated

    def both() -> Sequence[Mutant]:
        added = by_hand() if callable(by_hand) else by_hand
        return (*generated(), *added)

    return both


def _calling_file() -> str:
    """The file that is adding a claim: relative to the project for its own files, else the bare file name."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    path = Path(frame.f_code.co_filename)
    try:
        return path.resolve().relative_to(_PACKAGE.parent).as_posix()
    except ValueError:
        return path.name
