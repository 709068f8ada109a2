"""The table, and all figures as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.peers.encoders import ENCODERS
from benchmarks.peers.figures import Failure, Figures
from benchmarks.peers.rows import Row

_LEGEND = (
    "nDCG@10 by the languages of question → passages. Times are of one question, over all"
    " directions. Own memory is anonymous, mapped memory is of files; both at the end of the"
    " larger of the two processes, one for each language of the passages."
)

Results = Sequence[tuple[Row, Figures | Failure]]


def table(results: Results, languages: Sequence[str], facts: Mapping[str, str]) -> str:
    """Lay out the table in Markdown.

    Args:
        results: The rows, in order, with what came of each.
        languages: Of questions and of passages.
        facts: What is to be known of the run, by name.
    """
    directions = _directions(languages)
    head = [
        "peer",
        "encoder",
        "finds by",
        *(f"{asked} → {about}" for asked, about in directions),
        "p50 ms",
        "p95 ms",
        "p99 ms",
        *(f"build {language}, s" for language in languages),
        "start, s",
        "own MB",
        "mapped MB",
    ]
    figures_wide = len(head) - 3
    lines = [_line(head), _line(["---"] * 3 + ["---:"] * figures_wide)]
    for row, result in results:
        first = [_named(row, result), ENCODERS[row.encoder], row.searches]
        if isinstance(result, Failure):
            rest = [f"failed: {result.reason}", *[""] * (figures_wide - 1)]
        else:
            rest = _cells(result, languages)
        lines.append(_line([*first, *rest]))
    remarks = dict.fromkeys(f"{row.name}: {row.remark}" for row, _ in results if row.remark)
    notes = [f"- {name}: {value}" for name, value in facts.items()]
    return "\n".join([*lines, "", _LEGEND, "", *notes, *(f"- {remark}" for remark in remarks), ""])


def document(
    results: Results, languages: Sequence[str], facts: Mapping[str, str]
) -> dict[str, Any]:
    """Put everything into one JSON document."""
    return {
        "facts": dict(facts),
        "languages": list(languages),
        "rows": [{**asdict(row), **_plain(result)} for row, result in results],
    }


def _directions(languages: Sequence[str]) -> list[tuple[str, str]]:
    """Within each language first, then across."""
    within = [(language, language) for language in languages]
    across = [(asked, about) for asked in languages for about in languages if asked != about]
    return within + across


def _named(row: Row, result: Figures | Failure) -> str:
    version = "" if isinstance(result, Failure) else result.version
    return f"{row.name} {version}".rstrip()


def _cells(figures: Figures, languages: Sequence[str]) -> list[str]:
    return [
        *(f"{figures.ndcg[direction]:.3f}" for direction in _directions(languages)),
        *(f"{value:.1f}" for value in (figures.p50_ms, figures.p95_ms, figures.p99_ms)),
        *(f"{figures.build_s[language]:.1f}" for language in languages),
        f"{figures.start_s:.1f}",
        f"{figures.anonymous_mb:.0f}",
        f"{figures.mapped_mb:.0f}",
    ]


def _line(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def _plain(result: Figures | Failure) -> dict[str, Any]:
    if isinstance(result, Failure):
        return {"failed": result.reason}
    ndcg = {f"{asked}-{about}": value for (asked, about), value in result.ndcg.items()}
    return {**asdict(result), "ndcg": ndcg}
