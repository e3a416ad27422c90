"""Whether the files of the data sets are those that our numbers were measured on.

eval/data/checksums.json holds the SHA-256 of each, by its path in the folder that --data names. It
is made of the table in that folder's SOURCES.md:

    python -m eval.sets.checksums ../shared/data/SOURCES.md
"""

import json
import re
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from eval.sets.files import checksum
from indexes.errors import ConfigError

TABLE = Path(__file__).parents[1] / "data" / "checksums.json"
_ROW = re.compile(r"\| (\S+\.(?:jsonl\.gz|zip|json)) \| \d+ \| ([0-9a-f]{64}) \|")


def verify(data: Path, paths: Iterable[str]) -> str:
    """Return the checksum over files of the data folder, each of which is as it should be.

    Raises
    ------
    ConfigError
        One differs from the table.
    """
    wanted = _table()
    files = list(paths)
    for path in files:
        found = checksum([data / path]).removeprefix("sha256:")
        if found != wanted.get(path):
            raise ConfigError(
                f"{path} in {data} is not the file that kgrag's numbers were measured on: its "
                f"SHA-256 is {found}, and {wanted.get(path, 'none is known')} was expected. Fetch "
                "it again, or give a file of your own by its path."
            )
    return checksum(data / path for path in files)


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    table: dict[str, str] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


def table_of(sources: str) -> dict[str, str]:
    """Return the checksum of each file in the text of SOURCES.md, by path."""
    return dict(sorted(_ROW.findall(sources)))


if __name__ == "__main__":
    made = table_of(Path(sys.argv[1]).read_text(encoding="utf-8"))
    TABLE.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
