from kgrag.train.data import Example, GoldMention, weakened


def test_word_lists_add_to_a_text_what_its_corpus_does_not_mark() -> None:
    text = "The physicist Marie Curie was 34 years old."
    curie = GoldMention(14, 25, frozenset({"person"}), "curie")
    example = Example(
        "one", "conll04", "en", text, (curie,), (), frozenset(), frozenset({"person"}),
        frozenset({"P19"}), complete=True,
    )  # fmt: skip
    richer = weakened(example)
    found = {(text[m.start : m.end], *m.types) for m in richer.mentions}
    assert {
        ("Marie Curie", "person"),
        ("physicist", "profession"),
        ("34 years old", "age"),
    } <= found
    facts = {(text[richer.mentions[f.subjects[0]].start :][:11], f.relation) for f in richer.facts}
    assert ("Marie Curie", "P106") in facts
    assert {"P19", "P106"} <= richer.covered_relations
    assert {"person", "profession"} <= richer.covered_types


def test_word_lists_never_overrule_an_annotated_mention() -> None:
    text = "Baker met President Smith."
    gold = (
        GoldMention(0, 5, frozenset({"person"}), "a"),
        GoldMention(10, 25, frozenset({"person"}), "b"),
    )
    example = Example(
        "one", "conll04", "en", text, gold, (), frozenset(), frozenset({"person"}), frozenset(),
        complete=True,
    )  # fmt: skip
    spans = [(mention.start, mention.end) for mention in weakened(example).mentions]
    assert len(spans) == len(set(spans))
    assert spans[:2] == [(0, 5), (10, 25)]
