"""``python -m kgrag.train``: fit, export, evaluate, card."""

import argparse
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from indexes.errors import KgragError

if TYPE_CHECKING:
    from kgrag.train.data import Source

DATA_HELP = "folder that holds ie/ with the corpora (kgrag.train.corpora names their files)"


def main() -> None:
    """Run the command that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m kgrag.train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fit_command = commands.add_parser("fit", help="train; goes on where a killed run stopped")
    fit_command.add_argument("--language", choices=["en", "ru"], required=True)
    fit_command.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    fit_command.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    fit_command.add_argument("--minutes", type=float, default=30.0, help="of CPU")
    fit_command.add_argument("--epochs", type=int, default=30)
    fit_command.add_argument("--seed", type=int, default=0)
    fit_command.add_argument(
        "--side-rate", type=float, default=1.0, help="share of texts without relations (1.0)"
    )
    fit_command.add_argument(
        "--teachers",
        type=Path,
        nargs="*",
        default=[],
        help="folders of finished runs to learn from",
    )
    fit_command.add_argument("--start", type=Path, help="finished run to fine-tune")
    fit_command.add_argument("--scheme", help="labels of the one corpus to fine-tune on")
    export_command = commands.add_parser("export", help="write the ONNX files of a trained model")
    export_command.add_argument("--language", choices=["en", "ru"], required=True)
    export_command.add_argument("--run", type=Path, required=True, help="folder that fit filled")
    export_command.add_argument("--out", type=Path, help="default: the models that ship with kgrag")
    evaluate_command = commands.add_parser("evaluate", help="measure a model on the test splits")
    evaluate_command.add_argument("--language", choices=["en", "ru"], required=True)
    evaluate_command.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    evaluate_command.add_argument("--run", type=Path, help="default: the models that ship")
    evaluate_command.add_argument("--scheme", help="only the tests with these labels")
    card_command = commands.add_parser("card", help="write the card of the shipped model")
    card_command.add_argument("--language", choices=["en", "ru"], required=True)
    card_command.add_argument("--runs", type=Path, nargs="+", required=True, help="shipped first")
    card_command.add_argument("--fine-tunes", type=Path, nargs="*", default=[])
    card_command.add_argument("--commit", default="unknown", help="noted in the card")
    card_command.add_argument("--note", default="", help="noted in the card")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    commands_by_name = {
        "fit": _fit,
        "export": _export,
        "evaluate": _evaluate,
        "card": _card,
    }
    try:
        commands_by_name[arguments.command](arguments)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("kgrag"):
            raise
        parser.exit(1, f'{error.name} is not installed: pip install -e ".[models]"\n')
    except (KgragError, OSError) as error:
        parser.exit(1, f"{error}\n")


def _require(data: Path, sources: Iterable["Source"]) -> None:
    """Say which corpora are missing before an hour is spent on the others."""
    paths = [data / source.path for source in sources]
    # A corpus may lie within an archive: ``raw/x.zip/folder``.
    files = [next((up for up in path.parents if up.suffix == ".zip"), path) for path in paths]
    missing = sorted({str(file.relative_to(data)) for file in files if not file.exists()})
    if missing:
        raise FileNotFoundError(
            f"{data} lacks {', '.join(missing)}. --data is the folder that holds ie/; SOURCES.md "
            "in it names the repository, commit and licence of each corpus, FORMAT.md the form"
        )


def _require_run(run: Path) -> None:
    for name in ("fit.json", "best.pt"):
        if not (run / name).exists():
            raise FileNotFoundError(
                f"{run / name} is missing: --run is the folder that a finished "
                "`python -m kgrag.train fit --out` filled"
            )


def _fit(arguments: argparse.Namespace) -> None:
    from kgrag.train.corpora import DEV, TEST, TRAIN, of_scheme

    language, scheme = arguments.language, arguments.scheme
    # Fewer corpora steer than train: these first, so that an error names what can be chosen.
    wanted = [*of_scheme(DEV[language], scheme), *of_scheme(TRAIN[language], scheme)]
    # All tests are read too: none of their texts may train.
    _require(arguments.data, (*wanted, *TEST[language].values()))
    for run in (*arguments.teachers, *([arguments.start] if arguments.start else ())):
        _require_run(run)
    from kgrag.train.fit import fit
    from kgrag.train.run import FitSettings

    fit(
        FitSettings(
            language=arguments.language,
            data=arguments.data,
            out=arguments.out,
            minutes=arguments.minutes,
            seed=arguments.seed,
            epochs=arguments.epochs,
            side_rate=arguments.side_rate,
            teachers=tuple(arguments.teachers),
            start=arguments.start,
            scheme=arguments.scheme,
        )
    )


def _export(arguments: argparse.Namespace) -> None:
    _require_run(arguments.run)
    from kgrag.extract.bundled import MODELS_FOLDER
    from kgrag.train.export import export

    folder = arguments.out or MODELS_FOLDER / arguments.language
    export(arguments.run, folder, arguments.language)


def _evaluate(arguments: argparse.Namespace) -> None:
    from kgrag.train.corpora import TEST, of_scheme

    _require(arguments.data, of_scheme(TEST[arguments.language].values(), arguments.scheme))
    from kgrag.train.card import as_record
    from kgrag.train.evaluate import evaluate

    folder = None
    if arguments.run:
        _require_run(arguments.run)
        from kgrag.train.export import export

        folder = arguments.run / "onnx"
        export(arguments.run, folder / arguments.language, arguments.language)
    report = evaluate(arguments.language, arguments.data, folder, arguments.scheme)
    record = json.dumps(as_record(report), indent=1)
    print(record)
    if arguments.run:
        (arguments.run / "test.json").write_text(record + "\n", "utf-8")


def _card(arguments: argparse.Namespace) -> None:
    from kgrag.train.card import write_card

    noted = arguments.commit, arguments.note
    print(write_card(arguments.language, arguments.runs, arguments.fine_tunes, *noted))


if __name__ == "__main__":
    main()
