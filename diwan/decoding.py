"""JSON into the classes of `diwan.answers`, exactly: nothing is guessed, nothing is converted."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from diwan.errors import AnswerError

Shape = TypeVar("Shape")


def decode(shape: type[Shape], text: bytes | str) -> Shape:
    """Read an answer.

    Args:
        shape: The class of `diwan.answers` that it is to be.
        text: JSON.

    Raises:
        AnswerError: It is no JSON, a field is missing or is of another type.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise AnswerError(
            "No JSON", detail="What answers there is no hub, or not its root."
        ) from error
    read: Shape = _read(shape, given, "answer")
    return read


@cache
def _fields(shape: type) -> tuple[tuple[str, Any, bool], ...]:
    """Name and type of each field, and whether it has to be there."""
    kinds = get_type_hints(shape)
    return tuple(
        (field.name, kinds[field.name], field.default is MISSING) for field in fields(shape)
    )


def _read(kind: Any, given: Any, where: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    origin, inside = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if given is None else _read(_not_none(inside), given, where)
    if is_dataclass(kind) and isinstance(given, dict):
        return _object(kind, given, where)  # type: ignore[arg-type]  # no instance comes here
    if origin is tuple and isinstance(given, list):
        return _list(inside, given, where)
    if origin is Mapping and isinstance(given, dict):
        return {name: _read(inside[1], held, f"{where}.{name}") for name, held in given.items()}
    if kind is float and type(given) is int:
        return float(given)
    if type(given) is kind:
        return given
    raise AnswerError("Not as agreed", detail=f"{where} is of another type.")


def _not_none(kinds: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a type
    (kind,) = (each for each in kinds if each is not NoneType)
    return kind


def _object(shape: type, given: dict[str, Any], where: str) -> object:
    held = {}
    for name, kind, needed in _fields(shape):
        if name in given:
            held[name] = _read(kind, given[name], f"{where}.{name}")
        elif needed:
            raise AnswerError("Not as agreed", detail=f"{where} has no field “{name}”.")
    return shape(**held)


def _list(kinds: tuple[Any, ...], given: list[Any], where: str) -> tuple[Any, ...]:
    if kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(given)
    if len(kinds) != len(given):
        raise AnswerError("Not as agreed", detail=f"{where} is of another length.")
    return tuple(
        _read(kind, held, f"{where}[{number}]")
        for number, (kind, held) in enumerate(zip(kinds, given, strict=True))
    )
