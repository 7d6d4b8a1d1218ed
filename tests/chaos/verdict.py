"""What became of it all: who waited how long, how soon it was well again, and whether anything was lost or doubled."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.chaos.crowd import Answers, Crowd, Said
from tests.chaos.troubles import Trouble

LONGEST = 2.0
"""Seconds that nobody waits whom no trouble concerns."""
WELL = 3.0
"""Seconds without anybody who waits too long, after which it counts as recovered."""


@dataclass(frozen=True)
class Happened:
    """One trouble, as it was; `time.time()`."""

    trouble: Trouble
    person: str
    began: float
    ended: float

    @property
    def until(self) -> float:
        return self.ended + self.trouble.after


@dataclass(frozen=True)
class Wait:
    """One tap and its answer."""

    said: Said
    answered: float
    concerned: bool

    @property
    def seconds(self) -> float:
        return self.answered - self.said.at


def judged(all_said: Sequence[Said], answers: Answers, happened: Sequence[Happened]) -> list[Wait]:
    """The waits of all who were answered by their token; those whose words came as a push met a fault."""
    faulted: dict[str, list[float]] = {}
    for said in all_said:
        faulted.setdefault(said.person, []).extend(answers.faulted.get(said.token, ()))
    found = []
    for said in all_said:
        if accepted := answers.accepted.get(said.token):
            concerned = any(_concerns(one, said, min(accepted), faulted[said.person]) for one in happened)
            found.append(Wait(said, min(accepted), concerned))
    return found


def _concerns(one: Happened, said: Said, answered: float, faulted: Sequence[float]) -> bool:
    """Whether this trouble excuses the wait: it lay in its time, and was one for this person.

    Whose call to LINE hangs waits for it with all they say meanwhile: their answers leave in their order.
    """
    if said.at > one.until or answered < one.began:
        return False
    if one.trouble.whom == "called":
        return any(one.began <= at <= one.until for at in faulted)
    if one.trouble.whom == "underway":
        return said.at <= one.began
    return one.trouble.whom == "everybody" or (one.trouble.whom == "person" and one.person == said.person)


def recovery(kill: Happened, all_waits: Sequence[Wait]) -> float:
    """Seconds from the kill to the first tap after which nobody waits too long for a while."""
    late = [one.said.at for one in all_waits if one.said.at >= kill.began - LONGEST and one.seconds > LONGEST]
    well = kill.began
    for at in sorted(late):
        if at > well + WELL:
            break
        well = max(well, at)
    return max(0.0, well - kill.began)


def table(crowd: Crowd, happened: Sequence[Happened], found: Sequence[Wait]) -> list[str]:
    """One line a kind of trouble: how often, the waits while it lasted, and for kills the time to recover."""
    lines = [
        "| trouble | times | concerns | taps | median | p99 | longest | recovered after |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in sorted({one.trouble.name for one in happened}):
        those = [one for one in happened if one.trouble.name == name]
        meanwhile = sorted(
            one.seconds for one in found if any(each.began <= one.said.at <= each.until for each in those)
        )
        healed = max(recovery(one, found) for one in those)
        figures = _figures(meanwhile) if meanwhile else "- | - | -"
        shown = f"{healed:.1f} s" if those[0].trouble.kills else ""
        lines.append(f"| {name} | {len(those)} | {those[0].trouble.whom} | {len(meanwhile)} | {figures} | {shown} |")
    calm = sorted(one.seconds for one in found if not one.concerned)
    lines.append(f"| all whom nothing concerned | | | {len(calm)} | {_figures(calm)} | |")
    return lines


def _figures(ordered: Sequence[float]) -> str:
    slow = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]
    return f"{statistics.median(ordered):.2f} s | {slow:.2f} s | {ordered[-1]:.2f} s"


def wrong(crowd: Crowd, happened: Sequence[Happened], found: Sequence[Wait]) -> list[str]:
    """Each promise that was broken, in a sentence."""
    keys = {one.event_id for one in crowd.said}
    states = {str(key): str(state) for key, state in crowd.rows("SELECT event_key, state FROM inbox")}
    ends = Counter(states.get(key, "never stored") for key in keys)
    problems = [f"{count} events are {state}" for state, count in ends.items() if state != "done"]
    problems += _answers(crowd)
    booked = {str(key) for (key,) in crowd.rows("SELECT external_id FROM payments")}
    if lost := crowd.paid - booked:
        problems.append(f"{len(lost)} payments that were confirmed are not in the books")
    late = sorted((one for one in found if not one.concerned and one.seconds > LONGEST), key=lambda one: -one.seconds)
    if late:
        problems.append(f"{len(late)} people waited longer than {LONGEST:g} s though no trouble was theirs:")
        problems += [f"  {_story(one)}, {_nearest(one, happened)}" for one in late[:10]]
    return problems


def _answers(crowd: Crowd) -> list[str]:
    """One answer each: by the token, or as one push where the token had died before it could be used."""
    ends = {
        str(key): str(state)
        for key, state in crowd.rows(
            "SELECT event_key, reply.state FROM replies reply JOIN inbox ON inbox.id = reply.inbox_id"
        )
    }
    counted: Counter[str] = Counter()
    for one in crowd.said:
        accepted, end = len(crowd.answers.accepted.get(one.token, ())), ends.get(one.event_id, "missing")
        if (accepted, end) not in {(1, "sent"), (0, "pushed")}:
            counted[f"answers are {end} and were accepted {accepted} times by LINE"] += 1
    pushes = crowd.rows("SELECT id::text, state FROM sends WHERE reason = 'reply_expired'")
    for key, state in pushes:
        if state != "sent" or crowd.answers.pushed[key] != 1:
            counted[f"answers as a push are {state} and were accepted {crowd.answers.pushed[key]} times by LINE"] += 1
    if (instead := sum(end == "pushed" for end in ends.values())) != len(pushes):
        counted[f"answers should have gone as a push, and {len(pushes)} did"] = instead
    return [f"{count} {what}" for what, count in counted.items()]


def _story(one: Wait) -> str:
    """When, as the logs have it, and where the time went."""
    at = datetime.fromtimestamp(one.said.at, UTC)
    stored = (one.said.stored or one.answered) - one.said.at
    return f"{at:%H:%M:%S.%f} {one.seconds:.1f} s, stored after {stored:.1f} s at try {one.said.tries}"


def _nearest(one: Wait, happened: Sequence[Happened]) -> str:
    before = [each for each in happened if each.began <= one.answered]
    if not before:
        return "before any trouble"
    last = max(before, key=lambda each: each.began)
    return f"{one.said.at - last.began:+.1f} s from the beginning of: {last.trouble.name}"
