"""Readers that do what a hostile file might make a reader do."""

import os
import time
from typing import Any


def hang(_content: bytes, _name: str) -> Any:  # noqa: ANN401
    time.sleep(60)


def die(_content: bytes, _name: str) -> Any:  # noqa: ANN401
    os._exit(11)


def eat(_content: bytes, _name: str) -> Any:  # noqa: ANN401
    return bytearray(8 << 30)


def deep(content: bytes, name: str) -> Any:  # noqa: ANN401
    return deep(content, name)


def fail(_content: bytes, _name: str) -> Any:  # noqa: ANN401
    return 1 // 0
