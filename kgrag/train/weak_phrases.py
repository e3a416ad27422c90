"""The words between two mentions that say how they belong together, and what forbids it."""

import re

END = re.compile(
    r"(?<![A-Z])(?<!\b[A-Z][a-z])(?<!\b(?:Mrs|etc|Gen|Gov|Sen))[.!?][\"'”’)]*\s+(?=\W?\w?[A-Z])|\n+"
)

OTHER_ROLE = (
    "of|by|to|for|with|in|on|at|from|that|who|whom|which|whose|not|never|no|against|as|like|when|if|"
    "because|between|without|into|over|than|son|daughter|wife|husband|brother|sister|father|mother|"
    "student|pupil|friend|assistant|successor|uncle|nephew|his|her|him|them|their|son-in-law|grandson|cousin|"
    "about|after|before|under|during|where|played|plays|portrayed|according|so|but"
)
WORDS = rf"(?:(?!(?:{OTHER_ROLE})\b)[\w’.-]+(?:\s?,)?\s){{0,6}}"
BE = (
    r"(?:(?:is|was|are|were|became|becomes|remained|has\sbeen|had\sbeen)"
    r"(?:\s(?:also|then|now|later|once|originally|currently|formerly|previously|initially|first|"
    r"primarily|both|again|the|an?|one\sof\sthe))*)"
)
ASIDE = r"(?:\s?\((?:[^()]|\([^()]*\)){0,160}\)\s?,?)?(?:\s?,[^,;:.]{1,50},)?"
FORWARD = re.compile(rf"{ASIDE}\s?,?\s{BE}\s{WORDS}")
APPOSED = re.compile(rf"(?:\s?\((?:[^()]|\([^()]*\)){{0,160}}\))?\s?,\s(?:the\s|an?\s){WORDS}")
APPOSED_BARE = re.compile(rf"{ASIDE}\s?,\s(?:(?:former|then|current)\s)?")
OF = re.compile(r"\s(?:of|at|for)\s")
LIKE = re.compile(r"\s?,?\s(?:like|such\sas|including)\s|\s?:\s")
NAMED_TO = re.compile(
    rf"{ASIDE}\s(?:(?:was|is|were|has\sbeen|had\sbeen)\s(?:[a-z]+ly\s|then\s|later\s|also\s)?"
    r"(?:re-?)?(?:appointed|elected|named|crowned|proclaimed|chosen|ordained|promoted|consecrated|"
    r"made|installed|inaugurated)(?:\sas|\sto\sbe|\sto)?|"
    r"(?:(?:was|is|has|had)\s)?(?:[a-z]+ly\s|then\s|later\s|also\s|first\s)?"
    r"(?:serves|served|worked|works|acted|reigned|ruled|trained|employed|serving|working)\sas)"
    rf"(?:\s(?:the|an?))?\s{WORDS}"
)
AND = re.compile(
    rf"\s?(?:,|/|,?\sand|,?\sas\swell\sas|,?\sor)\s(?:also\s|later\s|then\s|an?\s|the\s)*"
    rf"(?:(?!(?:{OTHER_ROLE}|is|was|has|had|are|were|and)\b)[a-z-]+\s){{0,2}}"
)
PEOPLE_AND = re.compile(r"\s?(?:,|,?\sand|&)\s")
OWNER = re.compile(r"\s?['’]s?(?!\w)")
NOUN_AFTER = re.compile(
    r"\s(?:school|college|club|team|company|union|training|association|election|candidate|"
    r"nominee|hopeful|designate|trophy|award|family|band|group|list|character|role|player-manager)\b"
)
TITLE_GAP = re.compile(r"\s")
NAMED_GAP = re.compile(r"\s?,\s")
DEFINITE = re.compile(
    r"\b(?:[Tt]he|[Ii]ts|[Tt]heir|[Hh]is|[Hh]er|[Cc]urrent|[Ff]ormer)\s(?:[\w-]+\s){0,2}$"
)

AGE_AFTER = re.compile(
    r"\s?,\s?(?:now\s|aged\s)?|\s?\(\s?(?:aged?\s)?|\s(?:is|was|turned)\s(?:now\s)?(?:aged\s)?"
)
AGE_DIED = re.compile(
    r"[^;:]{0,80}\b(?:died|dies|killed|death|passed\saway|murdered|executed|assassinated)\b"
    r"[^;:]{0,60}?(?:\saged?\s|\sage\sof\s|,\s)(?:the\s)?"
)
AGE_AT = re.compile(r"[^;:,]{0,80}\bat\s(?:the\s)?age\s(?:of\s)?|[^;:,]{0,60},\s(?:then\s)?aged\s")
AGE_BEFORE = re.compile(
    r"\s(?:[\w-]+\s){0,3}|\s(?:[\w-]+\s){0,2}(?:son|daughter|child|brother|sister|wife)\s?,\s"
)
AGE_APPOSED = re.compile(r"\s?,\s(?:an?|the)\s(?:then\s)?")

FIELD = re.compile(
    r"[^;:]{0,80}\b(?:contribut\w+\sto|work(?:s|ed|ing)?\s(?:in|on)|research(?:es|ed)?\s(?:in|into|on)|"
    r"speciali[sz]\w+\sin|pioneer\w*\s(?:of|in)|expert\s(?:in|on)|professor\s(?:of|for|in)|lecturer\sin|founders?\sof|"
    r"known\sfor\s(?:his|her|their)\s(?:work|contributions|research)\s(?:in|to|on)|taught|teaches)\s"
    r"(?:the\s)?(?:(?:fields?|areas?|study|development|science)\sof\s)?(?:[a-z-]+\s){0,2}"
)
OF_FIELD = re.compile(r"\s(?:of|in|for)\s")
FIELD_AND = re.compile(r"\s?(?:,|,?\sand|,?\sas\swell\sas)\s(?:in\s|to\s|of\s)?(?:the\s)?")
BELIEF = re.compile(
    r"[^;:]{0,60}\b(?:(?:proponent|advocate|supporter|adherent|follower|defender|champion|exponent|"
    r"theorist|founder|pioneer)s?\sof|converted\sto|embraced|espoused|advocated|adopted|promoted|"
    r"supported|believed\sin)\s(?:an?\sform\sof\s|the\s)?(?:[a-z-]+\s){0,2}"
)
