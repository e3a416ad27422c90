"""What each corpus calls things, in terms of the ontology.

An entity label stands for a set of types, of which the corpus does not say which. A relation label
stands for the first of its targets whose signature admits the two mentions; a minus sign turns the
relation round. A label without a target, or none that fits, leaves its pair of mentions unknown. A
key ``label:tail`` applies where the object has that label of the corpus.
"""

import re
from collections.abc import Mapping
from typing import Any

Labels = Mapping[str, tuple[str, ...]]

_PLACES = ("location", "city", "country", "state_or_province", "district", "facility")
_NAMED_REST = tuple(
    "nationality event work_of_art product award language religion law ideology taxon disease "
    "genre concept".split()
)

NEREL_TYPES: Labels = {
    name.upper(): (name,)
    for name in (
        "age award city country crime date disease district event facility family ideology "
        "language law location money nationality number ordinal organization penalty percent "
        "person product profession religion state_or_province time work_of_art"
    ).split()
}

ENTITY_LABELS: Mapping[str, Labels] = {
    "nerel": NEREL_TYPES,
    "redocred": {
        "PER": ("person", "family"),
        "ORG": ("organization", "religion"),
        "LOC": (*_PLACES, "nationality", "celestial_body"),
        "TIME": ("date", "time"),
        "NUM": ("number", "money", "percent", "age", "ordinal"),
        "MISC": _NAMED_REST,
    },
    "knowledgenet": {
        "PERSON": ("person",),
        "ORGANIZATION": ("organization",),
        "LOCATION": (*_PLACES, "nationality"),
        "DATE": ("date",),
    },
    "conll04": {
        "Peop": ("person", "family"),
        "Org": ("organization",),
        "Loc": _PLACES,
        "Other": (*_NAMED_REST, "date", "time", "money", "number", "percent"),
    },
    "crossner": {
        "person": ("person",),
        "politician": ("person",),
        "scientist": ("person",),
        "musicalartist": ("person",),
        "writer": ("person",),
        "organisation": ("organization",),
        "politicalparty": ("organization",),
        "university": ("organization",),
        "band": ("organization",),
        "country": ("country",),
        "location": ("location", "city", "state_or_province", "district", "facility"),
        "event": ("event",),
        "election": ("event",),
        "award": ("award",),
        "album": ("work_of_art",),
        "song": ("work_of_art",),
        "book": ("work_of_art",),
        "poem": ("work_of_art",),
        "magazine": ("work_of_art",),
        "academicjournal": ("work_of_art",),
        "discipline": ("field_of_study",),
        "theory": ("concept",),
        "musicgenre": ("genre",),
        "literarygenre": ("genre",),
        "musicalinstrument": ("product",),
        "astronomicalobject": ("celestial_body",),
        "chemicalcompound": ("substance",),
        "chemicalelement": ("substance",),
        "enzyme": ("substance",),
        "protein": ("substance",),
        "misc": (*_NAMED_REST, "field_of_study", "substance", "celestial_body"),
    },
    "scierc": {
        "Task": ("field_of_study", "concept"),
        "Method": ("concept", "product"),
        "Metric": ("concept",),
        "Material": ("concept", "product", "work_of_art"),
        "OtherScientificTerm": ("concept",),
        "Generic": (),
    },
    "universal": {
        "PER": ("person", "family"),
        "ORG": ("organization",),
        "LOC": _PLACES,
    },
    "btc": {
        "PER": ("person", "family"),
        "ORG": ("organization",),
        "LOC": (*_PLACES, "nationality"),
    },
    "wnut17": {
        "person": ("person", "family"),
        "location": _PLACES,
        "group": ("organization",),
        "corporation": ("organization",),
        "product": ("product",),
        "creative-work": ("work_of_art",),
    },
    "gum": {
        "person": ("person", "family"),
        "place": (*_PLACES, "celestial_body"),
        "organization": ("organization",),
        **dict.fromkeys(
            ("abstract", "animal", "event", "object", "plant", "substance", "time"), ()
        ),
    },
    "bsnlp": {
        "PER": ("person", "family"),
        "ORG": ("organization",),
        "LOC": _PLACES,
        "EVT": ("event",),
        "PRO": ("product", "work_of_art", "award", "law"),
        "MISC": (),
    },
    "conll-style": {
        "PER": ("person", "family"),
        "ORG": ("organization",),
        "LOC": _PLACES,
        "MISC": _NAMED_REST,
    },
}

