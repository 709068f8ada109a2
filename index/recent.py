"""What was used lately is kept, up to a number of bytes."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Values by name, of which those that nobody has asked for the longest go first.

    Any number of threads may ask and add at once.

    Args:
        most: Bytes that the values may take together.
        size: How many bytes one takes.
    """

    def __init__(self, most: int, size: Callable[[Value], int]) -> None:
        self._most = most
        self._size = size
        self._kept: OrderedDict[str, Value] = OrderedDict()
        self._taken = 0
        self._lock = Lock()

    @property
    def taken(self) -> int:
        """Bytes that the values take together."""
        return self._taken

    def among(self, names: Iterable[str]) -> dict[str, Value]:
        """Those of the named values that are kept; they are the last to go now."""
        with self._lock:
            found = {name: self._kept[name] for name in names if name in self._kept}
            for name in found:
                self._kept.move_to_end(name)
        return found

    def add(self, values: Mapping[str, Value]) -> None:
        """Keep values, as long as there is room."""
        with self._lock:
            for name, value in values.items():
                if name in self._kept:
                    self._taken -= self._size(self._kept.pop(name))
                self._kept[name] = value
                self._taken += self._size(value)
            while self._taken > self._most:
                _, gone = self._kept.popitem(last=False)
                self._taken -= self._size(gone)
