"""What was used lately is kept within its bounds, whoever asks for it at once."""

from concurrent.futures import ThreadPoolExecutor

from index.recent import Recent


def test_what_nobody_has_asked_for_the_longest_goes_first() -> None:
    recent = Recent[str](10, len)
    recent.add({"one": "aaaa", "two": "bbbb"})
    assert recent.among(["one", "none"]) == {"one": "aaaa"}
    recent.add({"three": "cccc"})
    assert recent.among(["one", "two", "three"]) == {"one": "aaaa", "three": "cccc"}
    assert recent.taken == 8


def test_what_is_added_again_counts_once() -> None:
    recent = Recent[str](10, len)
    for value in ("aaaa", "bbbbbb"):
        recent.add({"one": value})
    assert recent.among(["one"]) == {"one": "bbbbbb"}
    assert recent.taken == 6


def test_what_is_larger_than_all_the_room_is_not_kept() -> None:
    recent = Recent[str](10, len)
    recent.add({"one": "a" * 11})
    assert not recent.among(["one"])
    assert not recent.taken


def test_its_bounds_hold_when_several_ask_at_once() -> None:
    recent = Recent[str](100, len)

    def use(number: int) -> bool:
        name = str(number % 37)
        recent.add({name: name * (number % 11)})
        return all(found == key * (len(found) // len(key)) for key, found in
                   recent.among(map(str, range(37))).items())  # fmt: skip

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(4000)))
    kept = recent.among(map(str, range(37)))
    assert recent.taken == sum(map(len, kept.values())) <= 100
