"""A running server takes up what is published, and keeps serving when it cannot."""

import threading
from dataclasses import replace
from weakref import ref

import pytest
from conftest import StandInEncoder

from index.generation import Generation
from index.manifest import GenerationError
from server.holder import Holder, NotReadyError
from server.service import Service


def named(generation: Generation, name: str) -> Generation:
    return replace(generation, manifest=replace(generation.manifest, id=name))


def test_it_takes_up_a_new_generation_and_only_then_loads(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    published = ["one"]
    loads: list[str] = []

    def load() -> Service:
        loads.append(published[0])
        return Service(named(small_generation, published[0]), stand_in)

    holder = Holder(load, lambda: published[0])
    with pytest.raises(NotReadyError, match="starting"):
        holder.current()
    holder._refresh()
    held = holder.current()
    holder._refresh()
    published[0] = "two"
    holder._refresh()
    assert held.generation.id == "one", "a request keeps what it began with"
    assert holder.current().generation.id == "two"
    assert loads == ["one", "two"]


def test_it_keeps_serving_when_the_new_one_is_damaged(
    small_generation: Generation,
    stand_in: StandInEncoder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    published = ["one"]

    def load() -> Service:
        if published[0] != "one":
            raise GenerationError("Generation two is damaged.")
        return Service(named(small_generation, "one"), stand_in)

    holder = Holder(load, lambda: published[0])
    holder._refresh()
    published[0] = "two"
    holder._refresh()
    holder._refresh()
    assert holder.current().generation.id == "one"
    assert caplog.text.count("Generation two is damaged.") == 1


def test_what_could_not_be_loaded_is_tried_again_but_not_all_the_time(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    tries: list[bool] = []

    def load() -> Service:
        tries.append(True)
        if len(tries) < 3:
            raise GenerationError("Generation one is damaged.")
        return Service(small_generation, stand_in)

    patient = Holder(load, lambda: "one", again=3_600)
    for _ in range(3):
        patient._refresh()
    assert len(tries) == 1
    restless = Holder(load, lambda: "one", again=0)
    for _ in range(3):
        restless._refresh()
    assert restless.current().generation is small_generation
    assert len(tries) == 3


def test_a_fault_of_its_own_does_not_end_it(
    small_generation: Generation, stand_in: StandInEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    published = ["one"]

    def load() -> Service:
        if published[0] == "two":
            raise MemoryError
        return Service(named(small_generation, published[0]), stand_in)

    holder = Holder(load, lambda: published[0])
    holder._refresh()
    published[0] = "two"
    holder._refresh()
    assert holder.current().generation.id == "one"
    assert holder.problem is not None
    assert "MemoryError" in caplog.text
    published[0] = "three"
    holder._refresh()
    assert holder.current().generation.id == "three"
    assert holder.problem is None


def test_it_says_that_it_serves_an_older_one_until_that_is_mended(
    small_generation: Generation,
    stand_in: StandInEncoder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    published = ["two"]
    trouble: list[str | None] = ["Generation two is damaged."]
    holder = Holder(
        lambda: Service(small_generation, stand_in, problem=trouble[0]),
        lambda: published[0],
        again=3_600,
    )
    holder._refresh()
    assert holder.current().generation is small_generation
    assert holder.problem == "Generation two is damaged."
    assert caplog.text.count("Generation two is damaged.") == 1
    published[0], trouble[0] = "three", None
    holder._refresh()
    assert holder.problem is None


def test_a_service_is_let_go_when_another_takes_its_place(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    published = ["one"]
    holder = Holder(
        lambda: Service(named(small_generation, published[0]), stand_in), lambda: published[0]
    )
    holder._refresh()
    held = ref(holder.current().generation)
    published[0] = "two"
    holder._refresh()
    assert held() is None


def test_it_loads_in_the_background_and_stops(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    loaded = threading.Event()

    def load() -> Service:
        loaded.set()
        return Service(small_generation, stand_in)

    holder = Holder(load, lambda: "one")
    holder.start()
    assert loaded.wait(10)
    holder.stop()
    assert holder.current().generation is small_generation


def test_who_waits_is_given_the_first_one_that_is_loaded(
    small_generation: Generation, stand_in: StandInEncoder
) -> None:
    waiting = threading.Event()

    def load() -> Service:
        assert waiting.wait(30)
        return Service(small_generation, stand_in)

    holder = Holder(load, lambda: "one")
    holder.start()
    with pytest.raises(NotReadyError, match="starting"):
        holder.wait(0)
    waiting.set()
    assert holder.wait(30).generation is small_generation
    holder.stop()


def test_who_waits_is_told_at_once_that_none_can_be_loaded() -> None:
    def load() -> Service:
        raise GenerationError("There is no index yet.")

    holder = Holder(load, lambda: None)
    holder.start()
    with pytest.raises(NotReadyError, match="no index yet"):
        holder.wait(30)
    holder.stop()
