"""Which files train, steer and judge the models of each language.

Everything that trains a shipped model may be used so by its licence (shared/data/SOURCES.md): no
WebNLG and no other non-commercial text. Test splits, WikiGold and UNER-EWT never train or steer.
"""

from collections.abc import Mapping

from kgrag.train.data import Source

_CROSS_DOMAINS = ("politics", "science", "music")

TRAIN: Mapping[str, tuple[Source, ...]] = {
    "ru": (Source("ie/nerel/train.jsonl.gz", "nerel", "ru"),),
    "en": (
        Source("ie/redocred/dev.jsonl.gz", "redocred", keep=slice(0, 450)),
        Source(
            "ie/knowledgenet/train.jsonl.gz",
            "knowledgenet",
            complete_mentions=False,
            keep=slice(0, 2650),
        ),
        Source("ie/conll04/train.jsonl.gz", "conll04"),
        *(Source(f"ie/crossre/{name}-train.jsonl.gz", "crossner") for name in _CROSS_DOMAINS),
        *(
            Source(f"ie/crossre/{name}-dev.jsonl.gz", "crossner", keep=slice(0, 300))
            for name in _CROSS_DOMAINS
        ),
        Source("ie/sec-filings/train.jsonl.gz", "conll-style"),
        Source("ie/gum/train.jsonl.gz", "gum"),
        Source("ie/wnut17/train.jsonl.gz", "wnut17"),
        *(Source(f"ie/btc/{part}.jsonl.gz", "btc") for part in "abe"),
    ),
}
"""CrossNER's sentences are taken from CrossRE, which re-annotates them with relations."""

TEACHER = tuple(
    source for source in TRAIN["en"] if source.scheme not in ("conll-style", "wnut17", "btc")
)
"""What the teacher learns from: edited text, since the text that it is to label is edited too."""

DEV: Mapping[str, tuple[Source, ...]] = {
    "ru": (Source("ie/nerel/dev.jsonl.gz", "nerel", "ru"),),
    "en": (
        Source("ie/redocred/dev.jsonl.gz", "redocred", keep=slice(450, 500)),
        Source(
            "ie/knowledgenet/train.jsonl.gz",
            "knowledgenet",
            complete_mentions=False,
            keep=slice(2650, None),
        ),
        Source("ie/conll04/dev.jsonl.gz", "conll04"),
        *(
            Source(f"ie/crossre/{name}-dev.jsonl.gz", "crossner", keep=slice(300, None))
            for name in _CROSS_DOMAINS
        ),
    ),
}

TEST: Mapping[str, Mapping[str, Source]] = {
    "ru": {"NEREL test": Source("ie/nerel/test.jsonl.gz", "nerel", "ru")},
    "en": {
        "CoNLL04 test": Source("ie/conll04/test.jsonl.gz", "conll04"),
        "KnowledgeNet dev": Source(
            "ie/knowledgenet/dev.jsonl.gz", "knowledgenet", complete_mentions=False
        ),
        "Re-DocRED test": Source("ie/redocred/test.jsonl.gz", "redocred"),
        "WikiGold": Source("ie/wikigold/all.jsonl.gz", "conll-style"),
        "UNER-EWT test": Source("ie/uner-en-ewt/test.jsonl.gz", "universal"),
        "WNUT-17 test": Source("ie/wnut17/test.jsonl.gz", "wnut17"),
        **{
            f"CrossRE {name} test": Source(f"ie/crossre/{name}-test.jsonl.gz", "crossner")
            for name in _CROSS_DOMAINS
        },
    },
}
