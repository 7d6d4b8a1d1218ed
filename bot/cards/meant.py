"""What is asked where a sentence could be about several things: one button for each."""

from collections.abc import Mapping

from channels.line.messages import Choice
from channels.message import Action
from customers.branches import in_words
from models.clinic_words import Answer
from runtime.language import Language


def choices(t: Language, subjects: tuple[str, ...], answers: Mapping[str, Answer]) -> list[Choice]:
    """Buttons of the subjects that have one, in their order; of one that the clinic answers itself that answer's."""
    buttons = {
        "points": Choice(t("My points"), Action("points")),
        "expiry": Choice(t("My points"), Action("points")),
        "history": Choice(t("History"), Action("history")),
        "tiers": Choice(t("Tiers"), Action("tiers")),
        "achievements": Choice(t("Achievements"), Action("achievements")),
        "rewards": Choice(t("Rewards"), Action("rewards")),
        "redemptions": Choice(t("My rewards"), Action("redemptions")),
        "referral": Choice(t("Invite a friend"), Action("referrals")),
        "friend_code": Choice(t("I have a code"), Action("friend_code")),
        "checkin": Choice(t("Check in"), Action("check_in")),
        "review": Choice(t("Review my visit"), Action("review")),
        "birthday": Choice(t("Birthday"), Action("birthday")),
        "privacy": Choice(t("Privacy notice"), Action("notice")),
        "language": Choice(t("Language"), Action("languages")),
        "member_card": Choice(t("My card"), Action("card")),
        "hours": Choice(t("Clinic"), Action("clinic")),
        "contact": Choice(t("Clinic"), Action("clinic")),
        "appointments": Choice(t("Appointments"), Action("appointments")),
        "booking": Choice(t("Appointments"), Action("appointments")),
        "price": Choice(t("Prices"), Action("prices")),
        "join": Choice(t("Become a member"), Action("join")),
        "courses": Choice(t("My courses"), Action("courses")),
        "human": Choice(t("Talk to our team"), Action("human")),
        "settings": Choice(t("Message settings"), Action("message_settings")),
        "write_again": Choice(t("Message settings"), Action("message_settings")),
        "want_offers": Choice(t("Message settings"), Action("message_settings")),
        "stop_offers": Choice(t("Stop offers"), Action("stop_offers")),
        "stop_all": Choice(t("Stop all messages"), Action("stop_all")),
        "copy_data": Choice(t("A copy of my data"), Action("copy_data")),
        "correct_data": Choice(t("Correct my data"), Action("correct_data")),
        "delete_data": Choice(t("Erase my data"), Action("erase_data")),
    }
    buttons |= {
        subject: Choice(in_words(one.name, t.code), Action("answer", code=one.code)) for subject, one in answers.items()
    }
    return list(dict.fromkeys(buttons[subject] for subject in subjects if subject in buttons))
