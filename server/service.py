"""What serves: one generation and one encoder, handed to whoever answers a request."""

from dataclasses import dataclass, replace
from threading import BoundedSemaphore

from corpus.case_study import CaseStudy
from corpus.removed import Removed
from index.encoder import Encoder, load_encoder
from index.generation import Generation
from index.hits import Result
from index.locks import Lease
from index.manifest import GenerationError
from index.pace import step_aside
from index.publication import Publication
from index.question import Question, read_question
from index.search import search
from index.similar import similar_cases
from index.soundness import check_vectors

_AT_ONCE = 2  # searches of a process; more would only take the cores from each other, switching
_TURNS = BoundedSemaphore(_AT_ONCE)
_WARM_UP = ("How do cities and the state work together?", "كيف تتعاون المدن مع الدولة؟")


@dataclass(frozen=True, slots=True)
class Service:
    """A loaded generation with the encoder that it was built by.

    Attributes:
        generation: What is searched.
        encoder: What encodes the questions.
        removed: Documents that are not to be shown, whatever the generation holds.
        lease: Keeps the generation from being collected.
        problem: Why it is not the generation that was published last; None where it is.
    """

    generation: Generation
    encoder: Encoder
    removed: Removed | None = None
    lease: Lease | None = None
    problem: str | None = None

    @classmethod
    def load(
        cls,
        publication: Publication,
        model: str,
        encoder: Encoder | None = None,
        removed: Removed | None = None,
    ) -> "Service":
        """Open the generation that serves, and its model unless that is at hand.

        A generation whose vectors the model does not give again is passed over like one that is
        damaged.

        Args:
            publication: Where generations live.
            model: As the setting names it.
            encoder: The model, if it has been loaded already.
            removed: Documents that are not to be shown, whatever the generation holds.

        Raises:
            GenerationError: There is no sound generation, or another model built it.
            EncoderError: The model cannot be loaded.
        """
        loaded = encoder

        def check(generation: Generation) -> None:
            nonlocal loaded
            # One thread a question: several questions at once use the cores better than one that
            # waits for its own threads to meet.
            loaded = loaded or load_encoder(model, threads=1)
            manifest = generation.manifest
            if (manifest.model, manifest.revision) == (loaded.name, loaded.revision):
                check_vectors(generation, loaded)

        opened = publication.open(check)
        generation, encoder = opened.generation, loaded or load_encoder(model, threads=1)
        built_by = generation.manifest.model, generation.manifest.revision
        if built_by != (encoder.name, encoder.revision):
            raise GenerationError(
                f"The index was built by the model {built_by[0]} ({built_by[1]}), and the setting"
                f" DIWAN_MODEL names {encoder.name} ({encoder.revision}); run `diwan rebuild`, or"
                " set DIWAN_MODEL back."
            )
        service = cls(generation, encoder, removed, opened.lease, opened.problem)
        # Made now rather than for the first who asks.
        _ = generation.gazetteer
        generation.spelling.prepare()
        for question in _WARM_UP:  # the first ones are slow; they shall not be a user's
            service.search(read_question(question))
            step_aside()
        return service

    def search(self, question: Question, k: int = 10) -> Result:
        """Return the `k` best passages; see `index.search.search`."""
        filters = replace(question.filters, withheld=self.withheld())
        with _TURNS:
            return search(self.generation, self.encoder, replace(question, filters=filters), k)

    def withheld(self) -> frozenset[str]:
        """Ids of documents that have been taken away since the generation was built.

        Raises:
            RemovedError: The list of them cannot be read.
        """
        if self.removed is None:
            return frozenset()
        return self.removed.withheld(self.generation.manifest.returned)

    def case(self, case_id: str, language: str) -> CaseStudy | None:
        """One rendering of a document, or None; None, too, for one that was taken away."""
        return None if case_id in self.withheld() else self.generation.case(case_id, language)

    def renderings(self, case_id: str) -> tuple[CaseStudy, ...]:
        """Every rendering of a document; none of one that was taken away."""
        return () if case_id in self.withheld() else self.generation.renderings(case_id)

    def similar(self, case: CaseStudy) -> tuple[CaseStudy, ...]:
        """Cases that did something alike elsewhere; none that was taken away."""
        return similar_cases(self.generation, case, withheld=self.withheld())
