"""Why what somebody told was not taken down."""

from runtime.errors import Refused


class FactRefused(Refused):
    """It does not fit what was told before, or cannot be: nothing was changed. The message says what is wrong."""

    code = "fact_refused"
