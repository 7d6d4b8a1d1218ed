"""Why what somebody told was not taken down."""

from runtime.errors import Refused


class FactRefused(Refused):
    """It does not fit what was told before, or cannot be: nothing was changed. The message says what is wrong."""

    code = "fact_refused"


class Contradiction(FactRefused):
    """It contradicts itself, whatever else was told: such as an end before its beginning."""

    code = "contradiction"
