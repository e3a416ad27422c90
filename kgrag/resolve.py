"""Say what each mention of a document stands for.

Mentions of one normal name are one; a short name (a surname, the first name of a ruler) is the
person whose full name the document gives; an acronym and an alias that the document states join two
names. The result depends on this document alone: documents meet in the graph, by identity.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from indexes.records import Extraction, Mention, Resolution, ResolvedMention
from indexes.text import language_of
from kgrag.clusters import Cluster, Linker
from kgrag.literals import read_literal
from kgrag.names import acronym_of, is_acronym, normal_name, short_names
from kgrag.ontology import load_ontology
from kgrag.sounds import is_cyrillic, person_sound

ALIAS_RELATIONS = frozenset({"P4970", "P1813"})  # alternative name, short name
MIN_ALIAS_SCORE = 0.8
"""Under it the first models join strangers too often, as was seen by reading; chosen by hand."""

CONTEXT_CHARS = 300
"""Text on either side of a mention that linking looks at: about two sentences."""

MAX_SURFACES = 5
"""Of one thing, that linking looks at."""

Name = tuple[str, str]
"""(group, normal name), the group being the coarse class of the ontology."""


def resolve(text: str, extraction: Extraction, *, linker: Linker, document_id: str) -> Resolution:
    """Resolve the mentions of one document.

    Parameters
    ----------
    text:
        The document's text.
    extraction:
        Its mentions and relations.
    linker:
        Looks the names up in the entity catalogue.
    document_id:
        Marks identities that no other document may share: short names that could be several people.
    """
    mentions = extraction.mentions
    # A reference stands for what its antecedent does, and says nothing about names.
    named = [mention for mention in mentions if mention.antecedent is None]
    places = _places_of_names(mentions)
    own_names = _names(named, russian=language_of(text) == "ru")
    own_meant = _full_names(named, own_names, document_id)
    names, meant = [own_names[place] for place in places], [own_meant[place] for place in places]
    clusters: dict[Name, list[Mention]] = defaultdict(list)
    for mention, name in zip(named, own_meant, strict=True):
        clusters[name].append(mention)
    identities = _identities(clusters, text, linker)
    aliases = {*_acronym_pairs(clusters), *_alias_pairs(extraction, meant)}
    same_as = {
        tuple(sorted((identities[one], identities[other])))
        for one, other in aliases
        if _may_be_one(identities[one], identities[other])
    }
    return Resolution(
        mentions=tuple(
            ResolvedMention(mention, identities[full], name[1])
            for mention, name, full in zip(mentions, names, meant, strict=True)
        ),
        relations=extraction.relations,
        same_as=tuple(sorted((first, second) for first, second in same_as)),
    )


def _places_of_names(mentions: Sequence[Mention]) -> list[int]:
    """Return for each mention which of the names, counted from 0, it is or refers to."""
    counted = list(accumulate(int(mention.antecedent is None) for mention in mentions))
    return [
        counted[index if mention.antecedent is None else mention.antecedent] - 1
        for index, mention in enumerate(mentions)
    ]


def _names(mentions: Sequence[Mention], *, russian: bool) -> list[Name]:
    """Return each mention's name; those of one normal name get its commonest group."""
    types = load_ontology().entity_types
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    found = [(types[mention.type].group, normal_name(mention.text)) for mention in mentions]
    for group, normal in found:
        groups[normal][group] += 1
    common = {
        normal: min(counts, key=lambda group: (-counts[group], group))
        for normal, counts in groups.items()
    }
    return [
        _literal_name(mention, normal, russian=russian)
        if group == "literal"
        else (common[normal], normal)
        for mention, (group, normal) in zip(mentions, found, strict=True)
    ]


def _literal_name(mention: Mention, normal: str, *, russian: bool) -> Name:
    """Name a date, number or the like by its value: 1796 and «1796 году» are one thing."""
    literal = read_literal(mention.text, mention.type, russian=russian)
    return (literal.type, literal.key) if literal else (mention.type, normal)


