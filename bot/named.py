"""Which of the clinic's services a text names: by their names in any language, or by what they are.

Names are the clinic's own, so nobody has listed them among the words that are known here. Letters are compared as in
sentences (`bot/understand.py`), Latin ones without spaces too: `hydra facial` is HydraFacial, and so is ไฮดราเฟเชียล,
because both are the same kind of treatment.
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.letters import Letters
from bot.slips import Slips, whole
from bot.understand import TREATMENT, Understanding
from models.branches import Service

LEAST = 4
"""Letters of a name, or of a word of one, that is found among others; shorter ones stand in too many."""


def services(offered: Sequence[Service], text: str, understanding: Understanding) -> tuple[list[Service], str]:
    """What the text names, in the clinic's order, and the text without the names; of two names, one in the other, the
    longer. Where no name stands in it, those of the same treatment, else those with one of its unknown words."""
    said = Letters.of(text).bare
    names = {name: one for one in offered for name in _names(one)}
    mended = Slips({name: one.code for name, one in names.items()}).mended(said)
    for letters in (said, mended or ""):
        found, rest = _cut(names, letters)
        if found:
            return [one for one in offered if one in found], rest
    alike = _alike(offered, understanding.kinds(text), understanding)
    if alike:
        return alike, said
    strange = [word for word in said.split() if len(word) >= LEAST and word.isascii() and not understanding.kinds(word)]
    found = [one for name, one in names.items() if any(word in name.split() for word in strange)]
    return [one for one in offered if one in found], " ".join(word for word in said.split() if word not in strange)


def _names(service: Service) -> Iterator[str]:
    for given in service.names.values():
        yield from dict.fromkeys((Letters.of(given).bare, Letters.of(given).bare.replace(" ", "")))


def _cut(names: Mapping[str, Service], said: str) -> tuple[list[Service], str]:
    """Those whose whole name stands there, and what is left of the text."""
    found = []
    for name in sorted(filter(None, names), key=len, reverse=True):
        squeezed, at = said.replace(" ", ""), said.find(name)
        if len(name) < LEAST and name != said:
            continue
        if at >= 0 and whole(said, at, at + len(name)):
            said = f"{said[:at]} {said[at + len(name) :]}"
        elif len(name) > LEAST and name in squeezed and name.isascii():
            said = squeezed.replace(name, " ", 1)
        else:
            continue
        found.append(names[name])
    return found, said


def _alike(offered: Sequence[Service], kinds: frozenset[str], understanding: Understanding) -> list[Service]:
    """Those that are most of the treatments among the kinds of a text's words."""
    wanted = {kind for kind in kinds if kind.startswith(TREATMENT)}
    if not wanted:
        return []
    shared = {one.code: len(wanted & understanding.kinds(" ".join(one.names.values()))) for one in offered}
    most = max(shared.values(), default=0)
    return [one for one in offered if most and shared[one.code] == most]
