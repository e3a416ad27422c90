"""Makes a tiny language model that knows nothing: random weights, a real tokenizer.

What kgrag promises of answers may not hang on what a model has learned, so its tests are asked of
one that has learned nothing. It is written as vLLM loads any other: ``python -m tests.tiny_model
FOLDER`` with a Python that has transformers (vLLM's own has) and, offline, in a few seconds.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

SEED = 20251126
CONTEXT_TOKENS = 4096
VOCABULARY = 2000  # 256 bytes, three marks, and the commonest pieces of both languages
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
BEGIN, END, PAD = "<|begin|>", "<|end|>", "<|pad|>"
TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{{ message['role'] }}: {{ message['content'] }}\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
_WORDS = {
    "en": "the documents do not say who wrote this letter in year and where it was sent to her",
    "ru": "в документах не сказано кто написал это письмо в году и куда оно было отправлено ей",
}


def make_tiny_model(folder: Path) -> Path:
    """Write model and tokenizer into ``folder``, the same each time; return it."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when transformers is imported
    folder.mkdir(parents=True, exist_ok=True)
    _write_tokenizer(folder)
    _write_weights(folder)
    return folder


def _write_tokenizer(folder: Path) -> None:
    """Train byte-level BPE: any text goes through, and characters may be cut between tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[BEGIN, END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_lines(), trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BEGIN,
        "eos_token": END,
        "pad_token": PAD,
        "model_max_length": CONTEXT_TOKENS,
        "clean_up_tokenization_spaces": False,
        "chat_template": TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")


def _lines() -> Iterator[str]:
    """Yield what the tokenizer is trained on: the examples that are plain text."""
    yield from _WORDS.values()
    for path in sorted(EXAMPLES.rglob("*")):
        if path.suffix in (".txt", ".md", ".html"):
            yield from path.read_text(encoding="utf-8").splitlines()


def _write_weights(folder: Path) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,  # heads of 32: vLLM's attention on the CPU takes none smaller
        num_key_value_heads=1,
        max_position_embeddings=CONTEXT_TOKENS,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=2,
    )
    LlamaForCausalLM(config).bfloat16().save_pretrained(folder)


if __name__ == "__main__":
    make_tiny_model(Path(sys.argv[1]))
