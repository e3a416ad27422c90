import pytest

from kgrag.ontology import EntityType, RelationType, load_ontology


def test_inverse_relations_name_each_other_and_only_one_of_them_is_canonical() -> None:
    relations = load_ontology().relation_types
    for relation in relations.values():
        if relation.inverse is not None:
            inverse = relations[relation.inverse]
            assert inverse.inverse == relation.id
            assert inverse.canonical != relation.canonical
            assert (inverse.domain, inverse.range) == (relation.range, relation.domain)
        else:
            assert relation.canonical


def test_signatures_name_known_types() -> None:
    ontology = load_ontology()
    for relation in ontology.relation_types.values():
        assert relation.domain
        assert relation.range
        assert set(relation.domain) | set(relation.range) <= set(ontology.entity_types)


def test_symmetric_relations_have_one_set_of_types() -> None:
    for relation in load_ontology().relation_types.values():
        if relation.symmetric:
            assert relation.domain == relation.range, relation.id


def test_everything_has_a_label_in_both_languages() -> None:
    ontology = load_ontology()
    kinds: list[EntityType | RelationType] = [
        *ontology.entity_types.values(),
        *ontology.relation_types.values(),
    ]
    for kind in kinds:
        assert kind.label_en
        assert kind.label_en.isascii()
        assert any("а" <= char <= "я" for char in kind.label_ru), kind.id


def test_ids_and_labels_are_unique() -> None:
    ontology = load_ontology()
    for kinds in (ontology.entity_types, ontology.relation_types):
        for language in ("en", "ru"):
            labels = [getattr(kind, f"label_{language}") for kind in kinds.values()]
            assert len(labels) == len(set(labels)), [x for x in labels if labels.count(x) > 1]


def test_ids_are_wikidata_properties_or_our_own() -> None:
    for relation in load_ontology().relation_types.values():
        if relation.wikidata is None:
            assert relation.id.startswith("kgrag:")
        else:
            assert relation.id == relation.wikidata


def test_a_fact_is_turned_into_its_canonical_direction() -> None:
    ontology = load_ontology()
    assert ontology.normalise("France", "P36", "Paris") == ("France", "P36", "Paris")
    assert ontology.normalise("Paris", "P1376", "France") == ("France", "P36", "Paris")
    with pytest.raises(KeyError):
        ontology.normalise("a", "P0", "b")


def test_a_signature_admits_only_its_types() -> None:
    relations = load_ontology().relation_types
    assert relations["P19"].allows("person", "city")
    assert not relations["P19"].allows("city", "person")
    assert relations["P4970"].allows("person", "person")
    assert not relations["P4970"].allows("person", "city")
