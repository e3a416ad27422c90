"""Which session of gradio belongs to whom.

gradio tells its sessions apart by a name that the browser chooses, and answers whoever says it.
Here the first user who says one owns it. Of each user the latest ``MOST_EACH`` are remembered: what
one user does pushes out nobody else's.
"""

from collections import OrderedDict

MOST_EACH = 2000
LONGEST_KEY = 64


class Holdings:
    """Names that belong to the first user who says them. Not for several threads."""

    def __init__(self, most_each: int = MOST_EACH) -> None:
        self._most_each = most_each
        self._owners: dict[str, str] = {}
        self._held: dict[str, OrderedDict[str, None]] = {}

    def claim(self, user_id: str, key: str) -> bool:
        """Return whether the key is the user's, be it from now on."""
        if len(key) > LONGEST_KEY or self._owners.setdefault(key, user_id) != user_id:
            return False
        held = self._held.setdefault(user_id, OrderedDict())
        held[key] = None
        held.move_to_end(key)
        if len(held) > self._most_each:
            oldest, _ = held.popitem(last=False)
            del self._owners[oldest]
        return True
