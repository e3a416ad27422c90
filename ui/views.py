"""The views that live in the browser: explore, read, facts, evaluate and settings.

Each is an empty element that ``static/NAME.js`` fills with what REST answers; Python gives it the
words of its language and nothing else. No text of a document or a user passes through here.
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import gradio as gr

if TYPE_CHECKING:
    from ui.words import Words

_SHARED = ("common.", "fact.", "group.", "read.", "table.", "timeline.", "explore.")
_OWN = {"settings": ("common.", "settings."), "evaluate": ("common.", "evaluate.")}

_HEAD = '<link rel="stylesheet" href="/kgrag/views.css">'
_EVALUATE = '<link rel="stylesheet" href="/kgrag/evaluate.css">'
_CYTOSCAPE = '<script src="/kgrag/cytoscape.min.js"></script>'


def explore(say: "Words") -> gr.HTML:
    """Return the graph of a library, to be searched, filtered, expanded and corrected."""
    return _view("explore", say, _HEAD + _CYTOSCAPE)


def read(say: "Words") -> gr.HTML:
    """Return documents with their mentions and facts marked in the text."""
    return _view("read", say, _HEAD)


def facts(say: "Words") -> gr.HTML:
    """Return the facts of a library: as a table, by time, and those that contradict each other."""
    return _view("facts", say, _HEAD)


def evaluate(say: "Words") -> gr.HTML:
    """Return question sets and the runs over them: how well this library is answered from."""
    return _view("evaluate", say, _HEAD + _EVALUATE)


def settings(say: "Words") -> gr.HTML:
    """Return the settings of the page and of what answers."""
    return _view("settings", say, _HEAD)


VIEWS: Mapping[str, Callable[["Words"], gr.HTML]] = MappingProxyType(
    {
        "explore": explore,
        "read": read,
        "facts": facts,
        "evaluate": evaluate,
        "settings": settings,
    }
)
"""By the name of their module and of their column (``#kg-view-NAME``), in the order of the page."""


def _view(name: str, say: "Words", head: str) -> gr.HTML:
    prefixes = _OWN.get(name, (*_SHARED, f"{name}.", "contradictions."))
    texts = {key: text for key, text in say.texts.items() if key.startswith(prefixes)}
    # Words are ours, but "</" would end a script element wherever this is put.
    options = json.dumps({"words": texts, "language": say.language}).replace("<", "\\u003c")
    mount = f"""
const own = element.querySelector(".kg-own");
import("/kgrag/{name}.js")
  .then((module) => module.mount(own, {options}))
  .catch((error) => {{
    console.error(error);
    own.textContent = {json.dumps(say("common.not_loaded"))};
  }});"""
    return gr.HTML(
        "",
        html_template='<div class="kg-own"></div>',
        head=head,
        apply_default_css=False,
        js_on_load=mount,
        elem_id=f"kg-{name}",
        elem_classes="kg-client-block",
    )
