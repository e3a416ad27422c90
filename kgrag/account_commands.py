"""``kgrag user``: who may log in to a ``kgrag ui --accounts`` of this machine.

Whoever can write to the folder decides who is a user: there is no other administration. A password
is asked for on the terminal or read from standard input; as an argument it would stand in the
shell's history and in the list of processes. A running ``kgrag ui`` sees every change at once.
"""

import argparse
import getpass
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from indexes.errors import AccountError, StorageFullError

if TYPE_CHECKING:
    from indexes.accounts import AccountStore

Arguments = argparse.Namespace


def add(arguments: Arguments) -> int:
    """Add a user."""
    from indexes.passwords import hash_password

    with _open(arguments, create=True) as store:
        kept = hash_password(_new_password(arguments))
        user = store.add(arguments.name, kept, is_admin=arguments.admin)
    print(f"added {user.name}; start the page with: kgrag ui --accounts {arguments.home}")
    return 0


def list_users(arguments: Arguments) -> int:
    """List the users."""
    from kgrag.printing import print_json

    with _open(arguments) as store:
        users = store.users()
    if arguments.json:
        print_json([{"id": u.id, "name": u.name, "is_admin": u.is_admin} for u in users])
        return 0
    for user in users:
        print(f"{user.id}  {'admin' if user.is_admin else '     '}  {user.name}")
    return 0


def remove(arguments: Arguments) -> int:
    """Remove a user; the documents stay, unless they are to go too."""
    with _open(arguments) as store:
        user = store.get(arguments.name)
        store.remove(user)
    folder = Path(arguments.home).expanduser() / "users" / user.id
    print(f"removed {user.name}")
    if not folder.is_dir():
        return 0
    if not arguments.documents:
        print(f"the documents are still in {folder}; remove the folder when nobody needs them")
        return 0
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise StorageFullError(
            f"The user is removed, but not every document in {folder} ({error}). Delete the folder."
        ) from error
    print("removed the documents too")
    return 0


def password(arguments: Arguments) -> int:
    """Set a user's password, and log the user out everywhere."""
    from indexes.passwords import hash_password

    with _open(arguments) as store:
        user = store.get(arguments.name)
        store.set_password(user, hash_password(_new_password(arguments)))
    print(f"changed the password of {user.name}, who is logged out everywhere")
    return 0


def token(arguments: Arguments) -> int:
    """Make, list or revoke the tokens of a user's programs."""
    with _open(arguments) as store:
        user = store.get(arguments.name)
        if arguments.revoke:
            store.remove_token(user, arguments.revoke)
            print(f"revoked {arguments.revoke}")
        elif arguments.list:
            for known in store.tokens(user):
                print(f"{known.prefix}...  made {known.made}")
        else:
            made = store.make_token(user)
            print("shown this once; send it as Authorization: Bearer TOKEN", file=sys.stderr)
            print(made)
    return 0


def _new_password(arguments: Arguments) -> str:
    """Return the password that is typed twice, or the first line of standard input."""
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise AccountError(
            "There is no terminal to ask for the password. Say --password-stdin to have it read "
            "from standard input."
        )
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Once more: "):
        raise AccountError("The two passwords differ; nothing was changed. Try again.")
    return first


@contextmanager
def _open(arguments: Arguments, *, create: bool = False) -> Iterator["AccountStore"]:
    from indexes.accounts import AccountStore

    store = AccountStore.open(arguments.home, create=create)
    try:
        yield store
    finally:
        store.close()
