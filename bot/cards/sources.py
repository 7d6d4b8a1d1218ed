"""Who told a fact, as people call it: a source is a short word of our own, of a booking system, or of an API key."""

from runtime.language import Language


def named(t: Language, source: str) -> str:
    """A name that people know; of a source that a clinic has named itself, that."""
    known = {
        "till": t("the till"),
        "staff": t("the staff's group"),
        "line": t("the LINE chat"),
        "import": t("an imported file"),
        "standard": t("the booking system"),
        "calcom": "Cal.com",
        "calendly": "Calendly",
        "square": "Square",
    }
    return known.get(source, source)
