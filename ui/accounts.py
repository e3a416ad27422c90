"""Logging in and out: who a request comes from, and how little a stranger learns by trying.

A wrong password and an unknown name are told in the same words, after the same work. Whoever keeps
failing is slowed by name and by address (``ui.slowing``). A login always makes a new session and
ends the one that the browser came with, so that nobody can be made to use a session that somebody
else knows. A session ends with its 30 days, with logging out, with a change of the password and
with the user.
"""

import ipaddress
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from indexes.accounts import AccountStore, User, key_of
from indexes.errors import AccountError
from indexes.passwords import hash_password, is_password, new_secret
from ui.slowing import Pace, Slowing

__all__ = ["LOCAL", "Accounts", "LoginError", "TooManyTriesError", "User"]

LOCAL = User("local", "", True)
"""Everybody on this machine, where there are no accounts."""

COOKIE = "kgrag_session"
SESSION_S = 30 * 24 * 3600
PER_NAME = Pace(free=5, longest_s=60.0)
"""A minute at the most: others who know a name must not be able to lock its owner out for long."""

PER_ADDRESS = Pace(free=20, longest_s=900.0)
"""More at first, for many may share an address."""


class LoginError(AccountError):
    """The name or the password is wrong."""


class TooManyTriesError(AccountError):
    """Too many wrong passwords; ``wait_s`` is when to try again."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"Too many wrong passwords. Try again in {wait_s} s.")
        self.wait_s = wait_s


class Accounts:
    """The users of this service, and who of them is asking; safe to share between threads."""

    def __init__(
        self,
        store: AccountStore,
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._now = now
        self._names = Slowing(PER_NAME, clock=clock)
        self._addresses = Slowing(PER_ADDRESS, clock=clock)
        self._nobody = hash_password(new_secret())
        store.forget_ended(now=now())

    @classmethod
    def open(cls, home: str | Path) -> Self:
        """Open the accounts in a folder; AccountError where there are none yet."""
        store = AccountStore.open(home, create=False)
        if not store.users():
            store.close()
            raise AccountError(
                f"Nobody could log in: there are no users in {home}. The first one is made by "
                f"kgrag user add NAME --admin --home {home}"
            )
        return cls(store)

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def log_in(self, name: str, password: str, address: str, *, before: str | None = None) -> str:
        """Return the secret of a new session; the one that the browser had ``before`` ends.

        Takes 0.1-0.2 s of a processor: call it in a thread.

        Raises
        ------
        LoginError
            The name or the password is wrong.
        TooManyTriesError
            Name or address have failed too often.
        """
        user, kept = self._checked(name, password, address)
        secret = new_secret()
        expires = self._now() + SESSION_S
        if not self.store.begin_session(user, kept, secret, expires=expires):
            raise LoginError("The password was changed at this moment. Log in with the new one.")
        if before is not None:
            self.log_out(before)
        self.store.forget_ended(now=self._now())
        return secret

    def log_out(self, secret: str) -> None:
        """End a session."""
        self.store.end_session(secret)

    def session_user(self, secret: str) -> User | None:
        """Return whose session it is; None where it has ended."""
        return self.store.session_user(secret, now=self._now())

    def token_user(self, token: str) -> User | None:
        """Return whose token it is."""
        return self.store.token_user(token)

    def change_password(self, user: User, old: str, new: str, address: str) -> None:
        """Keep another password, and end all of the user's sessions; raises like ``log_in``."""
        self._checked(user.name, old, address)
        self.store.set_password(user, hash_password(new))

    def _checked(self, name: str, password: str, address: str) -> tuple[User, str]:
        """Return the user and what is kept of the password, if it is the right one."""
        tried = ((self._names, key_of(name)[:200]), (self._addresses, _network(address)))
        wait = max(slowing.begin(key) for slowing, key in tried)
        if wait > 0:
            raise TooManyTriesError(math.ceil(wait))
        found = self.store.credentials(name)
        is_right = is_password(password, found[1] if found else self._nobody)
        if found is None or not is_right:
            raise LoginError("The name or the password is wrong.")
        for slowing, key in tried:
            slowing.succeed(key)
        return found


def _network(address: str) -> str:
    """Return whom an address stands for: of IPv6, a household has a whole network of 64 bits."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
