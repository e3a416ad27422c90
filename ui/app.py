"""The page: documents on the left, the conversation, source and graph; and the other views.

``build`` lays the page out in one language and wires it. Every part that shows text is a
``gr.HTML`` whose template is ``${value}``: gradio hands the value to the template as an argument. A
Handlebars template (``{{value}}``) would be compiled into JavaScript source with the value in it,
so that a document could run code: never use one. The other views (``ui.views``) and the panel of
documents live in the browser and speak REST.
"""

from typing import Any

import gradio as gr

from ui import views
from ui.events import Open, PageEvents, Update
from ui.run import Run
from ui.source_view import empty
from ui.words import STATIC, Words

ANSWERS_AT_ONCE = 32
"""Questions answered at the same time; more wait in a queue and see that they do."""

WAITING_AT_MOST = 100

QUESTION_CHARS = 2000

_PANEL_JS = (STATIC / "panel.js").read_text("utf-8")


def build(events: PageEvents, say: Words) -> gr.Blocks:
    """Return the page in the language of ``say``."""
    blocks = gr.Blocks(
        title="kgrag", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    )
    with blocks:
        header = _module("nav", say, elem_id="kg-header", draws_itself=False)
        with gr.Row(elem_id="kg-view-chat", elem_classes=["kg-view", "kg-shown"]):
            with gr.Column(elem_id="kg-left"):
                documents = _module("documents", say, elem_id="kg-documents")
            with gr.Column(elem_id="kg-centre"):
                chat, box = _chat_panel(say)
                tools = _module("chat_tools", say, elem_id="kg-tools")
            with gr.Column(elem_id="kg-right"):
                source, graph = _evidence_panel(say)
        for name, view in views.VIEWS.items():
            with gr.Column(elem_id=f"kg-view-{name}", elem_classes="kg-view"):
                view(say)
        opened, asked = gr.State(Open()), gr.State(None)
        outputs = [chat, opened, source, graph, box]
        header.select(events.choose, asked, [header, *outputs], **_QUIET)
        header.edit(events.load, opened, [header, chat], **_QUIET)
        # Documents came or went: the first words of a conversation offer other questions.
        documents.edit(events.load, opened, [header, chat], **_QUIET)
        documents.select(events.resume, [asked, opened], outputs, **_QUIET)
        tools.clear(events.begin_again, [asked, opened], outputs, **_IN_ORDER)
        _wire_chat(say, events, (opened, asked), (chat, box), outputs)
        gr.on(
            [chat.click, source.click, graph.click, documents.click],
            events.show,
            opened,
            [source, graph],
            concurrency_limit=ANSWERS_AT_ONCE,
            trigger_mode="always_last",
            **_QUIET,
        )
        blocks.load(events.load, opened, [header, chat], **_QUIET)
    blocks.queue(max_size=WAITING_AT_MOST, api_open=False)
    return blocks


_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Parts draw their own progress, and nothing of the page is an API for others."""

_IN_ORDER: dict[str, Any] = {"concurrency_limit": None, **_QUIET}
"""Through the queue, but without a wait: one stream brings these changes to the page, in the order
in which they were made. Outside the queue, an older one could overtake a newer one."""


def _module(
    name: str, say: Words, *, elem_id: str, draws_itself: bool = True, head: str | None = None
) -> gr.HTML:
    """Return a part that ``static/NAME.js`` brings to life, and fills if it ``draws_itself``."""
    parts = f'{{element, props, trigger, watch, language: "{say.language}"}}'
    return gr.HTML(
        "",
        html_template='<div class="kg-own"></div>' if draws_itself else "${value}",
        apply_default_css=False,
        js_on_load=f'import("/kgrag/{name}.js").then((module) => module.mount({parts}))',
        head=head,
        elem_id=elem_id,
    )


def _chat_panel(say: Words) -> tuple[gr.HTML, gr.Textbox]:
    chat = gr.HTML(
        "",
        apply_default_css=False,
        js_on_load=_PANEL_JS,
        elem_id="kg-chat",
        elem_classes="kg-scroll",
    )
    box = gr.Textbox(
        placeholder=say("ask.placeholder"),
        show_label=False,
        container=False,
        max_lines=6,
        max_length=QUESTION_CHARS,
        autofocus=True,
        submit_btn=True,
        elem_id="kg-ask",
    )
    return chat, box


def _evidence_panel(say: Words) -> tuple[gr.HTML, gr.HTML]:
    with gr.Column(elem_id="kg-source-panel"):
        source = gr.HTML(
            empty(say),
            apply_default_css=False,
            js_on_load=_PANEL_JS,
            elem_id="kg-source",
            elem_classes="kg-scroll",
        )
    with gr.Column(elem_id="kg-graph-panel"):
        # Loaded before the module runs; a script in the head of the page may come too late.
        cytoscape = '<script src="/kgrag/cytoscape.min.js"></script>'
        graph = _module("graph", say, elem_id="kg-graph", head=cytoscape)
    return source, graph


def _wire_chat(
    say: Words,
    events: PageEvents,
    state: tuple[gr.State, gr.State],
    chat_panel: tuple[gr.HTML, gr.Textbox],
    outputs: list[Any],
) -> None:
    """Connect asking (typed, or an example), stopping, and beginning again."""
    opened, asked = state
    chat, box = chat_panel

    def begin(question: str, last: Run | None) -> tuple[Update, Run]:
        question = question.strip()
        running = last is not None and not last.over()
        if running or not question:
            raise gr.Error(say("ask.wait") if running else say("ask.empty"), print_exception=False)
        return gr.Textbox(value="", submit_btn=False, stop_btn=True), Run(question)

    def begin_example(last: Run | None, event: gr.EventData) -> tuple[Update, Run]:
        return begin(str(event._data["question"])[:QUESTION_CHARS], last)

    for begun in (
        box.submit(begin, [box, asked], [box, asked], **_IN_ORDER),
        chat.select(begin_example, asked, [box, asked], **_IN_ORDER),
    ):
        answered = begun.success(
            events.ask,
            [asked, opened],
            chat,
            concurrency_limit=ANSWERS_AT_ONCE,
            # By default the page drops a question while it has not heard the end of the last one.
            trigger_mode="multiple",
            **_QUIET,
        )
        answered.then(events.finish, [asked, opened], outputs, trigger_mode="multiple", **_IN_ORDER)
    box.stop(events.stop, [asked, opened], [chat, box], **_IN_ORDER)
