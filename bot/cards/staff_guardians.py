"""What the staff's group is told of a guardian's consent."""

from collections.abc import Sequence

from bot.cards.staff_till import who_is
from bot.words import wording
from models.consents import GuardianConsent
from models.customers import Customer
from privacy import guardians
from runtime.language import Language


def recorded(t: Language, customer: Customer, made: GuardianConsent) -> str:
    said = t(
        "Recorded: a guardian agrees for {name} until {date}. What {name} has agreed to counts from now on.",
        name=who_is(t, customer), date=t.date(made.until),
    )  # fmt: skip
    return f"{said} {_end(t, made)}"


def standing(t: Language, customer: Customer, found: Sequence[GuardianConsent]) -> str:
    """Until when, and how it is ended; who the guardian is stays in the record."""
    if not found:
        none = t("No guardian has agreed for {name}.", name=who_is(t, customer))
        return f"{none} {how(t)}"
    lines = [
        t("A guardian agrees for {name} until {date}.", name=who_is(t, customer), date=t.date(one.until))
        for one in found
    ]
    return " ".join(f"{line} {_end(t, one)}" for line, one in zip(lines, found, strict=True))


def _end(t: Language, one: GuardianConsent) -> str:
    words = wording(t, "end_guardian", t("A7K2 {code}", code=guardians.short_of(one)))
    return t("To end it, a manager finds them and writes “{words}”.", words=words)


def how(t: Language) -> str:
    words = wording(t, "guardian", t("A7K2 2031-05-04 form Somsri, mother: folder 12"))
    return t(
        "A manager finds the person first, and writes the day of the 20th birthday, what the evidence is (form, in "
        "person, recorded), who the guardian is, and behind a colon where it is kept: “{words}”.",
        words=words,
    )


def refused(t: Language, code: str) -> str:
    reasons = {
        "of_age": t("They have said that they are 20 or older: nobody else answers for them."),
        "who_needed": t("Please write who the guardian is."),
        "end_date_wrong": t("Please write a day to come, no more than twenty years from now."),
    }
    return reasons.get(code, how(t))
