"""The report on a generation that was kept aside, read back from the file that the gate wrote."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class LanguageShare(BaseModel):
    """How many questions of a language are answered right; see `index.gate.Share`."""

    model_config = ConfigDict(frozen=True)

    language: str
    questions: int
    right_before: int
    right_now: int

    @property
    def lost(self) -> float:
        """By how much of all of them fewer are answered right, 0 to 1; below 0 where more are."""
        return (self.right_before - self.right_now) / (self.questions or 1)


class LostCase(BaseModel):
    """A case that is hardly found any more; see `index.gate.LostCase`."""

    model_config = ConfigDict(frozen=True)

    case: str
    found_before: int
    lost: int


class Suffering(BaseModel):
    """A question that was answered right and is not any more; see `index.gate.worse_as_json`."""

    model_config = ConfigDict(frozen=True)

    question: str
    language: str
    cases: tuple[str, ...]
    rank_before: int | None = None
    rank_now: int | None = None
    finds_now: str | None = None
    in_the_library: bool = True


class GateReport(BaseModel):
    """What `index.gate.report_on` wrote down; older reports say less."""

    model_config = ConfigDict(frozen=True)

    generation: str
    compared_with: str
    reasons: tuple[str, ...]
    questions: int
    right_before: int
    right_now: int
    allowed: float | None = None
    languages: tuple[LanguageShare, ...] = ()
    lost_cases: tuple[LostCase, ...] = ()
    worse: tuple[Suffering, ...] = ()

    @property
    def fallen(self) -> tuple[LanguageShare, ...]:
        """The languages of which too many questions are answered right no longer."""
        most = self.allowed
        return () if most is None else tuple(one for one in self.languages if one.lost > most)

    @property
    def is_told_by_counts(self) -> bool:
        """Whether the counts say all that the reasons say; those of older reports say less."""
        return len(self.fallen) + len(self.lost_cases) == len(self.reasons)


def read_report(path: Path) -> GateReport | None:
    """Read a report; None where there is none, or none that can be read."""
    try:
        return GateReport.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None
