"""Throws old generations away: never one that serves, and none that a process has open."""

import shutil
from itertools import islice

from index.locks import alone_with
from index.publication import LEAVING, Kept, Publication


def collect(publication: Publication, keep: int) -> list[str]:
    """Throw old generations away; none that serves and none that a process has open.

    Args:
        publication: Where they live.
        keep: How many to keep, those that were published last; of those kept aside, one.

    Returns:
        Names of those that are gone.
    """
    with publication.pointing():
        serving = publication.serving()
        wanted = {*islice(publication.candidates(publication.pointer()), keep)}
        wanted |= {serving.id} if serving else set()
        kept = publication.kept()
        aside = [each for each in kept if each.refused][1:]
        old = [each for each in kept if not each.refused and each.id not in wanted]
        return [each.id for each in (*old, *aside) if _throw_away(publication, each)]


def _throw_away(publication: Publication, kept: Kept) -> bool:
    with alone_with(kept.path) as alone:
        if not alone:
            return False
        leaving = publication.folder / f"{LEAVING}{kept.id}"
        kept.path.rename(leaving)
    shutil.rmtree(leaving)
    publication.report_of(kept.id).unlink(missing_ok=True)
    return True