RELATION_LABELS: Mapping[str, Labels] = {
    "nerel": {
        "ABBREVIATION": ("P1813",),
        "AGENT": ("kgrag:agent_of",),
        "AGE_DIED_AT": ("kgrag:age_at_death",),
        "AGE_IS": ("kgrag:age",),
        "ALTERNATIVE_NAME": ("P4970",),
        "AWARDED_WITH": ("P166",),
        "CAUSE_OF_DEATH": ("P509",),
        "CONVICTED_OF": ("P1399",),
        "DATE_DEFUNCT_IN": ("P576",),
        "DATE_FOUNDED_IN": ("P571",),
        "DATE_OF_BIRTH": ("P569",),
        "DATE_OF_CREATION": ("P571",),
        "DATE_OF_DEATH": ("P570",),
        "END_TIME": ("P582",),
        "EXPENDITURE": ("P2402",),
        "FOUNDED_BY": ("P112",),
        "HAS_CAUSE": ("P828",),
        "HEADQUARTERED_IN": ("P159",),
        "IDEOLOGY_OF": ("P1142",),
        "INANIMATE_INVOLVED": ("kgrag:involved_in",),
        "INCOME": ("kgrag:income",),
        "KNOWS": ("P3342", "P1412"),
        "LOCATED_IN": ("P17", "P131", "P159", "P276"),
        "MEDICAL_CONDITION": ("P1050",),
        "MEMBER_OF": ("P463", "P361"),
        "ORGANIZES": ("-P664",),
        "ORIGINS_FROM": ("P27", "P495"),
        "OWNER_OF": ("-P127",),
        "PARENT_OF": ("P40",),
        "PARTICIPANT_IN": ("P1344",),
        "PART_OF": ("P361",),
        "PENALIZED_AS": ("P1596",),
        "PLACE_OF_BIRTH": ("P19",),
        "PLACE_OF_DEATH": ("P20",),
        "PLACE_RESIDES_IN": ("P551",),
        "POINT_IN_TIME": ("P585",),
        "PRICE_OF": ("P2284",),
        "PRODUCES": ("P800", "P1056"),
        "RELATIVE": ("P1038",),
        "RELIGION_OF": ("P140",),
        "SCHOOLS_ATTENDED": ("P69",),
        "SIBLING": ("P3373",),
        "SPOUSE": ("P26",),
        "START_TIME": ("P580",),
        "SUBEVENT_OF": ("P361",),
        "SUBORDINATE_OF": ("kgrag:subordinate_of",),
        "TAKES_PLACE_IN": ("P276",),
        "WORKPLACE": ("P108",),
        "WORKS_AS": ("P106",),
    },
    "redocred": {
        **{
            name: (name,)
            for name in """
                P6 P17 P19 P20 P26 P27 P30 P31 P35 P36 P37 P39 P40 P50 P54 P57 P58 P69
                P86 P102 P108 P112 P118 P123 P127 P136 P137 P140 P155 P159 P161 P162
                P166 P170 P171 P172 P175 P176 P178 P179 P190 P194 P205 P206 P241 P264
                P272 P279 P361 P364 P400 P403 P449 P488 P495 P551 P569 P570 P571 P576
                P577 P580 P582 P585 P607 P676 P706 P737 P740 P749 P800 P807 P840 P937
                P1001 P1056 P1336 P1344 P1365 P1412 P1441 P3373
            """.split()
        },
        "P22": ("-P40",),
        "P25": ("-P40",),
        "P131": ("P17", "P131", "P159", "P276"),
        "P150": ("-P17", "-P131"),
        "P156": ("-P155",),
        "P276": ("P276", "P131"),
        "P355": ("-P749",),
        "P463": ("P463", "P361"),
        "P527": ("-P361",),
        "P674": ("-P1441",),
        "P710": ("-P1344",),
        "P1198": (),
        "P1366": ("-P1365",),
        "P1376": ("-P36",),
    },
    "knowledgenet": {
        "CEO": ("P169",),
        "CHILD_OF": ("-P40",),
        "DATE_FOUNDED": ("P571",),
        "DATE_OF_BIRTH": ("P569",),
        "DATE_OF_DEATH": ("P570",),
        "EDUCATED_AT": ("P69",),
        "EMPLOYEE_OR_MEMBER_OF": ("P108",),
        "FOUNDED_BY": ("P112",),
        "HEADQUARTERS": ("P159",),
        "NATIONALITY": ("P27",),
        "PLACE_OF_BIRTH": ("P19",),
        "PLACE_OF_RESIDENCE": ("P551",),
        "POLITICAL_AFFILIATION": ("P102",),
        "SPOUSE": ("P26",),
        "SUBSIDIARY_OF": ("P749",),
    },
    "conll04": {
        "Kill": ("-P157",),
        "Live_In": ("P551",),
        "Located_In": ("P17", "P131"),
        "OrgBased_In": ("P159",),
        "Work_For": ("P108",),
    },
    "crossner": {
        "artifact": (),
        "artifact:band": ("P175",),
        "artifact:musicalartist": ("P175",),
        "cause-effect": (),
        "compare": (),
        "general-affiliation": ("P136",),
        "named": ("P4970",),
        "opposite": (),
        "origin": (),
        "origin:organisation": ("P1027",),
        "origin:scientist": ("P61",),
        "origin:university": ("P1027",),
        "part-of": ("P463", "P361"),
        "physical": ("P276", "P131", "P17", "P159"),
        "related-to": (),
        "role": (),
        "role:academicjournal": ("P108",),
        "role:band": ("P463",),
        "role:election": ("P1344",),
        "role:organisation": ("P108",),
        "role:politicalparty": ("P102",),
        "role:university": ("P108",),
        "social": (),
        "temporal": (),
        "temporal:election": ("P1344",),
        "topic": (),
        "type-of": ("P279", "P361"),
        "usage": (),
        "usage:musicalinstrument": ("P1303",),
        "win-defeat": ("P166",),
    },
    "scierc": {
        "COMPARE": (),
        "CONJUNCTION": (),
        "EVALUATE-FOR": (),
        "FEATURE-OF": (),
        "HYPONYM-OF": ("P279",),
        "PART-OF": ("P361",),
        "USED-FOR": (),
    },
    **dict.fromkeys(("btc", "wnut17", "gum", "bsnlp", "conll-style", "universal"), {}),
}

