"""The page: documents on the left, the conversation, and on the right source and graph.

``build`` lays the page out and wires it; ``serve`` runs it until it is interrupted. Every part that
shows text is a ``gr.HTML`` whose template is ``${value}``: gradio hands the value to the template
as an argument. A Handlebars template (``{{value}}``) would be compiled into JavaScript source with
the value in it, so that a document could run code: never use one.
"""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from ui import render
from ui.events import PageEvents, Update
from ui.run import Run
from ui.server import STATIC, application, bind, run
from ui.source_view import EMPTY

if TYPE_CHECKING:
    from kgrag import KnowledgeBase

ANSWERS_AT_ONCE = 8
"""Questions answered at the same time; more wait in a queue and see that they do."""

WAITING_AT_MOST = 100

QUESTION_CHARS = 2000

_GRAPH = (Path(STATIC) / "graph.html").read_text("utf-8")
_GRAPH_JS = (Path(STATIC) / "graph.js").read_text("utf-8")
_PANEL_JS = (Path(STATIC) / "panel.js").read_text("utf-8")


def build(events: PageEvents) -> gr.Blocks:
    """Return the page over the library of ``events``."""
    blocks = gr.Blocks(
        title="kgrag", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    )
    with blocks:
        header = gr.HTML(events.header(), apply_default_css=False, js_on_load=None)
        with gr.Row(elem_id="kg-page"):
            with gr.Column(elem_id="kg-left"):
                files, status, documents = _documents_panel()
            with gr.Column(elem_id="kg-centre"):
                chat, box, fresh = _chat_panel()
            with gr.Column(elem_id="kg-right"):
                source, graph = _evidence_panel()
        turns, asked = gr.State([]), gr.State(None)
        _wire_documents(events, turns, (files, status, documents), (chat, source, graph))
        _wire_chat(events, (turns, asked), (chat, box, fresh), (source, graph))
        gr.on(
            [chat.click, source.click, graph.click],
            events.show,
            turns,
            [source, graph],
            concurrency_limit=ANSWERS_AT_ONCE,
            trigger_mode="always_last",
            **_QUIET,
        )
        blocks.load(events.load, turns, [documents, chat], **_QUIET)
        blocks.load(events.header, None, header, **_QUIET)
    blocks.queue(max_size=WAITING_AT_MOST, api_open=False)
    return blocks


def serve(knowledge_base: "KnowledgeBase", host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve the page until the process is interrupted.

    Raises
    ------
    ConfigError
        The host is not loopback (the page has no password yet), or the port cannot be used.
    """
    events = PageEvents(knowledge_base)
    with bind(host, port) as listener:
        threading.Thread(target=events.warm, daemon=True).start()
        run(application(build(events)), listener, before_shutdown=events.close)


_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Parts draw their own progress, and nothing of the page is an API for others."""

_IN_ORDER: dict[str, Any] = {"concurrency_limit": None, **_QUIET}
"""Through the queue, but without a wait: one stream brings these changes to the page, in the order
in which they were made. Outside the queue, an older one could overtake a newer one."""


def _documents_panel() -> tuple[gr.File, gr.HTML, gr.HTML]:
    gr.HTML("<h2>Documents</h2>", apply_default_css=False, js_on_load=None, elem_classes="kg-title")
    files = gr.File(
        file_count="multiple", show_label=False, height=80, elem_id="kg-drop", container=False
    )
    status = gr.HTML("", apply_default_css=False, js_on_load=_PANEL_JS, elem_id="kg-status")
    documents = gr.HTML(
        render.documents(()),
        apply_default_css=False,
        js_on_load=_PANEL_JS,
        elem_id="kg-documents",
        elem_classes="kg-scroll",
    )
    return files, status, documents


def _chat_panel() -> tuple[gr.HTML, gr.Textbox, gr.Button]:
    chat = gr.HTML(
        "",
        apply_default_css=False,
        js_on_load=_PANEL_JS,
        elem_id="kg-chat",
        elem_classes="kg-scroll",
    )
    box = gr.Textbox(
        placeholder="Ask about your documents",
        show_label=False,
        container=False,
        max_lines=6,
        max_length=QUESTION_CHARS,
        autofocus=True,
        submit_btn=True,
        elem_id="kg-ask",
    )
    fresh = gr.Button("New conversation", size="sm", elem_id="kg-fresh")
    return chat, box, fresh


def _evidence_panel() -> tuple[gr.HTML, gr.HTML]:
    with gr.Column(elem_id="kg-source-panel"):
        gr.HTML(
            "<h2>Source</h2>", apply_default_css=False, js_on_load=None, elem_classes="kg-title"
        )
        source = gr.HTML(
            EMPTY,
            apply_default_css=False,
            js_on_load=_PANEL_JS,
            elem_id="kg-source",
            elem_classes="kg-scroll",
        )
    with gr.Column(elem_id="kg-graph-panel"):
        graph = gr.HTML(
            "",
            html_template=_GRAPH,
            # Loaded before js_on_load runs; a script in the head of the page may come too late.
            head='<script src="/kgrag/cytoscape.min.js"></script>',
            apply_default_css=False,
            js_on_load=_GRAPH_JS,
            elem_id="kg-graph",
        )
    return source, graph


def _wire_documents(
    events: PageEvents,
    turns: gr.State,
    panel: tuple[gr.File, gr.HTML, gr.HTML],
    shown: tuple[gr.HTML, gr.HTML, gr.HTML],
) -> None:
    """Connect adding, opening and removing; both changes are written one at a time."""
    files, status, documents = panel
    chat, source, graph = shown
    added = files.upload(
        events.add, files, [status, files], concurrency_limit=1, concurrency_id="write", **_QUIET
    )
    changed = documents.click(
        events.change,
        turns,
        [status, source, graph],
        concurrency_limit=1,
        concurrency_id="write",
        **_QUIET,
    )
    for event in (added, changed):
        event.then(events.load, turns, [documents, chat], **_QUIET)


def _wire_chat(
    events: PageEvents,
    state: tuple[gr.State, gr.State],
    chat_panel: tuple[gr.HTML, gr.Textbox, gr.Button],
    shown: tuple[gr.HTML, gr.HTML],
) -> None:
    """Connect asking (typed, or an example), stopping, and beginning again."""
    turns, asked = state
    chat, box, fresh = chat_panel
    outputs = [chat, turns, *shown, box]

    def begin(question: str, last: Run | None) -> tuple[Update, Run]:
        question = question.strip()
        running = last is not None and not last.over()
        if running or not question:
            message = (
                "Please wait for the answer, or stop it." if running else "Please ask something."
            )
            raise gr.Error(message, print_exception=False)
        return gr.Textbox(value="", submit_btn=False, stop_btn=True), Run(question)

    def begin_example(last: Run | None, event: gr.EventData) -> tuple[Update, Run]:
        return begin(str(event._data["question"])[:QUESTION_CHARS], last)

    for begun in (
        box.submit(begin, [box, asked], [box, asked], **_IN_ORDER),
        chat.select(begin_example, asked, [box, asked], **_IN_ORDER),
    ):
        begun.success(
            events.ask,
            [asked, turns],
            outputs,
            concurrency_limit=ANSWERS_AT_ONCE,
            # By default the page drops a question while it has not heard the end of the last one.
            trigger_mode="multiple",
            **_QUIET,
        )
    box.stop(events.stop, [asked, turns], [chat, box], **_IN_ORDER)
    fresh.click(events.begin_again, asked, outputs, **_IN_ORDER)
