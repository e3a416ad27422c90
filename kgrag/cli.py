"""The command line: each command opens the library, does one thing, and prints text or JSON.

Imports are made inside the commands, so that ``kgrag --help`` and ``kgrag list`` answer at once.
Errors end here: one sentence on standard error, and an exit status.
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexes.errors import ConfigError, KgragError
from kgrag import __version__

if TYPE_CHECKING:
    from kgrag.events import Answer
    from kgrag.ingest import AddProgress
    from kgrag.knowledge_base import KnowledgeBase

EXIT_ERROR, EXIT_USAGE, EXIT_SOME_FAILED = 1, 2, 3

Arguments = argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    parsed = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if parsed.verbose else logging.ERROR,
        format="%(levelname)s %(name)s: %(message)s",
    )
    try:
        status: int = parsed.command(parsed)
    except KgragError as error:
        print(f"kgrag: {error}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("kgrag: stopped; what was acknowledged is kept", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_ERROR
    return status


# -- commands ------------------------------------------------------------------------------------


def _add(arguments: Arguments) -> int:
    from kgrag.shapes import report_shape

    with _open(arguments) as kb, _progress_bar() as progress:
        report = kb.add(arguments.paths, progress=progress)
    if arguments.json:
        _print_json(report_shape(report))
    else:
        for file in report.files:
            print(f"{file.outcome:15} {file.path}")
            if file.reason:
                print(f"                {file.reason}")
        print(f"{len(report.files)} files in {report.seconds:.1f} s")
    return EXIT_SOME_FAILED if any(f.outcome == "failed" for f in report.files) else 0


def _ask(arguments: Arguments) -> int:
    from kgrag.shapes import answer_shape

    with _open(arguments, create=False) as kb:
        answer = kb.ask(arguments.question)
    if arguments.json:
        _print_json(answer_shape(answer))
    else:
        _print_answer(answer)
    return 0


def _chat(arguments: Arguments) -> int:
    history: list[Answer] = []
    with _open(arguments, create=False) as kb:
        print("Ask; an empty line ends.", file=sys.stderr)
        for question in _questions():
            answer = kb.ask(question, history=history)
            history.append(answer)
            _print_answer(answer)
    return 0


def _search(arguments: Arguments) -> int:
    from kgrag.shapes import search_shape

    with _open(arguments, create=False) as kb:
        result = kb.search(arguments.question, limit=arguments.limit)
    if arguments.json:
        _print_json(search_shape(result))
        return 0
    for passage in result.passages:
        print(f"{passage.score:6.3f}  {_place(passage.document_name, passage.page)}")
        print(f"        {' '.join(passage.text.split())[:300]}")
    for fact in result.facts:
        print(f"        {_fact_line(fact)}")
    return 0


def _facts(arguments: Arguments) -> int:
    from kgrag.shapes import fact_shape

    with _open(arguments, create=False) as kb:
        facts = kb.facts(about=arguments.about)
    if arguments.json:
        _print_json([fact_shape(fact) for fact in facts])
        return 0
    for fact in facts:
        print(_fact_line(fact))
        for item in fact.evidence:
            quote = " ".join(item.quote.split())
            print(f"    “{quote}” ({_place(item.document_name, item.page)})")
    return 0


def _list(arguments: Arguments) -> int:
    with _open(arguments, create=False) as kb:
        documents = kb.documents()
    if arguments.json:
        from kgrag.shapes import summary_shape

        _print_json([summary_shape(document) for document in documents])
        return 0
    for document in documents:
        print(
            f"{document.id[7:15]}  {document.language}  {document.passages:6} passages  "
            f"{document.triplets:6} facts  {document.name}"
        )
    return 0


def _show(arguments: Arguments) -> int:
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
    _print_json(document_shape(document, spans, mentions, facts))
    return 0


def _remove(arguments: Arguments) -> int:
    with _open(arguments, create=False) as kb:
        document = kb.document(arguments.document)
        kb.remove(document.id)
    if arguments.json:
        _print_json({"removed": document.id, "document": document.name})
    else:
        print(f"removed {document.name}")
    return 0


def _extract(arguments: Arguments) -> int:
    from kgrag.extract.bundled import BundledExtractor
    from kgrag.extraction import extract_texts
    from kgrag.link import open_linker

    for shape in extract_texts(_texts(arguments), BundledExtractor(), open_linker()):
        print(json.dumps(shape, ensure_ascii=False))
    return 0


def _export(arguments: Arguments) -> int:
    from kgrag.export import FORMATS

    with _open(arguments, create=False) as kb:
        facts = kb.facts()
    sys.stdout.write(FORMATS[arguments.format](facts))
    return 0


def _check(arguments: Arguments) -> int:
    from indexes.check import find_problems, repair

    with _open(arguments, create=False) as kb:
        problems = repair(kb.library) if arguments.repair else find_problems(kb.library)
    if arguments.json:
        _print_json({"problems": problems})
    else:
        print("\n".join(problems) if problems else "The library is whole.")
    return EXIT_ERROR if problems else 0


def _rebuild(arguments: Arguments) -> int:
    from kgrag.rebuild import rebuild

    with _open(arguments, create=False) as kb, _progress_bar() as progress:
        count = rebuild(kb, progress=progress)
    if arguments.json:
        _print_json({"documents": count})
    else:
        print(f"rebuilt {count} documents")
    return 0


def _ui(arguments: Arguments) -> int:
    from ui.app import serve

    with _open(arguments) as kb:
        serve(kb, host=arguments.host, port=arguments.port)
    return 0


# -- what the commands share ---------------------------------------------------------------------


@contextmanager
def _open(arguments: Arguments, *, create: bool = True) -> Iterator["KnowledgeBase"]:
    from kgrag.knowledge_base import KnowledgeBase
    from kgrag.settings import Settings

    folder = arguments.library or os.environ.get("KGRAG_LIBRARY")
    if not folder:
        from platformdirs import user_data_path

        folder = user_data_path("kgrag", appauthor=False) / "library"
    settings = Settings.load(arguments.settings) if arguments.settings else None
    with KnowledgeBase.open(folder, settings, create=create) as kb:
        yield kb


@contextmanager
def _progress_bar() -> Iterator[Callable[["AddProgress"], None]]:
    from tqdm import tqdm

    with tqdm(unit="file", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:

        def show(progress: "AddProgress") -> None:
            bar.total = progress.total
            bar.n = progress.done
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


def _print_json(value: Any) -> None:  # noqa: ANN401  any JSON value
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    print()


def _print_answer(answer: "Answer") -> None:
    if answer.abstained:
        print(answer.why)
    for sentence in answer.sentences:
        print(sentence.text, *(f"[{n}]" for n in sentence.citations))
    for citation in answer.citations:
        print(f"  [{citation.n}] {_place(citation.document_name, citation.page)}")
        for fact in citation.facts[:3]:
            print(f"      {_fact_line(fact)}")


def _place(name: str, page: int | None) -> str:
    return name if page is None else f"{name}, page {page}"


def _fact_line(fact: Any) -> str:  # noqa: ANN401  a Triplet, whose module is not loaded here
    from kgrag.shapes import relation_shape

    label = relation_shape(fact.relation)["label"]
    return f"{fact.subject.name} — {label} — {fact.object.name}  ({fact.confidence:.2f})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kgrag", description="Ask your own documents.")
    parser.add_argument("--version", action="version", version=f"kgrag {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--library", metavar="DIR", help="the library's folder")
    common.add_argument("--settings", metavar="FILE", help="a TOML file of settings")
    common.add_argument("--verbose", action="store_true", help="log what is done")
    printing = argparse.ArgumentParser(add_help=False, parents=[common])
    printing.add_argument("--json", action="store_true", help="print one JSON document")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[Arguments], int], summary: str, *, json_too: bool = True
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=summary, description=summary, parents=[printing if json_too else common]
        )
        made.set_defaults(command=run)
        return made

    add = command("add", _add, "put files and folders into the library")
    add.add_argument("paths", nargs="+", metavar="PATH")
    command("ask", _ask, "answer a question").add_argument("question")
    command("chat", _chat, "answer questions in a conversation", json_too=False)
    search = command("search", _search, "show what a question retrieves")
    search.add_argument("question")
    search.add_argument("--limit", type=_positive, default=8, help="how many passages (8)")
    facts = command("facts", _facts, "show facts with their evidence")
    facts.add_argument("--about", metavar="NAME", help="only those about this")
    command("list", _list, "list the documents")
    show = command("show", _show, "show a document")
    show.add_argument("document", metavar="DOC", help="its id, the beginning of it, or its name")
    remove = command("remove", _remove, "remove a document and every trace of it")
    remove.add_argument("document", metavar="DOC", help="its id, the beginning of it, or its name")
    extract = command("extract", _extract, "extract from a text; nothing is stored")
    extract.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="- for standard input"
    )
    extract.add_argument("--jsonl", action="store_true", help='a {"id", "text"} on each line')
    export = command("export", _export, "print the graph", json_too=False)
    export.add_argument("format", choices=("csv", "graphml", "jsonld", "turtle"))
    check = command("check", _check, "verify the library")
    check.add_argument("--repair", action="store_true", help="mend what can be mended")
    command("rebuild", _rebuild, "build the library anew from its originals")
    ui = command("ui", _ui, "open the web page", json_too=False)
    ui.add_argument("--host", default="127.0.0.1")
    ui.add_argument("--port", type=int, default=7860)
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


if __name__ == "__main__":
    sys.exit(main())
