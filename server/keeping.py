"""`diwan forget`: what people left behind is kept for so long, and no longer."""

from datetime import UTC, datetime, timedelta

from server.settings import Settings
from server.store import STORE, Store
from server.terminal import AsJson, print_json


def forget(as_json: AsJson = False) -> None:
    """Delete what people left behind before the last DIWAN_RETENTION_DAYS days, for good.

    Conversations, briefings, questions, feedback, introductions and the record of what staff
    changed; practices that were declined, and drafts of them after 30 days. What waits for staff
    stays until they have closed it.
    """
    settings = Settings()
    before = datetime.now(UTC).date() - timedelta(days=settings.retention_days)
    with Store(settings.home / STORE) as store:
        gone = store.forget(before)
    counts = {
        "conversations": gone.conversations,
        "questions": gone.questions,
        "feedback": gone.feedback,
        "problems": gone.problems,
        "sent": gone.sent,
        "briefings": gone.briefings,
        "records": gone.records,
        "letters": gone.letters,
        "introductions": gone.introductions,
        "contributions": gone.contributions,
    }
    if as_json:
        print_json({"before": before.isoformat(), **counts})
        return
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    print(f"Forgotten, from before {before}: {said}.")
