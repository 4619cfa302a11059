"""The connections of a server: how many there may be, and which of them makes room for another."""

from collections import OrderedDict
from typing import Protocol


class Member(Protocol):
    """A connection."""

    def abort(self) -> None:
        """End at once, and leave."""
        ...


class Crowd:
    """One for a server. A member that is answered something is never asked to leave."""

    def __init__(self, most: int) -> None:
        """Have room for `most`."""
        self._most = most
        self._members = set[Member]()
        self._idle = OrderedDict[Member, None]()  # the one that has been idle for longest first

    def join(self, member: Member) -> None:
        """Take one in, which is idle; where there are too many, the one that has been idle for longest is aborted."""
        self._members.add(member)
        self.rest(member)
        if len(self._members) > self._most:
            next(iter(self._idle)).abort()  # at worst this one

    def leave(self, member: Member) -> None:
        """Forget one; it may have left before."""
        self._members.discard(member)
        self._idle.pop(member, None)

    def work(self, member: Member) -> None:
        """Note that one is answered something, or is about to be."""
        self._idle.pop(member, None)

    def rest(self, member: Member) -> None:
        """Note that one is idle, from now on if it was not."""
        if member in self._members:
            self._idle.setdefault(member)
