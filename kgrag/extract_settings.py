"""How texts become mentions and relations: the settings' section ``[extract]``.

[extract]
kind = "llm"

[model]
endpoint = "http://127.0.0.1:8000/v1"
"""

from dataclasses import dataclass
from typing import Literal, get_args

ExtractorKind = Literal["bundled", "llm"]

MIN_WINDOW_CHARS = 200


@dataclass(frozen=True, slots=True)
class ExtractSettings:
    """The extractor; a library is built with one: after a change, ``kgrag rebuild``.

    Parameters
    ----------
    kind:
        "bundled": the models that ship; "llm": the language model that ``[model]`` names.
    window_chars:
        For "llm", characters of text in one request, in whole sentences. A quarter of the model's
        context bounds it.
    answer_tokens:
        For "llm", what one answer may have. A third of the model's context bounds it.
    parallel:
        For "llm", requests at once: a server such as vLLM answers them together.
    """

    kind: ExtractorKind = "bundled"
    window_chars: int = 1500
    answer_tokens: int = 2500
    parallel: int = 8

    def __post_init__(self) -> None:
        if self.kind not in get_args(ExtractorKind):
            kinds = ", ".join(get_args(ExtractorKind))
            raise ValueError(f"kind is {self.kind!r}, and must be one of: {kinds}")
        if self.window_chars < MIN_WINDOW_CHARS:
            raise ValueError(
                f"window_chars must be {MIN_WINDOW_CHARS} or more, not {self.window_chars}"
            )
        for name in ("answer_tokens", "parallel"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")
