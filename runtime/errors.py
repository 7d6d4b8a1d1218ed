"""What every room's refusals have in common, so that whoever hears one can say what it is without knowing the room."""

from typing import Any


class Refused(Exception):
    """A rule said no: nothing was changed, and doing the same again changes nothing.

    `code` is stable: it is what others branch on. `facts` are what belongs to it, such as how many points are missing:
    values that JSON knows, or times; one that is None is left out. The message is for people.
    """

    code: str = "refused"

    def __init__(self, message: str, /, **facts: Any) -> None:
        super().__init__(message)
        self.facts = {name: value for name, value in facts.items() if value is not None}
