from pathlib import Path

import numpy as np
import pytest

from indexes.catalogue import Catalogue
from indexes.records import Mention
from kgrag.link import CatalogueLinker, LinkModel
from kgrag.meanings import FEATURES
from kgrag.train.catalogue import Sources, build
from kgrag.train.gold_links import GoldDocument, clusters_of, read_gold
from kgrag.train.linking import Choice, LinkCounts, count_links, fit, is_strict
from kgrag.train.sightings import CORPORA, Corpus, Sighting

TRAIN, TEST = (
    next(corpus for corpus in CORPORA if corpus.path == f"ie/nerel/{split}.jsonl.gz")
    for split in ("train", "test")
)
NERD = next(corpus for corpus in CORPORA if not corpus.free)


def sighting(surface: str, qid: str | None, corpus: Corpus = TRAIN, **more: object) -> Sighting:
    values = {"document": "d1", "free": corpus.free, "type": "person", "name": None, **more}
    return Sighting(corpus=corpus, surface=surface, qid=qid, **values)  # type: ignore[arg-type]


def record(number: int, label: str, *sources: str, **more: object) -> dict[str, object]:
    return {
        "id": f"Q{number}",
        "label_en": label,
        "label_ru": None,
        "aliases": [],
        "description": None,
        "type": "PERSON",
        "sources": list(sources),
        **more,
    }


def catalogue_of(
    folder: Path, records: list[dict[str, object]], sightings: list[Sighting], *, strict: bool
) -> Catalogue:
    sources = Sources(records, sightings, {})
    keep = is_strict if strict else (lambda item: item.free)
    build(sources, folder / "catalogue.sqlite", keep=keep)
    return Catalogue.open(folder / "catalogue.sqlite")


def test_an_entity_that_only_a_test_split_knows_is_not_in_a_strict_catalogue(
    tmp_path: Path,
) -> None:
    records = [record(1, "Anna Known", "nerel"), record(2, "Boris Hidden", "nerel")]
    seen = [sighting("Anna Known", "Q1"), sighting("Boris Hidden", "Q2", TEST)]
    for strict, expected in ((True, False), (False, True)):
        catalogue = catalogue_of(tmp_path, records, seen, strict=strict)
        assert catalogue.entity("Q1") is not None
        assert (catalogue.entity("Q2") is not None) == expected
        catalogue.close()


def test_what_only_a_test_split_calls_an_entity_is_not_in_a_strict_catalogue(
    tmp_path: Path,
) -> None:
    records = [record(1, "Label Of Test", "nerel", aliases=["Alias Of Test"])]
    seen = [
        sighting("Anna Known", "Q1"),
        sighting("Alias Of Test", "Q1", TEST, name="Label Of Test"),
    ]
    catalogue = catalogue_of(tmp_path, records, seen, strict=True)
    entity = catalogue.entity("Q1")
    assert entity is not None and entity.label_en == "Anna Known"
    assert catalogue.candidates(["label of test", "alias of test"]) == []
    catalogue.close()


def test_names_that_only_a_non_commercial_corpus_shows_do_not_ship(tmp_path: Path) -> None:
    records = [
        record(1, "Anna Known", "nerel", "webnlg", aliases=["Annie of WebNLG"]),
        record(2, "Reuters Inc", "elevant"),
        record(3, "Webby", "webnlg"),
    ]
    seen = [sighting("Anna Known", "Q1"), sighting("Reuters Inc", "Q2", NERD)]
    catalogue = catalogue_of(tmp_path, records, seen, strict=False)
    assert [catalogue.entity(qid) for qid in ("Q2", "Q3")] == [None, None]
    assert catalogue.candidates(["annie of webnlg"]) == []
    assert len(catalogue.candidates(["anna known"])) == 1
    catalogue.close()


def test_a_name_that_often_means_nobody_known_means_an_entity_less(tmp_path: Path) -> None:
    records = [record(1, "Anna Known", "nerel")]
    once = [sighting("Anna Known", "Q1")]
    shares = []
    for number in (0, 6):
        seen = once + [sighting("Anna Known", None)] * number
        catalogue = catalogue_of(tmp_path, records, seen, strict=True)
        shares.append(catalogue.candidates(["anna known"])[0].alias_prior)
        catalogue.close()
    assert shares == [0.6, round(1.5 / 8.5, 3)]


def test_fitting_finds_what_the_choices_follow() -> None:
    """Meanings are drawn with known odds; two meanings and none have 4 : 1 : 1."""
    column = FEATURES.index("type")
    values = np.zeros((2, len(FEATURES)))
    values[0, column] = 1.0
    picks = [0] * 400 + [1] * 100 + [-1] * 100
    weights = fit([Choice(values, right, 1.0) for right in picks])
    assert weights[column] == pytest.approx(np.log(4), abs=0.05)
    others = np.delete(weights, column)
    assert np.abs(others).max() < 0.05


def test_counts_say_what_became_of_each_gold_mention(tmp_path: Path) -> None:
    text = "Anna Known met Boris Hidden and Carl Nobody."
    surfaces = ["Anna Known", "Boris Hidden", "Carl Nobody"]
    document = GoldDocument(
        id="d",
        corpus="c",
        text=text,
        mentions=tuple(
            Mention(text.index(name), text.index(name) + len(name), name, "person", 1.0)
            for name in surfaces
        ),
        qids=("Q1", "Q2", None),
    )
    assert [members for _, members in clusters_of(document)] == [[0], [1], [2]]
    records = [record(1, "Anna Known", "nerel")]
    catalogue = catalogue_of(tmp_path, records, [sighting("Anna Known", "Q1")], strict=True)
    eager = LinkModel(tuple(float(name == "bias") for name in FEATURES), 0.0)
    counts = count_links(document, CatalogueLinker(catalogue, eager))
    assert counts == LinkCounts(
        mentions=3, right=2, linked=2, reachable=1, predicted=1, right_links=1, nil=1, right_nil=1
    )
    assert counts.accuracy == pytest.approx(2 / 3)
    assert counts.inkb_f1 == pytest.approx(2 / 3)
    assert (counts.linked_accuracy, counts.nil_recall, counts.coverage) == (0.5, 1.0, 0.5)
    catalogue.close()


def test_gold_mentions_are_read_with_their_links(data: Path) -> None:
    corpus = next(corpus for corpus in CORPORA if corpus.name == "oke-2016-eval")
    documents = read_gold(data, corpus)
    assert len(documents) == 55
    assert sum(len(document.mentions) for document in documents) == 340
    assert sum(qid is None for document in documents for qid in document.qids) == 53
    for document in documents:
        for mention in document.mentions:
            assert document.text[mention.start : mention.end] == mention.text
