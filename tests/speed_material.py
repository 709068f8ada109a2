"""A folder in LAReQA's form that is large enough for libraries to be made of it."""

import json
from pathlib import Path

_WORDS = {
    "en": "harbour school porters winter council petition market well orchard shepherd".split(),
    "ar": "الميناء المدرسة الحمالون الشتاء المجلس العريضة السوق البئر البستان الراعي".split(),
}
_LINK = {"en": "reached the", "ar": "وصل إلى"}
_ASK = {"en": "Who met the {} of the {}?", "ar": "من التقى {} عند {}؟"}


def write_material(folder: Path) -> Path:
    """Write a hundred sentences and a hundred questions in each of two languages."""
    for language, words in _WORDS.items():
        pairs = [(one, other) for one in words for other in words]
        sentences = [
            f"{language.capitalize()} {number}: {one} {_LINK[language]} {other} {one}."
            for number, (one, other) in enumerate(pairs)
        ]
        paragraphs = [
            {
                "context": " ".join(sentences[start : start + 10]),
                "qas": [
                    {"id": f"q{number}", "question": _ASK[language].format(*pairs[number])}
                    for number in range(start, start + 10)
                ],
            }
            for start in range(0, len(pairs), 10)
        ]
        document = {"data": [{"title": "T", "paragraphs": paragraphs}]}
        (folder / f"{language}.json").write_text(json.dumps(document), "utf-8")
    return folder
