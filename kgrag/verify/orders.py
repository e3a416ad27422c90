"""Orders to a language model that stand in a document: no evidence of anything.

A sentence that speaks to the assistant ("ignore all previous instructions"), and the one after it,
state nothing about the world; a claim that repeats them is not borne out by standing in a document.
"""

import re
from functools import lru_cache

from indexes.text import sentences

_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:previous|prior|above|earlier|other"
    r"|your|all|these|the)\b[^.!?\n]{0,30}\b(?:instructions?|prompts?|rules?|guidelines|directions?"
    r"|context|orders?|messages?)\b"
    r"|\b(?:system|developer) (?:prompt|message|override|note)\b|\[/?(?:INST|SYSTEM)\]"
    r"|<\|im_start\|>|\b(?:you are|you're|act as|pretend to be) (?:now )?(?:an?|the)"
    r" (?:AI|assistant|chatbot|language model|helpful)\b"
    r"|\b(?:AI|assistants?|chatbots?|language models?|LLMs?|bots?)\b[^.!?\n]{0,40}\b(?:must|should"
    r"|shall|have to|are to|is to|reading this|reads this|will now)\b"
    r"|\b(?:tell|inform|instruct) the (?:user|reader|person)\b"
    r"|\b(?:answer|respond|reply|say|write|output)\b[^.!?\n]{0,30}\b(?:instead|only with|exactly"
    r"|with the following|the following)\b"
    r"|\b(?:when|if) (?:asked|answering|the user asks)\b[^.!?\n]{0,60}\b(?:say|answer|reply|respond"
    r"|tell|write|claim)\b|\bnew instructions?\b\s*:|\bend your answer with\b"
    r"|\b(?:игнорируй\w*|проигнорируй\w*|забудь\w*|не обращай\w*|отмени\w*)\b[^.!?\n]{0,50}"
    r"\b(?:инструкци\w+|указани\w+|правил\w+|команд\w+|сообщени\w+|контекст\w*|внимани\w+)\b"
    r"|\b(?:системное сообщение|системная инструкция|новая инструкция|системный промпт)\b"
    r"|\b(?:ассистент\w*|помощник\w*|чат-?бот\w*|языков\w+ модел\w+|нейросет\w+|ИИ)\b[^.!?\n]{0,40}"
    r"\b(?:долж\w+|обязан\w*|следует|надо|нужно|читающ\w+)\b"
    r"|\b(?:ответь|отвечай|скажи|сообщи|напиши)(?:те)?\b[^.!?\n]{0,40}\b(?:пользовател\w+|вместо"
    r"|следующ\w+|только|ровно|что)\b|\bесли (?:тебя |вас )?спрос\w+\b[^.!?\n]{0,60}"
    r"\b(?:ответь|отвечай|скажи|говори|напиши)\w*\b",
    re.IGNORECASE,
)


def is_order(sentence: str, context: str) -> bool:
    """Return whether a sentence is an order to the model that reads it, or goes on with one."""
    if _ORDER.search(sentence):
        return True
    return " ".join(sentence.split()) in _after_orders(context)


@lru_cache(maxsize=1_024)
def without_orders(text: str) -> str:
    """Return a text without its orders to the assistant and what goes on with them."""
    if not _ORDER.search(text):
        return text
    after = _after_orders(text)
    spans = [text[start:end] for start, end in sentences(text)]
    kept = [s for s in spans if not _ORDER.search(s) and " ".join(s.split()) not in after]
    return " ".join(kept)


@lru_cache(maxsize=1_024)
def _after_orders(context: str) -> frozenset[str]:
    if not _ORDER.search(context):
        return frozenset()
    spans = sentences(context)
    return frozenset(
        " ".join(context[start:end].split())
        for (first, last), (start, end) in zip(spans, spans[1:], strict=False)
        if _ORDER.search(context[first:last])
    )
