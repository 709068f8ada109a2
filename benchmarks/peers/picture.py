"""The picture: what each row finds in each direction, how long it takes, and its memory."""

from collections.abc import Callable, Sequence
from html import escape
from math import log10

from benchmarks.peers.encoders import ENCODERS
from benchmarks.peers.figures import Failure, Figures
from benchmarks.peers.report import Results
from benchmarks.peers.rows import Row

_WIDTH, _GAP = 132, 20  # of a panel, and between panels
_LEFT, _TOP, _ROW, _BAR = 260, 44, 34, 14
_OURS, _THEIRS, _PALE = "#1f5f8b", "#767676", "#c9c9c9"
_FIGURE = 44  # room for the figure behind a bar
_FAINT = "#595959"


def picture(results: Results, languages: Sequence[str]) -> str:
    """Draw it as SVG: a line for each row, a panel for each figure."""
    panels = _panels(results, languages)
    width = _LEFT + (_WIDTH + _GAP) * len(panels)
    height = _TOP + _ROW * len(results) + 8
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="system-ui, sans-serif" font-size="12" role="img"'
        ' aria-label="What each peer finds, how long a question takes, and its memory">'
    )
    lines = [
        opening,
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (row, result) in enumerate(results):
        lines += _name(row, result, _TOP + _ROW * number)
    for place, panel in enumerate(panels):
        lines += _drawn(panel, _LEFT + place * (_WIDTH + _GAP), results)
    return "\n".join([*lines, "</svg>", ""])


_Panel = tuple[str, str, Callable[[Figures], float], Callable[[Figures], str]]


def _drawn(panel: _Panel, start: int, results: Results) -> list[str]:
    """Draw a panel whose left edge is at `start`."""
    title, below, length, text = panel
    lines = [
        f'<text x="{start}" y="18" font-weight="600">{escape(title)}</text>',
        f'<text x="{start}" y="33" fill="{_FAINT}" font-size="10">{escape(below)}</text>',
    ]
    for number, (row, result) in enumerate(results):
        if isinstance(result, Failure):
            continue
        top, colour = _TOP + _ROW * number + 4, _OURS if row.package is None else _THEIRS
        wide = max(1.0, min(1.0, length(result)) * (_WIDTH - _FIGURE))
        bar = f'x="{start}" y="{top}" width="{wide:.1f}" height="{_BAR}"'
        lines += [
            f'<rect {bar} fill="{colour}"/>',
            f'<text x="{start + wide + 4:.1f}" y="{top + 11}">{text(result)}</text>',
        ]
    return lines


def _panels(results: Results, languages: Sequence[str]) -> list[_Panel]:
    """Title, what stands below it, length from 0 to 1, and the figure in words."""
    within = [(language, language) for language in languages]
    across = [(asked, about) for asked in languages for about in languages if asked != about]
    done = [result for _, result in results if isinstance(result, Figures)]
    slowest = max((figures.p95_ms for figures in done), default=1.0)
    largest = max((_memory(figures) for figures in done), default=1.0)

    def of_direction(direction: tuple[str, str]) -> _Panel:
        asked, about = direction
        return (
            f"{asked} → {about}",
            "nDCG@10",
            lambda figures: figures.ndcg[direction],
            lambda figures: f"{figures.ndcg[direction]:.3f}",
        )

    return [
        *map(of_direction, within + across),
        (
            "a question",
            "median ms, logarithmic",
            lambda figures: _log_share(figures.p50_ms, slowest),
            lambda figures: f"{figures.p50_ms:.1f}",
        ),
        (
            "95 in 100",
            "ms, logarithmic",
            lambda figures: _log_share(figures.p95_ms, slowest),
            lambda figures: f"{figures.p95_ms:.1f}",
        ),
        (
            "memory",
            "MB, own and mapped",
            lambda figures: _memory(figures) / largest,
            lambda figures: f"{_memory(figures):.0f}",
        ),
    ]


def _log_share(value: float, largest: float) -> float:
    """How long a bar is whose scale begins at a millisecond."""
    return log10(max(value, 1.0)) / log10(max(largest, 10.0))


def _memory(figures: Figures) -> float:
    return figures.anonymous_mb + figures.mapped_mb


def _name(row: Row, result: Figures | Failure, top: int) -> list[str]:
    failed = []
    if isinstance(result, Failure):
        reason = escape(f"failed: {result.reason}")
        failed.append(f'<text x="{_LEFT}" y="{top + 15}">{reason}</text>')
    small = f'text-anchor="end" font-size="10" fill="{_FAINT}"'
    return [
        f'<line x1="8" x2="{_LEFT - 8}" y1="{top - 4}" y2="{top - 4}" stroke="{_PALE}"/>',
        f'<text x="{_LEFT - 10}" y="{top + 10}" text-anchor="end">{escape(row.name)}</text>',
        f'<text x="{_LEFT - 10}" y="{top + 23}" {small}>{escape(ENCODERS[row.encoder])}</text>',
        *failed,
    ]
