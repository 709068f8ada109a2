"""Different questions to `/api/v1/search`, so many a second: for locust.

locust --headless --locustfile benchmarks/locustfile.py --host http://127.0.0.1:8000 \
    --users 50 --spawn-rate 50 --run-time 60s

DIWAN_LOAD_QUESTIONS is a folder of LAReQA's XQuAD-R; DIWAN_LOAD_RATE the questions a second, of all
users together. The hub has no limit meanwhile: DIWAN_RATE_LIMIT=0.
"""

import json
import os
from itertools import chain, count, zip_longest
from pathlib import Path
from time import sleep

from locust import FastHttpUser, constant_throughput, task

_USERS = 50
_RATE = float(os.environ.get("DIWAN_LOAD_RATE", "100"))
_LANGUAGES = ("en", "ar", "de", "es", "ru", "tr", "zh")


def read_questions(folder: Path) -> list[str]:
    """The questions of every language, the languages in turn, each once."""
    found = []
    for language in _LANGUAGES:
        articles = json.loads((folder / f"{language}.json").read_text("utf-8"))["data"]
        paragraphs = chain.from_iterable(article["paragraphs"] for article in articles)
        found.append([qa["question"] for paragraph in paragraphs for qa in paragraph["qas"]])
    turns = chain.from_iterable(zip_longest(*found))
    return list(dict.fromkeys(question for question in turns if question))


QUESTIONS = iter(read_questions(Path(os.environ["DIWAN_LOAD_QUESTIONS"])))


TURNS = count()


class Asker(FastHttpUser):
    """One of 50 who ask at the same pace."""

    wait_time = constant_throughput(_RATE / _USERS)

    def on_start(self) -> None:
        """Begin in turn: all at once would be asked in bursts."""
        sleep(next(TURNS) / _RATE)

    @task
    def search(self) -> None:
        """Ask what nobody has asked before."""
        with self.client.get(
            "/api/v1/search", params={"q": next(QUESTIONS)}, name="search", catch_response=True
        ) as answer:
            if not answer.ok or not answer.json()["results"]:
                answer.failure(f"{answer.status_code}: {answer.text[:200]}")
