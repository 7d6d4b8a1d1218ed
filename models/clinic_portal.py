"""Where a clinic's customers find their page in LINE. What is secret of it stands beside (`flask clinics secret`)."""

import re

from pydantic import field_validator, model_validator

from models.clinic_words import Section

_CHANNEL = re.compile(r"[0-9]{10}")
_LIFF = re.compile(r"[0-9]{10}-[A-Za-z0-9]{8}")
"""A LIFF app is called by its LINE Login channel and eight signs (developers.line.biz/en/docs/liff)."""


class Portal(Section):
    login_channel: str | None = None
    """The id of the clinic's LINE Login channel; None: the clinic has no page for its customers."""
    liff_id: str | None = None
    """Of the LIFF app in that channel, by which the page opens inside LINE."""

    @field_validator("login_channel")
    @classmethod
    def _a_channel(cls, given: str | None) -> str | None:
        if given is not None and not _CHANNEL.fullmatch(given):
            raise ValueError('write the channel ID of LINE Login, ten digits in quotation marks: "1650000000"')
        return given

    @field_validator("liff_id")
    @classmethod
    def _an_app(cls, given: str | None) -> str | None:
        if given is not None and not _LIFF.fullmatch(given):
            raise ValueError("write the LIFF ID as LINE shows it, such as 1650000000-AbCdEfGh")
        return given

    @model_validator(mode="after")
    def _whole(self) -> "Portal":
        if (self.login_channel is None) != (self.liff_id is None):
            raise ValueError("write both login_channel and liff_id, or neither")
        if self.liff_id is not None and self.liff_id.partition("-")[0] != self.login_channel:
            raise ValueError("liff_id begins with the id of another channel: make the LIFF app in login_channel")
        return self
