"""Orders to a language model that stand in a document: no evidence of anything.

A sentence that speaks to the assistant ("ignore all previous instructions"), and the one after it,
state nothing about the world; a claim that repeats them is not borne out by standing in a document.
Such a sentence speaks to a machine and says what it must do, speaks of its instructions, or tells
in the imperative what to say.
"""

import re
from functools import lru_cache

from indexes.text import sentences

_MACHINE = r"""\b(?:(?-i:AIs?)|assistants?|chat-?bots?|(?:large )?language models?|LLMs?
        |bots?|GPT\w*)\b
    |\b(?:ассистент|чат-?бот|бот|нейросет|ИИ-|искусственн\w+\s+интеллект|языков\w+\s+модел)\w*
    |\bИИ\b|\bпомощник(?:у|и|ом|ам)?\b(?=[,:]|[^.!?]{0,20}\bты\b)"""

_DUTY = r"""\byou(?:r|'re)?\b
    |\b(?:must|should|shall|have\ to|are\ to|is\ to|need\ to|required|will\ now)\b
    |\b(?:reading|reads|reader|instructions?|note|attention|message)\b|:
    |\b(?:say|state|write|answer|respond|reply|output|print|repeat|recommend|tell|forget|ignore)\b
    |\b(?:долж|обязан|следует|надо|нужно|читающ|вниман|инструкц|ты\b|вы\b|тебе|вам\b|сообщен)\w*
    |\b(?:скажи|ответь|отвечай|напиши|сообщи|забудь|игнорируй|рекомендуй|повтори|выведи)\w*"""

_INSTRUCTIONS = r"""
    \b(?:ignore|disregard|forget|override|overlook|drop|bypass)\b[^.!?\n]{0,40}
        \b(?:previous|prior|above|earlier|other|your|all|these|the|any)\b[^.!?\n]{0,30}
        \b(?:instructions?|prompts?|rules?|guidelines?|directions?|directives?|context|orders?|messages?|documents?|constraints?)\b
    |\b(?:system|developer|admin(?:istrator)?)\s+(?:prompt|message|override|note|command)\b
    |\[/?(?:INST|SYSTEM)\]|<\|im_start\|>|<!--
    |\b(?:you\ are|you're|act\ as|pretend\ to\ be)\s+(?:now\s+)?(?:an?|the)\s+
        (?:AI|assistant|chatbot|language\ model|helpful)\b
    |\b(?:new|updated|hidden|secret|special|urgent|final)\s+(?:directive|instruction|order|command
        |prompt|task|rule)s?\b\s*[:—–-]
    |\byour\s+(?:earlier\s+|previous\s+|system\s+|current\s+)?
        (?:instructions?|guidelines?|prompt|programming)\b
    |\bdo\ not\s+(?:use|mention|cite|quote|follow)\s+the\s+
        (?:documents?|sources?|sentences?|context)\b
    |\b(?:tell|inform|instruct|convince)\s+the\s+(?:user|reader|person|human)\b
    |\b(?:when|if)\s+(?:asked|answering|(?:the\s+user|someone|anyone)\s+asks)\b[^.!?\n]{0,60}
        \b(?:say|answer|reply|respond|tell|write|claim|state)\b
    |\b(?:begin|start|end)\s+(?:your|each|every|the)\s+(?:answer|reply|response)\b
    |\b(?:игнорируй|проигнорируй|забудь|не\ обращай|отмени|отбрось|не\ учитывай)\w*\b[^.!?\n]{0,50}
        \b(?:инструкци|указани|правил|команд|сообщени|контекст|внимани|документ|распоряжени)\w*
    |\b(?:системн|скрыт|нов|секретн|специальн|срочн)\w+\s+(?:сообщение|инструкция|промпт|команда
        |указание|директива|распоряжение|задание)\b\s*[:—–-]?
    |\bтво(?:и|их|ей|ими)\s+(?:инструкци|правил|указани)\w*
    |\bесли\s+(?:тебя\s+|вас\s+|кто-нибудь\s+|пользователь\s+)?спрос\w+\b[^.!?\n]{0,60}
        \b(?:ответь|отвечай|скажи|говори|напиши|утверждай)\w*\b"""

_SAID = r"""(?:\A|[:;—–]|\bи\b|\band\b|\bthen\b|\bвместо\s+этого\b|\binstead\b)[\s,"“«']*
    (?:please\s+|пожалуйста,?\s+)?
    (?:(?:say|state|write|answer|respond|reply|output|print|repeat|claim|insist|type|assert)\s+
        (?:that\b|with\b|only\b|instead\b|exactly\b|the\s+following\b
            |the\s+(?:word|phrase|sentence|link)\b|["“«:])
    |(?:ответь|отвечай|скажи|сообщи|напиши|повтори|утверждай|выведи|пиши)(?:те)?[\s,]+
        (?:что\b|только\b|вместо\b|ровно\b|следующ|фраз|слов|ссылк|пользовател|["“«:]))"""

_ORDER = re.compile(f"{_INSTRUCTIONS}|{_SAID}", re.IGNORECASE | re.VERBOSE)
_TO_MACHINE = re.compile(_MACHINE, re.IGNORECASE | re.VERBOSE)
_DUTIES = re.compile(_DUTY, re.IGNORECASE | re.VERBOSE)
_TOLD = re.compile(
    r"\b(?:you|your|must|should|required)\b|[:!]|\b(?:ты|вы|тебе|вам|долж\w+|обязан\w*)\b",
    re.IGNORECASE,
)


def is_order(sentence: str, context: str) -> bool:
    """Return whether a sentence is an order to the model that reads it, or goes on with one."""
    return _orders(sentence) or " ".join(sentence.split()) in _after_orders(context)


@lru_cache(maxsize=1_024)
def without_orders(text: str) -> str:
    """Return a text without its orders to the assistant and what goes on with them."""
    if not _orders(text):
        return text
    after = _after_orders(text)
    spans = [text[start:end] for start, end in sentences(text)]
    return " ".join(s for s in spans if not _orders(s) and " ".join(s.split()) not in after)


def _orders(text: str) -> bool:
    if _ORDER.search(text):
        return True
    machine = _TO_MACHINE.search(text)
    return machine is not None and bool(_DUTIES.search(text)) and bool(_TOLD.search(text))


@lru_cache(maxsize=1_024)
def _after_orders(context: str) -> frozenset[str]:
    if not _orders(context):
        return frozenset()
    spans = sentences(context)
    return frozenset(
        " ".join(context[start:end].split())
        for (first, last), (start, end) in zip(spans, spans[1:], strict=False)
        if _orders(context[first:last])
    )
