"""Steps that remember what they were made from."""

from __future__ import annotations

import pytest

from theory import Derivation
from theory.noting import chain, kept, meaning, noted, step


class Cake:
    """Three steps in a row, and one aside."""

    made: int = 0

    @step
    def flour(self) -> int:
        """What it is made of."""
        return 1

    @step
    def dough(self) -> int:
        """Flour, kneaded
        twice, in ``water``."""
        self.made += 1
        return self.flour + 1

    @step
    def icing(self) -> int:
        return 10

    @step
    def cake(self) -> int:
        return self.dough + self.dough + self.icing


def names(used: list[tuple[object, str]]) -> list[str]:
    return [name for _, name in used]


def test_a_step_is_made_once_and_noted_every_time() -> None:
    one = Cake()
    with noted() as used:
        assert one.cake == 14
        assert one.cake == 14
    assert one.made == 1
    assert names(used) == ["cake", "cake"]
    assert names(chain(used)) == ["flour", "dough", "icing", "cake"]


def test_what_was_there_already_has_the_same_chain() -> None:
    one = Cake()
    assert one.cake == 14
    with noted() as used:
        assert one.cake == 14
    assert names(chain(used)) == ["flour", "dough", "icing", "cake"]


def test_nothing_is_noted_outside() -> None:
    one = Cake()
    with noted() as used:
        pass
    assert one.dough == 2
    assert used == []


def test_the_innermost_list_has_the_step() -> None:
    one = Cake()
    with noted() as outer:
        with noted() as inner:
            assert one.flour == 1
        assert one.icing == 10
    assert (names(inner), names(outer)) == (["flour"], ["icing"])


def test_steps_of_several_objects_are_one_chain() -> None:
    class Party:
        def __init__(self) -> None:
            self.cakes = (Cake(), Cake())

        @step
        def eaten(self) -> int:
            return self.cakes[0].dough + self.cakes[1].dough

    party = Party()
    with noted() as used:
        assert party.eaten == 4
    assert names(chain(used)) == ["flour", "dough", "flour", "dough", "eaten"]


def test_a_kept_result_tells_what_it_was_made_from_each_time() -> None:
    one = Cake()
    calls: list[int] = []

    @kept
    def baked(times: int) -> int:
        calls.append(times)
        return times * one.dough

    for _ in range(2):
        with noted() as used:
            assert baked(3) == 6
        assert names(used) == ["dough"]
    assert baked(4) == 8
    assert calls == [3, 4]


def test_a_step_that_fails_is_made_again() -> None:
    class Burnt:
        tries = 0

        @step
        def cake(self) -> int:
            self.tries += 1
            if self.tries == 1:
                raise ValueError("burnt")
            return self.tries

    one = Burnt()
    with pytest.raises(ValueError, match="burnt"):
        _ = one.cake
    with noted() as used:
        assert one.cake == 2
    assert names(used) == ["cake"]


def test_a_step_cannot_be_set() -> None:
    one = Cake()
    with pytest.raises(AttributeError, match="'cake' is derived"):
        one.cake = 3  # type: ignore[misc]


def test_the_meaning_of_a_step_is_its_documentation() -> None:
    assert meaning(Cake(), "dough") == "Flour, kneaded twice, in `water`."
    assert meaning(Cake(), "icing") == "icing"


def test_the_logistic_equation_is_told_from_the_network_on() -> None:
    derivation = Derivation(1)
    with noted() as used:
        _ = derivation.logistic
    told = names(chain(used))
    assert told[0] == "network"
    assert told[-1] == "logistic"
    order = ["network", "flow", "truncated", "leading_order", "reduced", "conserved", "logistic"]
    assert [name for name in told if name in order] == order
    assert all(meaning(derivation, name) != name for name in told)