OBJECT_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("P17", "P27", "P495", "P205"), "country"),
    **dict.fromkeys(("P37", "P364", "P1412"), "language"),
    **dict.fromkeys(("P607", "P1344"), "event"),
    **dict.fromkeys(("P30", "P206", "P403", "P706"), "location"),
    **dict.fromkeys(("P179", "P800", "P1441"), "work_of_art"),
    **dict.fromkeys(("P400", "P1056"), "product"),
    "P36": "city",
    "P136": "genre",
    "P140": "religion",
    "P166": "award",
    "P171": "taxon",
    "P172": "nationality",
}
"""Being the object of such a relation narrows a label to this type, where the label admits it."""

SUBJECT_TYPES: Mapping[str, str] = {
    **dict.fromkeys(
        "P50 P57 P58 P86 P123 P161 P162 P170 P175 P264 P272 P364 P449 P577 P676 P840".split(),
        "work_of_art",
    ),
    **dict.fromkeys(("P176", "P178", "P400"), "product"),
    **dict.fromkeys(("P205", "P403"), "location"),
    **dict.fromkeys(("P276", "P585"), "event"),
    "P171": "taxon",
}
"""The same for the subject."""

_WORD = re.compile(r"[^\W\d_]+")
_NAME_PARTICLES = frozenset("of the and de la van von der for in at & ' 's - , .".split())
_NAMED_KINDS = frozenset({"person", "place", "organization"})


def is_kept(scheme: str, entity: Mapping[str, Any]) -> bool:
    """Return whether a mention counts at all; GUM also marks what is not named.

    Of GUM's mentions, common nouns are dropped (they name nobody), names of persons, places and
    organisations are kept, and so is everything else with a capital letter, of which nothing is
    known (``is_told``).
    """
    if scheme != "gum":
        return True
    text = entity["text"]
    if entity["type"] not in _NAMED_KINDS:
        return any(char.isupper() for char in text)
    return text[0].isupper() and text != "I"


def is_told(entity: Mapping[str, Any]) -> bool:
    """Return whether the label of a mention can be believed.

    Not where GUM's noun phrase is more than a name, and not of Twitter's handles, which the Broad
    Twitter Corpus marks with their sign apart.
    """
    text = entity["text"]
    if text.startswith(("@", "#")):
        return False
    if "kind" not in entity:
        return True
    words = _WORD.findall(text)
    return all(word[0].isupper() or word in _NAME_PARTICLES for word in words)
