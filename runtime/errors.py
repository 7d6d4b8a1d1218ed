"""What the errors of every room have in common, so that whoever meets one knows what to do without knowing the room."""

from typing import Any


class NeverAgain(Exception):
    """The same work would end in the same way, so it is not tried again.

    The message is kept as the reason: it names what was wrong and quotes nothing that a person wrote.
    """


class TooEarly(Exception):
    """What the work is about is not known yet: it is tried again.

    The message is kept as the reason, as that of `NeverAgain` is.
    """


class Refused(Exception):
    """A rule said no: nothing was changed, and doing the same again changes nothing.

    `code` is stable: it is what others branch on. `facts` are what belongs to it, such as how many points are missing:
    values that JSON knows, or times; one that is None is left out. The message is for people.
    """

    code: str = "refused"

    def __init__(self, message: str, /, **facts: Any) -> None:
        super().__init__(message)
        self.facts = {name: value for name, value in facts.items() if value is not None}
