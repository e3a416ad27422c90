"""``python -m kgrag.train``: fit, export, evaluate."""

import argparse
import logging
from pathlib import Path


def main() -> None:
    """Run the command that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m kgrag.train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fit_command = commands.add_parser("fit", help="train; goes on where a killed run stopped")
    fit_command.add_argument("--language", choices=["en", "ru"], required=True)
    fit_command.add_argument("--data", type=Path, required=True, help="folder that holds ie/")
    fit_command.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    fit_command.add_argument("--minutes", type=float, default=30.0)
    fit_command.add_argument("--epochs", type=int, default=30)
    fit_command.add_argument("--seed", type=int, default=0)
    export_command = commands.add_parser("export", help="write the ONNX files of a trained model")
    export_command.add_argument("--language", choices=["en", "ru"], required=True)
    export_command.add_argument("--run", type=Path, required=True, help="folder that fit filled")
    export_command.add_argument("--out", type=Path, help="default: the models that ship with kgrag")
    evaluate_command = commands.add_parser("evaluate", help="measure a model on the test splits")
    evaluate_command.add_argument("--language", choices=["en", "ru"], required=True)
    evaluate_command.add_argument("--data", type=Path, required=True, help="folder that holds ie/")
    evaluate_command.add_argument("--card", action="store_true", help="write the model card")
    evaluate_command.add_argument("--commit", default="unknown", help="noted in the card")
    evaluate_command.add_argument("--note", default="", help="noted in the card")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    {"fit": _fit, "export": _export, "evaluate": _evaluate}[arguments.command](arguments)


def _fit(arguments: argparse.Namespace) -> None:
    from kgrag.train.fit import FitSettings, fit

    fit(
        FitSettings(
            language=arguments.language,
            data=arguments.data,
            out=arguments.out,
            minutes=arguments.minutes,
            seed=arguments.seed,
            epochs=arguments.epochs,
        )
    )


def _export(arguments: argparse.Namespace) -> None:
    from kgrag.extract.bundled import MODELS_FOLDER
    from kgrag.train.export import export

    folder = arguments.out or MODELS_FOLDER / arguments.language
    export(arguments.run, folder, arguments.language)


def _evaluate(arguments: argparse.Namespace) -> None:
    from kgrag.train.evaluate import evaluate, table, write_card

    rows = evaluate(arguments.language, arguments.data)
    print(table(rows))
    if arguments.card:
        print(write_card(arguments.language, rows, arguments.commit, arguments.note))


if __name__ == "__main__":
    main()
