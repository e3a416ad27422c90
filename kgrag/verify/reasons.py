"""What a verdict says to users: one short plain sentence in the language of the claim."""

from indexes.text import Language

_REASONS: dict[str, dict[Language, str]] = {
    "no_sources": {
        "en": "The sentence cites no source.",
        "ru": "У предложения нет источника.",
    },
    "value": {
        "en": "{claimed} is not in the source, which says {stated}.",
        "ru": "В источнике нет «{claimed}», там сказано «{stated}».",
    },
    "no_value": {"en": "{claimed} is not in the source.", "ru": "В источнике нет «{claimed}»."},
    "finer": {
        "en": "The source says only {stated}, not {claimed}.",
        "ru": "В источнике сказано только «{stated}», а не «{claimed}».",
    },
    "name": {
        "en": "{claimed} is not named in the source.",
        "ru": "В источнике не названо: {claimed}.",
    },
    "roles": {
        "en": "The source has {one} and {other} the other way round.",
        "ru": "В источнике наоборот: «{one}» и «{other}» поменялись местами.",
    },
    "opposite": {
        "en": "The sentence says “{claimed}”, the source “{stated}”.",
        "ru": "В предложении «{claimed}», а в источнике «{stated}».",
    },
    "denies": {
        "en": "The sentence denies what the source says (“{word}”).",
        "ru": "Предложение отрицает то, что сказано в источнике («{word}»).",
    },
    "denied": {
        "en": "The source denies it (“{word}”).",
        "ru": "Источник это отрицает («{word}»).",
    },
    "hedged": {
        "en": "The source only says so with a reservation (“{word}”).",
        "ru": "Источник говорит об этом с оговоркой («{word}»).",
    },
    "order": {
        "en": "The cited text is an order to the assistant, not a statement.",
        "ru": "Процитированный текст — указание ассистенту, а не утверждение.",
    },
    "stray": {
        "en": "It has nothing to do with the question, or with the text around the source.",
        "ru": "Это не связано ни с вопросом, ни с текстом вокруг источника.",
    },
    "uncovered": {
        "en": "The source does not mention: {words}.",
        "ru": "В источнике не упоминается: {words}.",
    },
    "unsure": {
        "en": "The source does not clearly say so.",
        "ru": "Источник не говорит этого ясно.",
    },
}


def reason(kind: str, language: Language, **parts: str) -> str:
    """Return the sentence for what fails, with its parts filled in."""
    return _REASONS[kind][language].format(**parts)
