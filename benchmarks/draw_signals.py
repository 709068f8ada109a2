"""Draw what each signal adds: how much nDCG@10 is lost without it, in each direction.

Usage: diwan bench retrieval --data DIR --signals --json | python benchmarks/draw_signals.py
"""

import json
import sys
from typing import Any

WIDTH, LEFT, GAP = 150, 90, 22  # of a panel, of the names before them, and between panels
ROW, BAR, TOP = 22, 12, 46
LEAST_SCALE = 0.02  # nDCG; so that nothing small looks large
SAME, CHANGED = "#767676", "#1f5f8b"


def main() -> None:
    """Read the benchmark's JSON and print the picture."""
    report: dict[str, Any] = json.load(sys.stdin)
    whole = {name: row["ndcg@10"] for name, row in report["directions"].items()}
    losses = {
        signal: {name: whole[name] - kinds["without"][name] for name in whole}
        for signal, kinds in report["signals"].items()
    }
    scale = max(LEAST_SCALE, *(value for row in losses.values() for value in row.values()))
    height = TOP + ROW * len(losses) + 12
    width = LEFT + (WIDTH + GAP) * len(whole) + 10
    print(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" font-family="system-ui, sans-serif" font-size="12"'
        ' role="img" aria-label="nDCG@10 lost without each signal">'
    )
    print(f'<rect width="{width}" height="{height}" fill="#ffffff"/>')
    for number, signal in enumerate(losses):
        print(
            f'<text x="{LEFT - 8}" y="{TOP + ROW * number + 11}" text-anchor="end">{signal}</text>'
        )
    for place, direction in enumerate(whole):
        start = LEFT + place * (WIDTH + GAP)
        asked, about = direction.split("-")
        print(f'<text x="{start}" y="18" font-weight="600">{asked} → {about}</text>')
        print(f'<text x="{start}" y="34" fill="{SAME}">all: {whole[direction]:.3f}</text>')
        for number, row in enumerate(losses.values()):
            loss, top = row[direction], TOP + ROW * number
            length = max(1.0, max(loss, 0) / scale * (WIDTH - 46))
            print(f'<rect x="{start}" y="{top}" width="{length:.1f}" height="{BAR}"'
                  f' fill="{CHANGED if loss > 0 else SAME}"/>')  # fmt: skip
            print(f'<text x="{start + length + 4:.1f}" y="{top + 10}">{-loss:+.3f}</text>')
    print("</svg>")


if __name__ == "__main__":
    main()
