"""The commands: each opens the library, does one thing, and prints text or JSON.

Imports are made inside the commands, so that ``kgrag --help`` and ``kgrag list`` answer at once.
Logs and progress go to standard error.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from indexes.errors import ConfigError
from kgrag.printing import fact_line, place, print_answer, print_json, standing

if TYPE_CHECKING:
    from indexes.scope import Filter
    from kgrag.events import Answer
    from kgrag.ingest import AddProgress
    from kgrag.knowledge_base import KnowledgeBase
    from kgrag.settings import Settings

EXIT_ERROR, EXIT_SOME_FAILED = 1, 3

Arguments = argparse.Namespace


def add(arguments: Arguments) -> int:
    """Put files and folders into the library; 3 where some of them failed."""
    from kgrag.shapes import report_shape

    with _open(arguments) as kb, _progress_bar() as progress:
        report = kb.add(arguments.paths, progress=progress)
    if arguments.json:
        print_json(report_shape(report))
    else:
        for file in report.files:
            print(f"{file.outcome:15} {file.path}")
            if file.reason:
                print(f"                {file.reason}")
        print(f"{len(report.files)} files in {report.seconds:.1f} s")
    return EXIT_SOME_FAILED if any(f.outcome == "failed" for f in report.files) else 0


def ask(arguments: Arguments) -> int:
    """Answer a question."""
    from kgrag.shapes import answer_shape

    with _open(arguments, create=False) as kb:
        answer = kb.ask(arguments.question, where=_filter(kb, arguments))
    if arguments.json:
        print_json(answer_shape(answer))
    else:
        print_answer(answer)
    return 0


def _filter(kb: "KnowledgeBase", arguments: Arguments) -> "Filter":
    """Return the limits that were given; a document that is not there is an error."""
    from indexes.scope import Filter

    try:
        return Filter(
            documents=tuple(kb.document(name).id for name in arguments.document),
            folder=arguments.folder,
            language=arguments.language,
            media_type=arguments.type,
            since=arguments.since,
            until=arguments.until,
        )
    except ValueError as error:
        raise ConfigError(f"--{error}") from error


def chat(arguments: Arguments) -> int:
    """Answer questions in a conversation."""
    history: list[Answer] = []
    with _open(arguments, create=False) as kb:
        print("Ask; an empty line ends.", file=sys.stderr)
        for question in _questions():
            answer = kb.ask(question, history=history)
            history.append(answer)
            print_answer(answer)
    return 0


def search(arguments: Arguments) -> int:
    """Show what a question retrieves."""
    from kgrag.shapes import search_shape

    with _open(arguments, create=False) as kb:
        result = kb.search(arguments.question, limit=arguments.limit, where=_filter(kb, arguments))
    if arguments.json:
        print_json(search_shape(result))
        return 0
    for passage in result.passages:
        print(f"{passage.score:6.3f}  {place(passage.document_name, passage.page)}")
        print(f"        {' '.join(passage.text.split())[:300]}")
    for item in result.ranked_facts:
        print(f"        {fact_line(item.fact)}{standing(item)}")
    return 0


def facts(arguments: Arguments) -> int:
    """Show facts with their evidence."""
    from kgrag.shapes import fact_shape

    with _open(arguments, create=False) as kb:
        facts = kb.facts(about=arguments.about)
    if arguments.json:
        print_json([fact_shape(fact) for fact in facts])
        return 0
    for fact in facts:
        print(fact_line(fact))
        for item in fact.evidence:
            quote = " ".join(item.quote.split())
            print(f"    “{quote}” ({place(item.document_name, item.page)})")
    return 0


def list_documents(arguments: Arguments) -> int:
    """List the documents."""
    with _open(arguments, create=False) as kb:
        documents = kb.documents()
    if arguments.json:
        from kgrag.shapes import summary_shape

        print_json([summary_shape(document) for document in documents])
        return 0
    for document in documents:
        print(
            f"{document.id[7:15]}  {document.language}  {document.passages:6} passages  "
            f"{document.triplets:6} facts  {document.name}"
        )
    return 0


def show(arguments: Arguments) -> int:
    """Show a document."""
    from kgrag.shapes import document_shape

    with _open(arguments, create=False) as kb:
        document = kb.document(arguments.document)
        if not arguments.json:
            print(document.text)
            return 0
        row = kb.library.documents.row_of(document.id)
        assert row is not None
        spans = kb.library.documents.spans(row)
        mentions, facts = kb.mentions(document.id), kb.facts(document_id=document.id)
    print_json(document_shape(document, spans, mentions, facts))
    return 0


def remove(arguments: Arguments) -> int:
    """Remove a document."""
    with _open(arguments, create=False) as kb:
        document = kb.document(arguments.document)
        kb.remove(document.id)
    if arguments.json:
        print_json({"removed": document.id, "document": document.name})
    else:
        print(f"removed {document.name}")
    return 0


def extract(arguments: Arguments) -> int:
    """Extract from texts; nothing is stored."""
    from kgrag.extraction import extract_texts
    from kgrag.extractors import make_extractor
    from kgrag.language_model import LanguageModel
    from kgrag.link import open_linker

    settings = _settings(arguments)
    model = LanguageModel(settings.model) if settings.model.endpoint else None
    extractor = make_extractor(settings.extract, model)
    linker = open_linker(settings.link.catalogue)
    for shape in extract_texts(_texts(arguments), extractor, linker):
        print(json.dumps(shape, ensure_ascii=False))
    return 0


def export(arguments: Arguments) -> int:
    """Print the graph in a format of other tools."""
    from kgrag.export import FORMATS

    with _open(arguments, create=False) as kb:
        facts = kb.facts()
    sys.stdout.write(FORMATS[arguments.format](facts))
    return 0


def check(arguments: Arguments) -> int:
    """Verify the library, or mend it."""
    from indexes.check import find_problems, repair

    with _open(arguments, create=False) as kb:
        problems = repair(kb.library) if arguments.repair else find_problems(kb.library)
    if arguments.json:
        print_json({"problems": problems})
    else:
        print("\n".join(problems) if problems else "The library is whole.")
    return EXIT_ERROR if problems else 0


def rebuild(arguments: Arguments) -> int:
    """Build the library anew from its originals."""
    from kgrag.rebuild import rebuild

    with _open(arguments, create=False) as kb, _progress_bar() as progress:
        count = rebuild(kb, progress=progress)
    if arguments.json:
        print_json({"documents": count})
    else:
        print(f"rebuilt {count} documents")
    return 0


def ui(arguments: Arguments) -> int:
    """Serve the web page until it is interrupted."""
    # Many questions at once share the cores: threads within one sum only get in each other's way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Who comes back from SQLite or a sum waits this long for Python's lock, hundreds of times in
    # one answer: with the usual 5 ms, 75 questions at once took a fifth more time, measured.
    sys.setswitchinterval(0.0005)
    from ui.serve_options import ServeOptions

    options = ServeOptions(
        host=arguments.host,
        port=arguments.port,
        accounts=_path(arguments.accounts),
        names=tuple(arguments.name),
        certificate=_path(arguments.certificate),
        key=_path(arguments.key),
        behind_proxy=arguments.behind_proxy,
    )
    from ui.service import serve

    print(f"{options.url}  (Ctrl-C ends)", file=sys.stderr)
    if options.warning:
        print(f"kgrag: {options.warning}", file=sys.stderr)
    serve(_settings(arguments), _library_folder(arguments), options)
    return 0


def _path(given: str | None) -> Path | None:
    return None if given is None else Path(given).expanduser()


def vllm(arguments: Arguments) -> int:
    """Serve a language model by vLLM until it is interrupted."""
    from kgrag.vllm_server import serve

    return serve(
        arguments.name,
        host=arguments.host,
        port=arguments.port,
        context_tokens=arguments.context_tokens,
        gpu_memory=arguments.gpu_memory,
        extra=arguments.extra,
    )


# -- what the commands share ---------------------------------------------------------------------


@contextmanager
def _open(arguments: Arguments, *, create: bool = True) -> Iterator["KnowledgeBase"]:
    from kgrag.knowledge_base import KnowledgeBase

    folder = _library_folder(arguments)
    with KnowledgeBase.open(folder, _settings(arguments), create=create) as kb:
        yield kb


def _library_folder(arguments: Arguments) -> Path:
    folder = arguments.library or os.environ.get("KGRAG_LIBRARY")
    if folder:
        return Path(folder)
    from platformdirs import user_data_path

    return user_data_path("kgrag", appauthor=False) / "library"


def _settings(arguments: Arguments) -> "Settings":
    """Return the settings of the file that is named, with the model that the command names."""
    from kgrag.settings import Settings

    settings = Settings.load(arguments.settings) if arguments.settings else Settings()
    if not hasattr(arguments, "endpoint"):
        return settings
    return replace(settings, model=settings.model.chosen(arguments.endpoint, arguments.model))


@contextmanager
def _progress_bar() -> Iterator[Callable[["AddProgress"], None]]:
    from tqdm import tqdm

    with tqdm(unit="file", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:

        def show(progress: "AddProgress") -> None:
            bar.total = progress.total
            bar.n = progress.done
            bar.unit = "passage" if progress.stage == "embedding" else "file"
            bar.set_description_str(f"{progress.stage} {progress.name}"[:60])

        yield show


def _questions() -> Iterator[str]:
    while True:
        try:
            question = input("> ").strip()
        except EOFError:
            return
        if not question:
            return
        yield question


def _texts(arguments: Arguments) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of what ``extract`` is given."""
    name = arguments.file
    try:
        content = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} cannot be read as UTF-8 text: {error}") from error
    if not arguments.jsonl:
        yield name, content
        return
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            try:
                record = json.loads(line)
                yield str(record["id"]), str(record["text"])
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigError(
                    f'{name}, line {number}: expected {{"id": ..., "text": ...}}, got {line[:80]!r}'
                ) from error
