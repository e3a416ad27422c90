"""Which files train, steer and judge the models of each language.

Everything that trains a shipped model may be used so by its licence (shared/data/SOURCES.md): no
WebNLG and no other non-commercial text. Test splits, WikiGold and UNER-EWT never train or steer,
and ``training_examples`` leaves out the few texts that a corpus has in both splits (CrossRE does).
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from indexes.errors import ConfigError
from indexes.text import Language
from kgrag.train.data import Example, Source, read_examples

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
        **{
            f"CrossNER {name} test": Source(f"ie/crossner/{name}-test.jsonl.gz", "crossner")
            for name in _CROSS_DOMAINS
        },
        "GUM test": Source("ie/gum/test.jsonl.gz", "gum"),
        "SciERC test": Source("ie/scierc/test.jsonl.gz", "scierc"),
    },
}


def of_scheme(sources: Iterable[Source], scheme: str | None) -> list[Source]:
    """Return the sources with these labels; None takes all.

    Raises
    ------
    ConfigError
        No source has them.
    """
    known = list(sources)
    wanted = [source for source in known if scheme in (None, source.scheme)]
    if not wanted:
        schemes = ", ".join(sorted({source.scheme for source in known}))
        raise ConfigError(f"scheme {scheme!r} is that of no corpus here: expected one of {schemes}")
    return wanted


def training_examples(folder: Path, language: Language, scheme: str | None = None) -> list[Example]:
    """Read what trains a language, without texts that are also in a test split.

    Raises
    ------
    ConfigError
        ``scheme`` is that of no corpus.
    """
    tested = {_letters(example.text) for example in read_examples(folder, TEST[language].values())}
    examples = read_examples(folder, of_scheme(TRAIN[language], scheme))
    return [example for example in examples if _letters(example.text) not in tested]


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())
