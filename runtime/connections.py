"""How many connections the web server holds at once, and the open files that this takes."""

import resource

CONNECTIONS = 16_384
"""Past so many, new ones wait at the door: whoever says nothing on one holds it for as long as they like."""
FILES = 20_000


def most_files() -> int:
    """How many files this account's processes may open if they ask."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return FILES if most == resource.RLIM_INFINITY else most


def allow() -> None:
    """Asks for as many as `CONNECTIONS` takes: most systems begin with 1,024 and allow more."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now != resource.RLIM_INFINITY and now < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, min(FILES, most_files())), most))
