"""Whom a text of the staff's group asks for, behind the words that ask; and whether it asks for a customer at all."""

import re
from dataclasses import dataclass

from bot.words import without_manners
from customers import names
from runtime.codes import folded
from runtime.language import LANGUAGES, hearing_words

LONGEST = 4
"""Words of a name; what is longer is talk."""
_LEADS = re.compile(
    r"(?:ลูกค้า|ชื่อเล่น|ชื่อ|เบอร์โทร|เบอร์|หมายเลข|เลขสมาชิก|รหัส|สมาชิก|คนชื่อ"
    r"|(?:customer|client|member|named|called|name|phone|number)(?![a-z]))[\s:]*",
    re.IGNORECASE,
)
"""What stands between the word that asks and whom it asks for."""
_TALK = re.compile(
    r"อะไร|ใคร|ไหน|ที่|ทาง|ไม่|ยัง|ให้|ได้|เจอ|ใน|จาก|อยู่|หมอ(?!ก)|แม่|พ่อ|หน่อย|ใหม่ๆ|(?:ของ|งาน|เงิน|ร้าน|เพิ่ม)(?:\s|$)"
    r"|(?:it|him|her|them|me|us|you|out|that|this|these|those|what|where|who|why|how|some\w*|any\w*)(?![a-z])"
    r"|(?:an?|the|my|an?other|your|our|if|for|in|on|to|up)\s",
    re.IGNORECASE,
)
"""How it begins what people look for who look for no customer."""


@dataclass(frozen=True)
class Sought:
    words: str
    """As they were written, without manners; empty where nothing stands there."""
    spellings: tuple[str, ...]
    """Names that may be meant, the likeliest first; none where it is no name."""
    talk: bool
    """Whether people say so of other things."""
    titled: bool
    """Whether a title stands before the name: คุณ, น้อง, Mr."""


def sought(text: str, phrase: str) -> Sought:
    said = folded(text)
    places = ((said.lower().find(word), -len(word)) for code in LANGUAGES for word in hearing_words(code)[phrase])
    place, length = min((one for one in places if one[0] >= 0), default=(0, 0))
    behind = said[place - length :]
    whole = _without_leads(behind)
    bare = without_manners(whole)
    spellings = tuple(dict.fromkeys(one for one in (whole.strip(), bare) if _is_name(one)))
    name = names.without_titles(bare)
    talk = _TALK.match(name) is not None or len(name.split()) > LONGEST
    titled = name != " ".join(bare.casefold().split())
    return Sought(bare, spellings if _is_name(name) else (), talk, titled)


def _without_leads(text: str) -> str:
    text = text.strip(" :-")
    while match := _LEADS.match(text):
        text = text[match.end() :].strip(" :-")
    return text


def _is_name(text: str) -> bool:
    """Whether it is enough to tell anybody by."""
    return sum(sign.isalpha() for sign in text) > 1 and not any(map(str.isdigit, text))
