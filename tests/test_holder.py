"""A running server takes up what is published, and keeps serving when it cannot."""

import threading
from dataclasses import replace

import pytest
from conftest import StandInEncoder

from index.generation import Generation, GenerationError
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
