"""Icons, from the Lucide set: drawn into the page, so that they take the colour of the text and need no request."""

import re
from functools import cache

from markupsafe import Markup

_DRAWING = re.compile(r"<svg\b[^>]*>(?P<inside>.*)</svg>", re.DOTALL)


class NoSuchIcon(LookupError):
    """There is none of this name; https://lucide.dev/icons shows all."""


@cache
def icon(name: str) -> Markup:
    """`calendar-heart`, as SVG of the text's size and colour. It says nothing to who listens to the page: the words
    beside it do. Raises `NoSuchIcon`."""
    from lucide import lucide_icon  # it brings what reads addresses, which most processes never need

    drawn = lucide_icon(name)
    found = _DRAWING.search(drawn)
    if found is None or "data-missing-icon" in drawn:
        raise NoSuchIcon(name)
    inside = re.sub(r">\s+<", "><", found["inside"].strip())
    # The package's own file, read from the installed wheel: nothing of anybody's who asks is in it.
    return Markup('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(Markup(inside))  # noqa: S704
