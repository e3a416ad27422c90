"""Everything that is served on one port: the page in two languages, its files, and REST.

``serve`` reads top to bottom as ``kgrag ui``. Around all of it stands the guard (``ui.guard``), so
that nothing below can forget to ask who a request comes from.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import gradio as gr

from kgrag import KnowledgeBase
from kgrag.parts import Parts
from ui.accounts import Accounts
from ui.answering import Answering
from ui.app import build
from ui.events import PageEvents
from ui.guard import Guard
from ui.language import Welcome
from ui.limits import Limits
from ui.page_routes import RUSSIAN
from ui.rest.app import rest
from ui.serve_options import ServeOptions
from ui.server import bind, run
from ui.shelf import Shelf
from ui.words import STATIC, words

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from kgrag.settings import Settings

LANGUAGE_PATHS = (("ru", RUSSIAN), ("en", "/"))
"""What is mounted first is looked at first, and everything lies below "/"."""


def serve(settings: "Settings", library: "Path", options: ServeOptions) -> None:
    """Serve until the process is interrupted.

    Raises
    ------
    ConfigError
        The port cannot be used.
    AccountError
        With accounts: there are none yet.
    """
    with ExitStack() as stack:
        has_accounts = options.accounts is not None
        listener = stack.enter_context(bind(options.host, options.port, has_accounts=has_accounts))
        shelf = stack.enter_context(_shelf(settings, library, options))
        shelf.restore_model()
        accounts = None if options.accounts is None else Accounts.open(options.accounts)
        if accounts is not None:
            stack.callback(accounts.close)
        site = Site(shelf, accounts=accounts, options=options)
        threading.Thread(target=site.warm, daemon=True).start()
        run(site.application(), listener, options=options, before_shutdown=site.close)


@contextmanager
def _shelf(settings: "Settings", library: "Path", options: ServeOptions) -> Iterator[Shelf]:
    """Give the libraries: with accounts those of the users, without the one and its siblings."""
    if options.accounts is not None:
        parts = Parts(settings)
        shelf = Shelf(parts, options.accounts)
        try:
            yield shelf
        finally:
            shelf.close()
            parts.close()
        return
    with KnowledgeBase.open(library, settings) as first:
        shelf = Shelf.around(first)
        try:
            yield shelf
        finally:
            shelf.close()


class Site:
    """What is served over the libraries of a shelf; ``close`` ends what is going on."""

    def __init__(
        self,
        shelf: Shelf,
        *,
        accounts: Accounts | None = None,
        options: ServeOptions | None = None,
    ) -> None:
        self.shelf = shelf
        self._accounts = accounts
        self._options = options or ServeOptions()
        self._limits = Limits()
        self._rest = rest(shelf, self._limits)
        self.answering = Answering(self._rest.state.service.metrics)

    def application(self) -> "ASGIApp":
        """Return all of it behind the guard."""
        from fastapi.staticfiles import StaticFiles

        self._rest.mount("/kgrag", StaticFiles(directory=STATIC))
        for language, path in LANGUAGE_PATHS:
            say = words(language)
            events = PageEvents(self.shelf, say, self.answering, self._limits)
            _mount(self._rest, build(events, say), path)
        return Guard(
            Welcome(self._rest),
            accounts=self._accounts,
            limits=self._limits,
            options=self._options,
        )

    def warm(self) -> None:
        """Load what answers need while nobody waits."""
        self.answering.warm(self.shelf)

    def close(self) -> None:
        """Stop every answer, and begin no other."""
        self.answering.close()
        self._rest.state.service.close()


def _mount(app: "FastAPI", blocks: "gr.Blocks", path: str) -> None:
    """Put a page below a path, in kgrag's own look."""
    fonts = ("ui-sans-serif", "system-ui", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
    theme = gr.themes.Base(
        primary_hue="indigo", neutral_hue="slate", font=fonts, font_mono=("ui-monospace",)
    )
    gr.mount_gradio_app(
        app,
        blocks,
        path=path,
        theme=theme,
        css_paths=[STATIC / "style.css"],
        head='<script type="module" src="/kgrag/early.js"></script>',
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        ssr_mode=False,
    )
