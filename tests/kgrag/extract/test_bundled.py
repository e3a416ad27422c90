import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indexes.errors import ModelError
from indexes.records import Extraction
from kgrag.extract import Extractor
from kgrag.extract.bundled import GRAPHS, MODELS_FOLDER, BundledExtractor
from kgrag.ontology import load_ontology


@pytest.fixture(scope="module")
def extractor() -> BundledExtractor:
    return BundledExtractor()


def _check(text: str, extraction: Extraction) -> None:
    ontology = load_ontology()
    for mention in extraction.mentions:
        assert text[mention.start : mention.end] == mention.text == mention.text.strip()
        assert mention.type in ontology.entity_types
    spans = [(mention.start, -mention.end) for mention in extraction.mentions]
    assert spans == sorted(spans)
    for relation in extraction.relations:
        subject = extraction.mentions[relation.subject]
        object_ = extraction.mentions[relation.object]
        kind = ontology.relation_types[relation.relation]
        assert kind.canonical
        assert kind.allows(subject.type, object_.type)
        assert text[relation.start : relation.end].strip() == text[relation.start : relation.end]


def test_it_is_an_extractor(extractor: BundledExtractor) -> None:
    found: Extractor = extractor
    assert found.name == "bundled"


def test_an_english_sentence_gives_a_person_a_place_and_what_joins_them(
    extractor: BundledExtractor,
) -> None:
    text = "Leonhard Euler was born in Basel."
    (extraction,) = extractor.extract([text])
    _check(text, extraction)
    groups = {m.text: load_ontology().entity_types[m.type].group for m in extraction.mentions}
    assert groups == {"Leonhard Euler": "person", "Basel": "place"}
    assert "P19" in {relation.relation for relation in extraction.relations}


def test_a_russian_sentence_gives_a_person_a_place_and_what_joins_them(
    extractor: BundledExtractor,
) -> None:
    text = "Леонард Эйлер родился в Базеле."
    (extraction,) = extractor.extract([text])
    _check(text, extraction)
    groups = {m.text: load_ontology().entity_types[m.type].group for m in extraction.mentions}
    assert groups["Леонард Эйлер"] == "person"
    assert groups["Базеле"] == "place"
    assert "P19" in {relation.relation for relation in extraction.relations}


def test_nested_mentions_survive(extractor: BundledExtractor) -> None:
    text = "Вчера посольство США в Москве отказалось от комментариев."
    (extraction,) = extractor.extract([text])
    texts = {mention.text for mention in extraction.mentions}
    assert {"посольство США", "США", "Москве"} <= texts


def test_a_text_reads_the_same_alone_and_among_others(extractor: BundledExtractor) -> None:
    texts = [
        "Leonhard Euler was born in Basel.",
        "Екатерина II родилась в Штеттине. " * 3,
        "",
        "Marie Curie worked at the University of Paris. She won the Nobel Prize. " * 30,
    ]
    together = extractor.extract(texts)
    for text, extraction in zip(texts, together, strict=True):
        _check(text, extraction)
        (alone,) = extractor.extract([text])
        assert [(m.start, m.end, m.type) for m in alone.mentions] == [
            (m.start, m.end, m.type) for m in extraction.mentions
        ]


def test_offsets_count_in_the_whole_text_however_long(extractor: BundledExtractor) -> None:
    text = "On Monday nobody came to the meeting. " * 300 + "Leonhard Euler was born in Basel."
    (extraction,) = extractor.extract([text])
    _check(text, extraction)
    assert text.index("Leonhard Euler") in {mention.start for mention in extraction.mentions}


def test_each_block_of_a_mixed_text_is_read_in_its_language(extractor: BundledExtractor) -> None:
    text = "Leonhard Euler was born in Basel.\n\nЛеонард Эйлер родился в городе Базеле.\n"
    (extraction,) = extractor.extract([text])
    _check(text, extraction)
    persons = {mention.text for mention in extraction.mentions if mention.type == "person"}
    assert persons == {"Leonhard Euler", "Леонард Эйлер"}


def test_evidence_is_whole_sentences_that_hold_both_mentions(extractor: BundledExtractor) -> None:
    text = "It rained. Leonhard Euler was born in Basel. It rained again."
    (extraction,) = extractor.extract([text])
    quotes = {text[r.start : r.end] for r in extraction.relations}
    assert quotes == {"Leonhard Euler was born in Basel."}


def _copied(folder: Path) -> Path:
    return Path(shutil.copytree(MODELS_FOLDER, folder / "models"))


def test_the_fingerprint_is_stable_and_changes_with_weights_and_thresholds(
    extractor: BundledExtractor, tmp_path: Path
) -> None:
    folder = _copied(tmp_path)
    assert BundledExtractor(folder).fingerprint == extractor.fingerprint
    path = folder / "en" / "config.json"
    original = path.read_text("utf-8")
    config = json.loads(original)
    path.write_text(json.dumps({**config, "span_threshold": 0.123}), "utf-8")
    assert BundledExtractor(folder).fingerprint != extractor.fingerprint


def test_altered_or_missing_weights_are_refused(tmp_path: Path) -> None:
    folder = _copied(tmp_path)
    weights = folder / "ru" / GRAPHS[0]
    weights.write_bytes(weights.read_bytes() + b"\x00")
    with pytest.raises(ModelError, match=r"encode\.onnx"):
        BundledExtractor(folder)
    weights.unlink()
    with pytest.raises(ModelError, match=r"encode\.onnx"):
        BundledExtractor(folder)
    (folder / "ru" / "config.json").write_text("{", "utf-8")
    with pytest.raises(ModelError, match=r"config\.json"):
        BundledExtractor(folder)


def test_neither_torch_nor_transformers_is_imported() -> None:
    code = (
        "import sys; from kgrag.extract.bundled import BundledExtractor as B;"
        "early = 'onnxruntime' in sys.modules;"
        "B().extract(['Euler met Catherine.', 'Эйлер в России']);"
        "heavy = {'torch', 'transformers', 'onnx'} & set(sys.modules);"
        "sys.exit(f'{early} {heavy}' if early or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_pronoun_is_never_a_name_but_may_carry_a_fact(extractor: BundledExtractor) -> None:
    text = "Leonhard Euler was a mathematician. He was born in Basel in 1707."
    (found,) = extractor.extract([text])
    pronouns = [mention for mention in found.mentions if mention.text == "He"]
    assert [found.mentions[pronoun.antecedent or 0].text for pronoun in pronouns] == [
        "Leonhard Euler"
    ]
    facts = {
        (found.mentions[r.subject].text, r.relation, found.mentions[r.object].text)
        for r in found.relations
    }
    assert ("He", "P19", "Basel") in facts
