"""Annotated texts to measure extraction on: known test sets, and files in the forms of corpora.

Files are JSON Lines as shared/data/FORMAT.md has them, brat's (a folder, or a zip of one) and
CoNLL's columns. Which scheme labels belong to (``kgrag.train.mappings``, or the ontology's own
names) is told by the labels themselves.
"""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from eval.sets.checksums import verify
from eval.sets.files import Line, Record, checksum, json_lines, nothing_left, text_of
from eval.sets.gold import GoldLink, example_of, links_of, scheme_of, wrong_with
from eval.sets.known import EXAMPLES, KnownSet, known_set, need_files, unknown
from eval.sets.warned import warned
from indexes.errors import ConfigError
from indexes.text import Language, language_of
from kgrag.train.brat import read_brat
from kgrag.train.conll import read_conll
from kgrag.train.corpora import TEST
from kgrag.train.data import Example, Source

FORMS = (
    "JSON Lines as shared/data/FORMAT.md describes them, a folder or zip of brat's .txt and .ann, "
    "or a CoNLL file"
)


@dataclass(frozen=True, slots=True)
class AnnotatedSet:
    """Texts with what should be found in them.

    Parameters
    ----------
    name, licence, language:
        As reports show them; a file in both languages has that of most of its texts.
    examples:
        In the order of the file.
    links:
        Of each example, in step with them, the mentions whose entity is told.
    checksum:
        "sha256:..." over the files that it was read from.
    skipped:
        What was left out, each with its line and the reason in plain words.
    """

    name: str
    licence: str
    language: Language
    examples: tuple[Example, ...]
    links: tuple[tuple[GoldLink, ...], ...]
    checksum: str
    skipped: tuple[str, ...] = ()


def read_annotated(name_or_path: str, *, data: Path | None) -> AnnotatedSet:
    """Return an annotated set.

    Parameters
    ----------
    name_or_path:
        A known set (``eval.sets.known``), "examples" among them, or a file: see ``FORMS``; also a
        folder or file within a zip, ``corpus.zip/test``.
    data:
        The folder of data sets, if there is one.

    Raises
    ------
    ConfigError
        There is no such set or file, its files are not there or not the right ones, or nothing in
        it can be used.
    """
    known = known_set(name_or_path, "annotated")
    if known is None:
        path = Path(name_or_path).expanduser()
        lines, skipped, files = _lines_of(path, name_or_path)
        return _set(path.stem, "your own", lines, skipped, checksum(files))
    if known.name == "examples":
        path = EXAMPLES / "annotations.jsonl"
        if not path.is_file():
            raise ConfigError(
                f"The annotated examples are not here: {path} belongs to kgrag's repository, not "
                "to what is installed from a package. Install kgrag from a clone."
            )
        lines = list(json_lines(text_of(path)))
        return _set(known.title, known.licence, lines, (), checksum([path]))
    (path_in_data,) = annotated_files(known)
    data = need_files(known, data, [path_in_data])
    total = verify(data, [path_in_data])
    lines = list(json_lines(text_of(data / path_in_data)))
    return _set(known.title, known.licence, lines, (), total, _source(known))


def annotated_files(known: KnownSet) -> list[str]:
    """Return the files that a set is read from, by their paths in the data folder."""
    return [_source(known).path]


def _source(known: KnownSet) -> Source:
    return next(sources[known.title] for sources in TEST.values() if known.title in sources)


def _set(
    name: str,
    licence: str,
    lines: Sequence[Line],
    skipped: Iterable[str],
    total: str,
    source: Source | None = None,
) -> AnnotatedSet:
    """Return the set of some records; without a source, their labels tell the scheme."""
    told, is_own = list(skipped), source is None
    if source is None:
        scheme = scheme_of([line.record for line in lines if line.record is not None], name)
        source = Source(name, scheme)
    examples, links = [], []
    for line in lines:
        record = line.record
        if record is not None and record.get("nc"):
            continue  # of a non-commercial licence, as kgrag.train.data leaves them out
        wrong = line.wrong if record is None else wrong_with(record, source.scheme)
        if record is None or wrong:
            told.append(f"line {line.number}: {wrong}")
            continue
        if is_own:
            source = replace(source, language=_language(record))
        example, notes = example_of(record, source, line.number)
        told.extend(f"line {line.number}: {note}" for note in notes)
        examples.append(example)
        links.append(links_of(record))
    if not examples:
        raise nothing_left(name, told)
    russian = sum(example.language == "ru" for example in examples)
    language: Language = "ru" if 2 * russian > len(examples) else "en"
    return AnnotatedSet(name, licence, language, tuple(examples), tuple(links), total, tuple(told))


def _language(record: Record) -> Language:
    said = record.get("lang")
    return cast("Language", said) if said in ("en", "ru") else language_of(record["text"])


def _lines_of(path: Path, given: str) -> tuple[list[Line], list[str], list[Path]]:
    """Return the records of a file or folder, what its reader warned of, and the files read."""
    archive = next((part for part in (path, *path.parents) if zipfile.is_zipfile(part)), None)
    if archive is not None:
        with zipfile.ZipFile(archive) as opened:
            inside = zipfile.Path(opened, "").joinpath(*path.relative_to(archive).parts)
            lines, notes = _read(_only_folder(inside, archive))
        return lines, notes, [archive]
    if path.is_dir():
        lines, notes = _read(path)
        files = sorted(file for file in path.iterdir() if file.suffix in (".ann", ".txt"))
        return lines, notes, files
    if not path.is_file():
        raise unknown(given, "annotated", FORMS)
    text = text_of(path)
    if text.lstrip("\ufeff \n\r").startswith("{"):
        return list(json_lines(text)), [], [path]
    lines, notes = _read(path)
    return lines, notes, [path]


def _read(place: Path | zipfile.Path) -> tuple[list[Line], list[str]]:
    """Read brat's folder or CoNLL's file; records count from 1 instead of lines."""
    try:
        with warned("kgrag.train") as notes:
            records = read_brat(place) if place.is_dir() else read_conll(place)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{place} cannot be read: it is no UTF-8 text ({error}).") from error
    return [Line(number, record) for number, record in enumerate(records, 1)], notes


def _only_folder(place: zipfile.Path, archive: Path) -> zipfile.Path:
    """Return the one place with annotations in a zip."""
    if place.at and not place.exists():
        raise ConfigError(f"There is no {place.at} in {archive}.")
    if place.is_file() or any(child.name.endswith(".ann") for child in place.iterdir()):
        return place
    found = sorted(
        {name.rpartition("/")[0] for name in place.root.namelist() if name.endswith(".ann")}
        | {name for name in place.root.namelist() if name.endswith((".conll", ".iob", ".bio"))}
    )
    found = [name for name in found if name.startswith(place.at)]
    if len(found) == 1:
        return zipfile.Path(place.root, found[0] if "." in found[0][-6:] else f"{found[0]}/")
    example = f"{archive}/{found[0]}" if found else f"{archive}/folder"
    what = f"holds several: {', '.join(found[:5])}" if found else "holds no .ann nor .conll files"
    raise ConfigError(f"{archive} {what}. Name the place in it that you mean, like {example}.")
