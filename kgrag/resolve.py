"""Say what each mention of a document stands for.

Mentions of one normal name are one; a short name (a surname, the first name of a ruler) is the
person whose full name the document gives; an acronym and an alias that the document states join two
names. The result depends on this document alone: documents meet in the graph, by identity.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from indexes.records import Extraction, Mention, Resolution, ResolvedMention
from kgrag.names import acronym_of, is_acronym, normal_name, short_names
from kgrag.ontology import load_ontology

Link = Callable[[Sequence[str], str, str], str | None]
"""(surfaces, group, context) -> QID or None: see ``kgrag.link``."""

ALIAS_RELATIONS = frozenset({"P4970", "P1813"})  # alternative name, short name
MIN_ALIAS_SCORE = 0.8
"""Under it the first models join strangers too often, as was seen by reading; chosen by hand."""

CONTEXT_CHARS = 300
"""Text on either side of a mention that linking looks at: about two sentences."""

Name = tuple[str, str]
"""(group, normal name), the group being the coarse class of the ontology."""


def resolve(text: str, extraction: Extraction, *, link: Link, document_id: str) -> Resolution:
    """Resolve the mentions of one document.

    Parameters
    ----------
    text:
        The document's text.
    extraction:
        Its mentions and relations.
    link:
        Looks a name up in the entity catalogue.
    document_id:
        Marks identities that no other document may share: short names that could be several people.
    """
    mentions = extraction.mentions
    names = _names(mentions)
    meant = _full_names(mentions, names, document_id)
    clusters: dict[Name, list[Mention]] = defaultdict(list)
    for mention, name in zip(mentions, meant, strict=True):
        clusters[name].append(mention)
    identities = {name: _identity(name, members, text, link) for name, members in clusters.items()}
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


def _names(mentions: Sequence[Mention]) -> list[Name]:
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
        (mention.type if group == "literal" else common[normal], normal)
        for mention, (group, normal) in zip(mentions, found, strict=True)
    ]


def _full_names(mentions: Sequence[Mention], names: Sequence[Name], document_id: str) -> list[Name]:
    """Replace a person's short name by the full name that the document gives.

    Where several people share the short name it means the one whom the document is about: named in
    full at least twice as often as the next. Otherwise nobody knows, and the name is this
    document's alone.
    """
    full_of: dict[str, Counter[Name]] = defaultdict(Counter)
    for mention, name in zip(mentions, names, strict=True):
        if name[0] == "person":
            for short in short_names(mention.text):
                if short != name[1]:
                    full_of[short][name] += 1
    meant: list[Name] = []
    for mention, name in zip(mentions, names, strict=True):
        group, normal = name
        if group == "person" and normal in full_of:
            name = _main(full_of[normal]) or (group, f"{normal}|{document_id}")
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


def _identity(name: Name, members: Sequence[Mention], text: str, link: Link) -> str:
    group, normal = name
    key = f"{group}|{normal}"
    kind = load_ontology().entity_types.get(group)  # literals stand under their own type
    if (kind is not None and kind.group == "literal") or "|" in normal:  # or nobody knows who
        return key
    counts = Counter(mention.text for mention in members)
    surfaces = sorted(
        counts, key=lambda surface: (-len(surface.split()), -counts[surface], surface)
    )
    context = " ".join(
        text[max(mention.start - CONTEXT_CHARS, 0) : mention.end + CONTEXT_CHARS]
        for mention in members[:3]
    )
    return link(surfaces[:5], group, context) or key


def _acronym_pairs(clusters: dict[Name, list[Mention]]) -> Iterator[tuple[Name, Name]]:
    """Yield the organizations and places of whose names exactly one has this acronym."""
    expansions: dict[Name, set[Name]] = defaultdict(set)
    for name, members in clusters.items():
        acronym = acronym_of(members[0].text)
        if acronym:
            expansions[name[0], acronym].add(name)
    for name, members in clusters.items():
        full = expansions.get(name, set())
        if len(full) == 1 and is_acronym(members[0].text):
            yield name, next(iter(full))


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
