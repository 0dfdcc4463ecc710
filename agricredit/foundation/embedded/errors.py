"""What goes wrong with the embedded engines, as a sentence for the person at the terminal."""


class EmbeddedError(Exception):
    """The engines cannot run here; the text says why and what to do instead."""


def tail(path: str, lines: int = 12) -> str:
    """The last lines of an engine's log, indented, for the end of a message."""
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            last = log.readlines()[-lines:]
    except OSError:
        return ""
    return "".join(f"\n    {line.rstrip()}" for line in last)
