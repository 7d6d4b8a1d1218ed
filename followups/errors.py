"""Why a rule or a text is refused.

FollowupError
├── UnknownKind      a type of rule that there is not
├── BadRule          a field that is not what the kind takes; `field` says which
├── UnknownVariable  a text that asks for what the kind does not know; `known` says what it does
├── UnknownTemplate  no text that rules share has this id
├── NameTaken        another text that rules share is called so
├── TemplateInUse    rules say it; `rules` names them
├── NothingToSay     the customer has nothing of which the rule would speak
├── TooMuchAhead     it cannot be looked through in the time that one answer has
├── NotOfTheStaff    a rule is tried on the clinic's own people only
├── NotSaid          nobody can have answered what was never said
└── NotThen          nobody can have answered at this time
"""

from runtime.errors import Refused


class FollowupError(Refused):
    """Base of this room's refusals: nothing was changed."""


class UnknownKind(FollowupError):
    code = "unknown_kind"

    def __init__(self, given: str, known: str) -> None:
        super().__init__(f"there is no kind of follow-up {given!r}; write one of {known}", known=known)


class BadRule(FollowupError):
    """`field`: as the API calls it."""

    code = "bad_rule"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"at {field}: {detail}", field=field)
        self.field, self.detail = field, detail


class UnknownVariable(FollowupError):
    code = "unknown_variable"

    def __init__(self, given: str, known: str) -> None:
        super().__init__(f"{{{given}}} stands for nothing here; there are {known}", known=known)


class UnknownTemplate(FollowupError):
    code = "unknown_template"

    def __init__(self) -> None:
        super().__init__("no text that rules share has this id")


class NameTaken(FollowupError):
    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"another text is called {name!r}")


class TemplateInUse(FollowupError):
    code = "template_in_use"

    def __init__(self, rules: dict[str, str]) -> None:
        """By id, their names."""
        super().__init__(f"it is said by {', '.join(rules.values())}", rules=list(rules))


class NothingToSay(FollowupError):
    code = "nothing_to_say"

    def __init__(self) -> None:
        super().__init__("the customer has nothing of which this rule speaks")


class TooMuchAhead(FollowupError):
    code = "too_much_ahead"

    def __init__(self) -> None:
        super().__init__("what is ahead of this rule could not be looked through in the time that one answer has")


class NotOfTheStaff(FollowupError):
    code = "not_of_the_staff"

    def __init__(self) -> None:
        super().__init__("the LINE account of this customer is nobody's who is in the staff's group")


class NotSaid(FollowupError):
    code = "not_said"

    def __init__(self, status: str) -> None:
        super().__init__(f"it was not said to the customer: it is {status}")


class NotThen(FollowupError):
    code = "not_then"

    def __init__(self, why: str) -> None:
        super().__init__(why, field="response.at")
