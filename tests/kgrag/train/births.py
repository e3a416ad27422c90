"""A corpus of one sentence a text, in the form and the place of NEREL."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Birth = tuple[str, str]
"""A person and the city of birth."""


def write_births(folder: Path, **splits: Sequence[Birth]) -> None:
    """Write ``ie/nerel/SPLIT.jsonl.gz`` below a folder for each split."""
    for split, births in splits.items():
        path = folder / "ie" / "nerel" / f"{split}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        records = [_record(f"{split}-{number}", *birth) for number, birth in enumerate(births)]
        lines = "".join(json.dumps(record) + "\n" for record in records)
        path.write_bytes(gzip.compress(lines.encode()))


def _record(id_: str, person: str, city: str) -> dict[str, Any]:
    text = birth_text(person, city)
    entities = [
        {"id": type_, "start": text.index(name), "end": text.index(name) + len(name),
         "text": name, "type": type_}
        for name, type_ in ((person, "PERSON"), (city, "CITY"))
    ]  # fmt: skip
    relations = [{"type": "PLACE_OF_BIRTH", "head": "PERSON", "tail": "CITY"}]
    return {"id": id_, "text": text, "entities": entities, "relations": relations}


def birth_text(person: str, city: str) -> str:
    """Return the sentence that states a birth."""
    return f"{person} родился в городе {city}."
