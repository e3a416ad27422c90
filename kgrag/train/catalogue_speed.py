"""Measures a catalogue of many names: ``python -m kgrag.train.catalogue_speed --names N``.

Names are drawn, not real: two or three words of a vocabulary whose words are used as often as
Zipf's law (1949) has it, so that the index meets both rare and very common words. Prints seconds to
write, bytes for each name, and milliseconds of a look-up by name and by sound.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

from indexes.catalogue import Catalogue
from kgrag.names import normal_name
from kgrag.sounds import sound_keys
from kgrag.train.catalogue_file import EntityRow, writing

VOCABULARY = 50_000
NAMES_PER_ENTITY = 3
LOOKUPS = 2_000
SEED = 1


def main() -> None:
    """Write, look up, and print what it took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--names", type=int, default=1_000_000)
    arguments = parser.parse_args()
    draw = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.sqlite"
        started = time.perf_counter(), time.process_time()
        asked = _write(path, arguments.names, draw)
        print(
            f"written: {time.perf_counter() - started[0]:.1f} s"
            f" ({time.process_time() - started[1]:.1f} s of processor), {path.stat().st_size:,}"
            f" bytes, {path.stat().st_size / arguments.names:.0f} a name drawn"
        )
        catalogue = Catalogue.open(path)
        _time("by name", lambda name: catalogue.candidates([name]), asked)
        _time("by sound", lambda name: catalogue.sounding_like(sound_keys(name)), asked)
        rare = [f"{name}x" for name in asked]
        _time(
            "by sound, no such name", lambda name: catalogue.sounding_like(sound_keys(name)), rare
        )
        catalogue.close()


def _write(path: Path, names: int, draw: random.Random) -> list[str]:
    """Write a catalogue of so many drawn names; return some of them in normal form."""
    asked: list[str] = []
    with writing(path) as file:
        drawn = _drawn_names(draw)
        for number in range(1, names // NAMES_PER_ENTITY + 1):
            own = [next(drawn) for _ in range(NAMES_PER_ENTITY)]
            fame = 1000 / draw.randint(1, 1000)
            row = EntityRow(number, own[0], None, "a drawn entity", "person", "person", fame)
            file.add(row, [(normal_name(name), fame) for name in own])
            if draw.random() < 5 * LOOKUPS / names and len(asked) < LOOKUPS:
                asked.append(normal_name(own[0]))
    return asked or ["nobody"]


def _drawn_names(draw: random.Random) -> Iterator[str]:
    syllables = [f"{c}{v}" for c in "bdfgklmnprstvz" for v in "aeiou"]
    words = ["".join(draw.choices(syllables, k=draw.randint(2, 4))) for _ in range(VOCABULARY)]
    often = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    while True:
        yield " ".join(draw.choices(words, cum_weights=often, k=draw.randint(2, 3))).title()


def _time(what: str, look_up: Callable[[str], object], names: list[str]) -> None:
    seconds = []
    for name in names:
        started = time.perf_counter()
        look_up(name)
        seconds.append(time.perf_counter() - started)
    seconds.sort()
    at = {share: 1000 * seconds[int(share * (len(seconds) - 1))] for share in (0.5, 0.95, 1.0)}
    print(f"{what}: p50 {at[0.5]:.3f} ms, p95 {at[0.95]:.3f} ms, worst {at[1.0]:.3f} ms")


if __name__ == "__main__":
    main()
