"""Who asks, and about which library: what the routes depend on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import Depends, Path, Request

from indexes.accounts import User
from ui.rest.errors import ApiError
from ui.rest.service import Service

if TYPE_CHECKING:
    from kgrag import KnowledgeBase

T = TypeVar("T")


def service_of(request: Request) -> Service:
    """Return what the routes of the application share."""
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


def user_of(request: Request) -> User:
    """Return who asks, as the outermost layer has found out; nobody is served without."""
    user = getattr(request.state, "user", None)
    if not isinstance(user, User):
        raise ApiError(401, "not_logged_in", "Log in, or send a token.")
    return user


def admin_of(request: Request) -> User:
    """Return who asks, if that may change settings."""
    user = user_of(request)
    if not user.is_admin:
        raise ApiError(403, "not_allowed", "Only an administrator may do this.")
    return user


Shared = Annotated[Service, Depends(service_of)]
Asker = Annotated[User, Depends(user_of)]
Admin = Annotated[User, Depends(admin_of)]


class Chosen:
    """The library that a path names, for the user who asks; opened in a thread when first used."""

    def __init__(
        self,
        service: Shared,
        user: Asker,
        library: Annotated[str, Path(description='Its id, as in GET /api/libraries: "main"')],
    ) -> None:
        self.service, self.user, self.id = service, user, library

    def open(self) -> "KnowledgeBase":
        """Return it; to be called in a thread. Unknown and not yours are told in the same words."""
        return self.service.shelf.get(self.user, self.id)

    async def run(self, work: Callable[["KnowledgeBase"], T]) -> T:
        """Return what ``work`` makes of it."""
        return await self.service.run(lambda: work(self.open()))

    async def write(self, work: Callable[["KnowledgeBase"], T]) -> T:
        """Return what ``work`` makes of it, which changes it."""
        await self.service.run(self.open)
        return await self.service.write((self.user.id, self.id), lambda: work(self.open()))


Library = Annotated[Chosen, Depends()]
