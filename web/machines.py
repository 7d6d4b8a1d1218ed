"""Who follows a link without a person: previews, scanners, prefetching browsers, programs; by how they ask.

Who pretends to be a browser is not found here; `followups/responses.py` looks at when they ask as well.
"""

import re

from werkzeug.datastructures import Headers

_AHEAD = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
"""By which browsers say that nobody has tapped yet: `prefetch`, `prerender`, `preview`
(https://wicg.github.io/nav-speculation/prefetch.html#sec-purpose-header)."""
_PROGRAMS = re.compile(
    # LINE's link preview calls itself `facebookexternalhit/1.1;line-poker/1.0`. Cubot makes phones.
    r"(?<!cu)bot\b|crawl|spider|slurp|preview|scanner|facebookexternalhit|facebot|line-poker|whatsapp/|embedly|"
    r"barracuda|proofpoint|mimecast|safelinks|urlscan|urldefense|virustotal|forcepoint|sophos|fireeye|trendmicro|"
    r"googleimageproxy|yahoomailproxy|headless|phantomjs|lighthouse|pingdom|uptime|"
    r"^(curl|wget|python|go-http-client|java|okhttp|axios|node|undici|ruby|php|perl|libwww|apache-httpclient)\b",
    re.IGNORECASE,
)


def is_machine(method: str, headers: Headers) -> bool:
    """Every browser says what it is: who does not is none."""
    agent = headers.get("User-Agent", "").strip()
    ahead = any(re.match(r"pre(fetch|render|view)", headers.get(name, ""), re.IGNORECASE) for name in _AHEAD)
    return method != "GET" or ahead or not agent or _PROGRAMS.search(agent) is not None
