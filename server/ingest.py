"""`diwan ingest` and `diwan remove`: documents into the library and out of it."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from unicodedata import category

import typer

from corpus.ingest import Intake, Outcome, Status, counted, filed_ids, remove, shown
from corpus.intake import check_said
from corpus.library import BUNDLED, load_library
from corpus.markdown import DocumentError, parse_case_study
from corpus.readers.draft import RefusedError
from corpus.readers.worker import Worker
from corpus.removed import Removed
from index.passages import split_passages
from index.places import countries_stated
from server.settings import Settings
from server.terminal import CannotError, print_json, progress_bar

_SHOWN = 3  # passages that a dry run shows in the terminal


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    lang: Annotated[str | None, typer.Option(help="Language of the text (ar, en, …).")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the document.")] = None,
    url: Annotated[str | None, typer.Option(help="Where the original can be read.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Body that published it.")] = None,
    published: Annotated[str | None, typer.Option(help="Date, as 2024, 2024-11 or 2024-11-27.")]
    = None,
    country: Annotated[str | None, typer.Option(help="Country (UG, IQ, …).")] = None,
    place: Annotated[str | None, typer.Option(help="City, region or country, in words.")] = None,
    level: Annotated[str | None, typer.Option(help="community, city, regional, national or"
                                              " international.")] = None,
    pillar: Annotated[list[str] | None, typer.Option(help="A pillar; say it again for more.")]
    = None,
    document_id: Annotated[str | None, typer.Option("--id", help="Id; the same for its renderings"
                                                    " in other languages.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be taken in; change"
                                          " nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing"
                                          " else.")] = False,
) -> None:  # fmt: skip
    """Take files, and all files below folders, into the library.

    Web pages, PDF, Word, Markdown and plain text. What is not known of a document is listed as
    missing; options say it, or a file beside it (report.pdf.toml) with lines such as
    country = "UG". Run `diwan rebuild` afterwards.
    """
    settings = Settings()
    options = {
        "id": document_id, "language": lang, "title": title, "url": url, "publisher": publisher,
        "published": published, "country": country, "place": place, "level": level,
        "pillars": pillar or [],
    }  # fmt: skip
    try:
        said = check_said({key: value for key, value in options.items() if value}, "the options")
    except RefusedError as error:
        raise typer.BadParameter(str(error)) from None
    taken = taken_ids(settings.home)
    outcomes: list[Outcome] = []
    with progress_bar() as report, Worker() as worker:
        intake = Intake(settings.home, taken, worker, countries_stated, dry_run)
        for outcome in intake.take_all(paths, said, report):
            outcomes.append(outcome)
            if not as_json:
                _print(outcome, dry=dry_run)
    if as_json:
        print_json(
            {"files": [_record(outcome, dry=dry_run) for outcome in outcomes], **counted(outcomes)}
        )
    else:
        _print_sum(outcomes, dry=dry_run)
    if not outcomes:
        raise CannotError("There is no file to take in.")
    if refused := counted(outcomes)[Status.REFUSED]:
        raise CannotError(
            f"{refused} of {len(outcomes)} files were refused; the reasons are above"
            + ("." if dry_run else f", and in {settings.home / 'refused'}.")
        )


def remove_documents(
    ids: Annotated[list[str], typer.Argument(help="Ids of documents.")],
) -> None:
    """Take documents out of every answer at once, and out of the next generation.

    To have one back, ingest it again; a bundled case study comes back when its id is taken out of
    removed.json in DIWAN_HOME.
    """
    settings = Settings()
    known = taken_ids(settings.home) | filed_ids(settings.home) | Removed(settings.home).ids()
    if unknown := [name for name in ids if name not in known]:
        raise CannotError(
            f"There is no document with the id {', '.join(unknown)}; nothing was removed."
        )
    remove(settings.home, ids)
    print(f"Removed {', '.join(ids)}: out of every answer now; `diwan rebuild` drops it for good.")


def taken_ids(home: Path) -> frozenset[str]:
    """Ids that no file's name may take by chance: of bundled case studies, and those of staff."""
    found = {case.id for case in load_library([BUNDLED], ()).cases}
    for path in sorted((home / "library").rglob("*.md")):
        with suppress(DocumentError, OSError, UnicodeDecodeError):
            found.add(parse_case_study(path.read_text(encoding="utf-8"), path.name).id)
    return frozenset(found)


def _legible(path: Path | str) -> str:
    """A path as it can be printed: nothing in a name may steer the terminal."""
    return "".join("\ufffd" if category(c) in ("Cc", "Cf") else c for c in shown(path))


def _print(outcome: Outcome, *, dry: bool) -> None:
    if outcome.document is None:
        print(f"refused    {_legible(outcome.path)}: {outcome.reason}")
        return
    document = outcome.document
    passages = split_passages(document)
    facts = f"{document.id} ({document.language}), {len(passages)} passages"
    missing = f"; not known: {', '.join(outcome.missing)}" if outcome.missing else ""
    print(f"{outcome.status.value:10} {_legible(outcome.path)}: {facts}{missing}")
    if not dry:
        return
    source = document.source
    print(f"  title: {document.title}")
    if source:
        print(
            f"  published: {source.published or 'not known'}; source: {source.url or 'not known'}"
        )
    for sentence in outcome.left_out:
        print(f"  left out: {sentence}")
    for passage in passages[:_SHOWN]:
        page = f"page {passage.page}: " if passage.page else ""
        print(f"  | {page}{' › '.join(passage.heading)}\n  | {passage.text[:300]}")


def _print_sum(outcomes: Sequence[Outcome], *, dry: bool) -> None:
    counts = ", ".join(f"{count} {status}" for status, count in counted(outcomes).items() if count)
    print(f"{counts or 'Nothing'}." + (" Nothing was changed: this was a dry run." if dry else ""))
    if not dry and any(o.status in (Status.ADDED, Status.CHANGED) for o in outcomes):
        print("Run `diwan rebuild` to make them searchable.")


def _record(outcome: Outcome, *, dry: bool) -> dict[str, Any]:
    document = outcome.document
    record: dict[str, Any] = {
        "path": shown(outcome.path),
        "status": outcome.status.value,
        "id": document.id if document else None,
        "language": document.language if document else None,
        "title": document.title if document else None,
        "published": document.source.published if document and document.source else None,
        "missing": outcome.missing,
        "left_out": outcome.left_out,
        "reason": outcome.reason,
    }
    if document:
        passages = split_passages(document)
        record["passages"] = len(passages)
        if dry:
            record["text"] = [
                {"heading": p.heading, "page": p.page, "language": p.language, "text": p.text}
                for p in passages
            ]
    return record