def _full_names(mentions: Sequence[Mention], names: Sequence[Name], document_id: str) -> list[Name]:
    """Replace a short name by the full name that the document gives.

    An organization's is the last word of its name: "the Commission" after "European Commission".
    Where several people share the short name it means the one whom the document is about: named in
    full at least twice as often as the next. Otherwise nobody knows, and the name is this
    document's alone.
    """
    full_of: dict[str, Counter[Name]] = defaultdict(Counter)
    of_last_word: dict[str, Counter[Name]] = defaultdict(Counter)
    for mention, name in zip(mentions, names, strict=True):
        if name[0] == "organization" and " " in name[1]:
            of_last_word[name[1].rpartition(" ")[2]][name] += 1
        if name[0] == "person":
            for short in short_names(mention.text):
                if short != name[1]:
                    full_of[short][name] += 1
    meant: list[Name] = []
    for mention, name in zip(mentions, names, strict=True):
        group, normal = name
        if group == "person" and normal in full_of:
            name = _main(full_of[normal]) or (group, f"{normal}|{document_id}")
        elif group == "organization" and normal in of_last_word and _is_name(mention.text):
            name = _main(of_last_word[normal]) or name
        elif group == "event" and not _is_name(mention.text):
            # "died" is as many events as people died.
            name = (group, f"{normal}|{document_id}:{mention.start}")
        meant.append(name)
    return meant


def _main(candidates: Counter[Name]) -> Name | None:
    (first, count), *others = candidates.most_common(2)
    return first if not others or count >= 2 * others[0][1] else None


def _is_name(surface: str) -> bool:
    return any(char.isupper() or char.isdigit() for char in surface)


def _identities(
    clusters: Mapping[Name, Sequence[Mention]], text: str, linker: Linker
) -> dict[Name, str]:
    """Return what each name stands for: a QID where the catalogue knows it, else the name."""
    linkable = {
        name: _cluster(name[0], members, text)
        for name, members in clusters.items()
        if not _is_literal(name[0]) and "|" not in name[1]  # else nobody knows who is meant
    }
    found = dict(zip(linkable, linker.link(list(linkable.values())), strict=True))
    own = _own_identities(list(clusters))
    return {name: found.get(name) or own[name] for name in clusters}


def _own_identities(names: Sequence[Name]) -> dict[Name, str]:
    """Return the identity of each name that no catalogue knows: group and name.

    A person's full name is told by its sound, so that documents in two languages meet; not where
    this document has two such names in one script, for then they are two persons.
    """
    sounds = {
        name: sound
        for name in names
        if name[0] == "person" and "|" not in name[1] and (sound := person_sound(name[1]))
    }
    heard = Counter((sound, is_cyrillic(name[1])) for name, sound in sounds.items())
    return {
        name: f"person|~{sounds[name]}"
        if name in sounds and heard[sounds[name], is_cyrillic(name[1])] == 1
        else "|".join(name)
        for name in names
    }


def _is_literal(group: str) -> bool:
    kind = load_ontology().entity_types.get(group)  # literals stand under their own type
    return kind is not None and kind.group == "literal"


def _cluster(group: str, members: Sequence[Mention], text: str) -> Cluster:
    counts = Counter(mention.text for mention in members)
    surfaces = sorted(
        counts, key=lambda surface: (-len(surface.split()), -counts[surface], surface)
    )
    kinds = Counter(mention.type for mention in members)
    context = " ".join(
        text[max(mention.start - CONTEXT_CHARS, 0) : mention.end + CONTEXT_CHARS]
        for mention in members[:3]
    )
    kind = min(kinds, key=lambda kind: (-kinds[kind], kind))
    return Cluster(tuple(surfaces[:MAX_SURFACES]), kind, group, context)


def _acronym_pairs(clusters: dict[Name, list[Mention]]) -> Iterator[tuple[Name, Name]]:
    """Yield organizations and places with the one name, or the main one, of their acronym."""
    expansions: dict[Name, Counter[Name]] = defaultdict(Counter)
    for name, members in clusters.items():
        acronym = acronym_of(members[0].text)
        if acronym:
            expansions[name[0], acronym][name] += len(members)
    for name, members in clusters.items():
        if name in expansions and is_acronym(members[0].text):
            full = _main(expansions[name])
            if full is not None:
                yield name, full


def _alias_pairs(extraction: Extraction, meant: Sequence[Name]) -> Iterator[tuple[Name, Name]]:
    """Yield the names that the document says are of one thing."""
    for relation in extraction.relations:
        if relation.relation in ALIAS_RELATIONS and relation.score >= MIN_ALIAS_SCORE:
            one, other = meant[relation.subject], meant[relation.object]
            if one[0] == other[0] and one != other:
                yield one, other


def _may_be_one(first: str, second: str) -> bool:
    return first != second and not (_is_qid(first) and _is_qid(second))


def _is_qid(identity: str) -> bool:
    return "|" not in identity
