"""Who is excused for waiting, and when it counts as well again: the judge is judged."""

import contextlib
import random
from collections.abc import Iterator

from tests.chaos.crowd import Answers, Said
from tests.chaos.troubles import Trouble, Whom
from tests.chaos.verdict import Happened, Wait, judged, recovery


@contextlib.contextmanager
def nothing(_chance: random.Random) -> Iterator[str]:
    yield ""


def happened(whom: Whom, began: float, ended: float, *, person: str = "", after: float = 0.0) -> Happened:
    return Happened(Trouble("trouble", whom, (1, 1), nothing, kills=True, after=after), person, began, ended)


def concerned(at: float, answered: float, one: Happened, *, faulted: bool = False) -> bool:
    answers = Answers()
    answers.accepted["token"] = [answered]
    if faulted:
        answers.faulted["earlier"] = [at + 1]
    talk = [Said("mali", "earlier", "first", at - 1), Said("mali", "token", "event", at)]
    return judged(talk, answers, [one])[-1].concerned


def test_a_trouble_excuses_those_who_wrote_or_waited_while_it_lasted() -> None:
    kill = happened("everybody", 10, 11, after=5)
    assert [concerned(at, at + 1, kill) for at in (8.9, 9.1, 15.9, 16.1)] == [False, True, True, False]


def test_a_locked_row_excuses_its_person_alone() -> None:
    assert concerned(10, 13, happened("person", 9, 12, person="mali"))
    assert not concerned(10, 13, happened("person", 9, 12, person="ken"))


def test_a_fault_of_line_excuses_the_person_whose_call_met_it() -> None:
    assert concerned(10, 13, happened("called", 9, 12), faulted=True)
    assert not concerned(10, 13, happened("called", 9, 12))


def test_a_killed_worker_excuses_who_had_written_and_was_not_answered() -> None:
    kill = happened("underway", 10, 10.5)
    assert [concerned(at, 13, kill) for at in (9.9, 10.1)] == [True, False]
    assert not concerned(8, 9.9, kill)


def test_what_concerns_nobody_excuses_nobody() -> None:
    assert not concerned(10, 13, happened("nobody", 9, 14))


def test_it_is_well_again_after_the_last_who_waited_too_long() -> None:
    kill = happened("everybody", 10, 11)

    def wait(at: float, seconds: float) -> Wait:
        return Wait(Said("mali", "token", "event", at), at + seconds, concerned=True)

    assert recovery(kill, [wait(10.5, 3), wait(11.5, 2.5), wait(12.5, 0.1), wait(40, 9)]) == 1.5
    assert recovery(kill, [wait(10.5, 0.2)]) == 0.0
