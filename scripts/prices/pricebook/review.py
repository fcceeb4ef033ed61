"""Writes the report that people read before they commit a new book."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .corrections import Correction
from .history import Histories, Outcome
from .model import STANDARD, Model, Prices, Snapshot
from .units import changed, text

SHOWN = 40
# How far two sources may be apart before it is worth a line.
TOLERANCE = Decimal("0.05")
# The names under which Helicone files calls; those that are not in the book have no prices.
HELICONE = (
    "OPENAI ANTHROPIC AZURE GOOGLE AWS TOGETHER FIREWORKS PERPLEXITY OPENROUTER GROQ COHERE MISTRAL DEEPINFRA DEEPSEEK X "
    "NEBIUS NOVITA VERCEL LLAMA NVIDIA CEREBRAS BASETEN ANYSCALE CLOUDFLARE FIRECRAWL CHUTES AVIAN QSTASH LEMONFOX "
    "OPENPIPE CANOPYWAVE AMDBARTEK 2YFV WISDOMINANUTSHELL HYPERBOLIC PREDIBASE"
).split()


@dataclass
class Findings:
    """All that the report is about."""

    main: list[Snapshot]
    second: list[Snapshot]
    outcome: Outcome
    corrections: list[Correction]
    idle_corrections: list[str]
    warnings: list[str]
    lines: list[str]
    """Those of the book."""
    sources: list[str] = field(default_factory=list)


def report(findings: Findings) -> str:
    """Returns the report as Markdown."""
    parts = [
        "# Review of the price book",
        "Made by `make prices` with the book; read it before you commit one.",
        _section("Sources, oldest first", findings.sources, shown=len(findings.sources)),
        _coverage(findings),
        _news(findings.main[-2], findings.main[-1]),
        _section("Entries of the newest LiteLLM that say different things of one model", _inner_conflicts(findings.main[-1])),
        _section(_across_title(findings), _across(findings)),
        _section("Left out as mistakes that upstream corrected later", findings.outcome.mistakes),
        _section("Changed and changed back, and kept", findings.outcome.swings),
        _section("Corrections of ours (`scripts/prices/corrections.toml`)", _corrections(findings), shown=200),
        _section("Corrections that change nothing any more", findings.idle_corrections),
        _section("Looks wrong", findings.warnings, shown=80),
        _section("Rounded to what the book can hold (newest LiteLLM)", findings.main[-1].roundings, shown=10),
        _section("Refused: no price can be so", [line for snapshot in _newest(findings) for line in snapshot.refused]),
        _section("Not taken over from the newest releases", _skipped(findings)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _newest(findings: Findings) -> list[Snapshot]:
    return [snapshots[-1] for snapshots in (findings.main, findings.second) if snapshots]


def _section(title: str, lines: list[str], shown: int = SHOWN) -> str:
    kept = [f"- {line}" for line in lines[:shown]]
    if len(lines) > shown:
        kept.append(f"- … and {len(lines) - shown} more")
    return "\n".join([f"## {title} ({len(lines)})", "", *kept]) if lines else f"## {title}: none"


def _coverage(findings: Findings) -> str:
    models, aliases, rows, dated = Counter(), Counter(), Counter(), Counter()
    for line in findings.lines:
        provider, _, since, *_ = line.split("\t")
        if since == "=":
            aliases[provider] += 1
        else:
            rows[provider] += 1
            dated[provider] += since != "-"
    newest = Counter(provider for provider, _ in findings.main[-1].models)
    for provider, _ in findings.outcome.histories:
        models[provider] += 1
    table = ["| provider | models | of them aliases | rows | changes of price | in the newest LiteLLM |", "|---|--:|--:|--:|--:|--:|"]
    for provider in sorted(models):
        counts = (models[provider], aliases[provider], rows[provider], dated[provider], newest[provider])
        table.append(f"| {provider} | {' | '.join(map(str, counts))} |")
    totals = (sum(models.values()), sum(aliases.values()), sum(rows.values()), sum(dated.values()), sum(newest.values()))
    table.append(f"| all | {' | '.join(map(str, totals))} |")
    without = [name for name in HELICONE if name not in models]
    return "\n".join(["## Coverage", "", *table, "", f"Names of Helicone's without any price: {', '.join(without)}."])


def _news(before: Snapshot, now: Snapshot) -> str:
    added, removed = now.models.keys() - before.models.keys(), before.models.keys() - now.models.keys()
    changes = []
    for model in now.models.keys() & before.models.keys():
        old, new = before.models[model].get(STANDARD, {}), now.models[model].get(STANDARD, {})
        if factor := _factor(old, new):
            changes.append((factor, model, changed(old, new)))
    changes.sort(key=lambda change: (-change[0], change[1]))
    count = {name: Counter(provider for provider, _ in models) for name, models in (("added", added), ("removed", removed))}
    count["changed"] = Counter(model[0] for _, model, _ in changes)
    lines = [f"## LiteLLM {now.version} against {before.version}", ""]
    lines += [f"- {name}: {sum(by.values())} ({_counts(by)})" for name, by in count.items() if by]
    lines += ["", "Removed models keep their prices in the book. The largest changes of the standard price of input or output:", ""]
    lines += [f"- {provider} {model}: {what}" for _, (provider, model), what in changes[:SHOWN]]
    return "\n".join(lines)


def _counts(counter: Counter) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _factor(old: Prices, new: Prices) -> Decimal | None:
    """By how much the price of text differs at most; `None` if it does not."""
    factors = [max(old[unit], new[unit]) / min(old[unit], new[unit]) for unit in ("input", "output") if old.get(unit) and new.get(unit)]
    largest = max(factors, default=Decimal(1))
    return largest if largest != 1 else None


def _inner_conflicts(snapshot: Snapshot) -> list[str]:
    return [
        f"{conflict.model[0]} {conflict.model[1]} ({conflict.at.text()}): `{conflict.left_out}` is left out, which says {conflict.difference}"
        for conflict in snapshot.conflicts
    ]


def _across_title(findings: Findings) -> str:
    newest = findings.second[-1]
    return f"More than 5 % apart from models.dev on {newest.released}, input or output"


def _across(findings: Findings) -> list[str]:
    if not findings.second:
        return []
    newest, lines = findings.second[-1], []
    for model, listed in sorted(newest.models.items()):
        ours = price_on(findings.outcome.histories, model, newest.released)
        theirs = listed.get(STANDARD, {})
        factor = _factor(ours, theirs)
        if factor and factor > 1 + TOLERANCE:
            lines.append(f"{model[0]} {model[1]}: {changed(_text_only(ours), _text_only(theirs))}")
    return lines


def _text_only(prices: Prices) -> Prices:
    return {unit: prices[unit] for unit in ("input", "output") if unit in prices}


def price_on(histories: Histories, model: Model, day: date) -> Prices:
    """Returns the standard prices of a model on a day."""
    rows = histories.get(model, {}).get(STANDARD, [])
    valid = [row for row in rows if row.since is None or row.since <= day]
    return valid[-1].prices if valid else {}


def _corrections(findings: Findings) -> list[str]:
    lines = []
    for correction in findings.corrections:
        days = f"{correction.since or '…'} to {correction.until or '…'}"
        prices = " ".join(f"{unit}={text(price)}" for unit, price in correction.prices.items())
        models = ", ".join(correction.models)
        what = f"{correction.provider} {models} ({correction.at.text()}), {days}"
        lines.append(f"{what}: {prices or 'not known'}. {correction.reason}")
    return lines


def _skipped(findings: Findings) -> list[str]:
    return [
        f"{snapshot.source} {snapshot.version}: {count} × {reason}"
        for snapshot in _newest(findings)
        for reason, count in sorted(snapshot.skipped.items())
    ]
