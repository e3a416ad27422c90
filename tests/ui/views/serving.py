"""The views alone on a page of gradio, with the policy of the real one, over a scripted service."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from indexes.text import Language
from tests.ui.views.answers import Data
from tests.ui.views.service import routes
from ui.guard import HEADERS
from ui.views import VIEWS
from ui.words import STATIC, words

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NAVIGATION = """<script>
const kgShow = (view) => {
  document.body.dataset.view = view;
  for (const column of document.querySelectorAll(".kg-view")) {
    column.classList.toggle("kg-shown", column.id === `kg-view-${view}`);
  }
  window.dispatchEvent(new CustomEvent("kgrag:view", { detail: { view } }));
};
for (const name of ["read", "explore"]) {
  window.addEventListener(`kgrag:${name}`, () => kgShow(name));
}
</script>"""
"""What nav.js does for the views."""

_START_S = 30.0


@contextmanager
def views_page(data: Data) -> Iterator[str]:
    """Serve the views in English at /, in Russian at /ru; give the address."""
    with ThreadPoolExecutor(1) as pool:  # outside a running loop gradio makes loops
        app = pool.submit(asyncio.run, _application(data)).result()
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + _START_S
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(timeout=_START_S)


async def _application(data: Data) -> "ASGIApp":
    app = FastAPI(openapi_url=None)
    app.mount("/kgrag", StaticFiles(directory=STATIC))
    app.router.routes.extend(routes(data))
    languages: dict[str, Language] = {"/ru": "ru", "/": "en"}
    for path, language in languages.items():
        gr.mount_gradio_app(
            app,
            _page(language),
            path=path,
            head=_NAVIGATION,
            theme=gr.themes.Base(font=("system-ui", "sans-serif"), font_mono=("ui-monospace",)),
            css_paths=Path(STATIC) / "style.css",
            footer_links=[],
            ssr_mode=False,
        )
    return _guarded(app)


def _page(language: Language) -> gr.Blocks:
    blocks: gr.Blocks = gr.Blocks(analytics_enabled=False, fill_width=True)
    with blocks:
        for name, view in VIEWS.items():
            with gr.Column(elem_id=f"kg-view-{name}", elem_classes="kg-view"):
                view(words(language))
    return blocks


def _guarded(app: FastAPI) -> "ASGIApp":
    async def answer(scope: "Scope", receive: "Receive", send: "Send") -> None:
        async def send_guarded(message: "Message") -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS.items()]
            await send(message)

        await app(scope, receive, send_guarded)

    return answer
