"""Build, verify, evaluate and publish, if anything has changed since the last time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.gold import GoldQuestion
from corpus.library import Library
from index.build import Progress, build_generation
from index.collecting import collect
from index.encoder import Encoder, load_encoder
from index.evaluate import Evaluation, evaluate
from index.gate import Verdict, judge, report_on
from index.generation import Generation
from index.hits import Result
from index.manifest import GenerationError, Manifest
from index.model_files import model_identity
from index.parameters import up_to_date
from index.publication import Pointer, Publication
from index.question import Question
from index.search import search
from index.soundness import check_vectors
from index.vector_cache import CachedEncoder


@dataclass(frozen=True, slots=True)
class Standards:
    """What a new generation must come up to, and how many are kept.

    Attributes:
        gold: The questions that it is asked.
        allowed: By how much the share that is answered right may be lower than it is now.
        left_out: Ids of the cases that were taken out of the library on purpose.
        keep: How many generations are kept, the one that serves among them.
    """

    gold: tuple[GoldQuestion, ...] = ()
    allowed: float = 0.02
    left_out: frozenset[str] = frozenset()
    keep: int = 5


@dataclass(frozen=True, slots=True)
class Refused:
    """A generation that was built and kept aside, because it answers worse.

    Attributes:
        manifest: Its manifest.
        report: The file that says why.
    """

    manifest: Manifest
    report: Path


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did.

    Attributes:
        manifest: Of the generation that serves now.
        published: Whether it is a new one.
        verdict: What the gate found; None where there was nothing to compare or to build.
        refused: The new one, where the gate kept it aside.
        overtaken: The new one, where somebody published or went back to another one meanwhile.
    """

    manifest: Manifest
    published: bool
    verdict: Verdict | None = None
    refused: Refused | None = None
    overtaken: Manifest | None = None


@dataclass(frozen=True, slots=True)
class Rebuilder:
    """Brings the published generation up to date with a library.

    Attributes:
        publication: Where generations live.
        model: As the setting names it; loaded only if something has to be encoded.
        standards: What a new generation must come up to.
        progress: Told how far it is.
    """

    publication: Publication
    model: str
    standards: Standards
    progress: Progress = lambda _step, _done, _total: None

    def rebuild(
        self, read_library: Callable[[], Library], *, full: bool = False, force: bool = False
    ) -> Rebuilt:
        """Build, verify, evaluate and publish; whatever is raised, what served before still does.

        Args:
            read_library: Reads what to index.
            full: Build everything again, kept vectors included, even if nothing has changed.
            force: Publish it even if it answers worse.

        Raises:
            BusyError: Another process builds.
            EmptyLibraryError: There is nothing to index.
            EncoderError: The model cannot be loaded.
            GenerationError: What was written cannot be read back as it was.
            OSError: The disk does not take the generation.
            LibraryError, GlossaryError, RemovedError: The library cannot be read.
        """
        publication = self.publication
        with publication.building():
            pointer = publication.pointer()
            library = read_library()
            serving = publication.serving()
            published = serving and serving.id == pointer.generation
            if serving and published and not full and up_to_date(serving, library, self.model):
                return Rebuilt(serving, published=False)
            encoder = load_encoder(self.model)
            cached = CachedEncoder(encoder, publication.vectors)
            if full:
                cached.forget()
            built = build_generation(library, cached, self.progress, publication.chronicle())
            written = publication.write(built, lambda found: check_vectors(found, encoder))
            rebuilt = self._admit(written, encoder, pointer, force=force)
            collect(publication, self.standards.keep)
            return rebuilt

    def _admit(
        self, written: Generation, encoder: Encoder, pointer: Pointer, *, force: bool
    ) -> Rebuilt:
        """Publish what was written, unless it answers worse or another was published meanwhile."""
        publication = self.publication
        try:
            before = _serving(publication)
            verdict = self._compare(before, written, encoder) if before else None
            if before and verdict and verdict.reasons and not force:
                report = report_on(verdict, before.manifest, written.manifest)
                path = publication.refuse(written.id, report)
                refused = Refused(written.manifest, path)
                return Rebuilt(before.manifest, published=False, verdict=verdict, refused=refused)
            if not publication.publish(written.id, pointer):
                now = publication.serving() or written.manifest
                return Rebuilt(now, published=False, verdict=verdict, overtaken=written.manifest)
        except BaseException:
            publication.discard(written.id)
            raise
        return Rebuilt(written.manifest, published=True, verdict=verdict)

    def _compare(self, before: Generation, written: Generation, encoder: Encoder) -> Verdict | None:
        """Ask both the gold questions; None where the older one's model is not at hand.

        Source for passing over what is unjudged: Sakai, Alternatives to Bpref (SIGIR 2007).
        """
        old_encoder = _encoder_of(before, encoder)
        left_out = self.standards.left_out
        gold = list(_still_asked(self.standards.gold, left_out))
        if old_encoder is None or not gold:
            return None
        done = 0

        def evaluated(
            generation: Generation, encoder: Encoder, withheld: frozenset[str]
        ) -> Evaluation:
            def ask(question: Question) -> Result:
                nonlocal done
                done += 1
                self.progress("ask", done, 2 * len(gold))
                filters = replace(question.filters, withheld=withheld)
                return search(generation, encoder, replace(question, filters=filters))

            known = _ids(generation) - withheld
            return evaluate(gold, known, ask)

        # Nobody has said yet of which questions a new document is an answer: it is passed over.
        unjudged = left_out | (_ids(written) - _ids(before))
        return judge(
            evaluated(before, old_encoder, left_out),
            evaluated(written, encoder, unjudged),
            self.standards.allowed,
        )


def _ids(generation: Generation) -> frozenset[str]:
    return frozenset(case.id for case in generation.library_cases)


def _serving(publication: Publication) -> Generation | None:
    try:
        return publication.open().generation
    except GenerationError:
        return None


def _encoder_of(generation: Generation, encoder: Encoder) -> Encoder | None:
    """The encoder that a generation was built with: the one at hand, or the bundled one."""
    built_by = generation.manifest.model, generation.manifest.revision
    if built_by == (encoder.name, encoder.revision):
        return encoder
    return load_encoder() if built_by == model_identity(None) else None


def _still_asked(
    questions: Iterable[GoldQuestion], left_out: frozenset[str]
) -> Iterator[GoldQuestion]:
    """The gold questions, but for those about cases that were all left out on purpose."""
    for gold in questions:
        cases = tuple(case for case in gold.cases if case not in left_out)
        if cases or not gold.cases:
            yield replace(gold, cases=cases)
