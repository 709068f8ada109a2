"""A country -> the continent that it is counted with."""

from functools import cache

from pyworldatlas import Atlas

# The regions of the United Nations' M49, by the codes under which CLDR names them.
_CODES = {"Africa": "002", "Americas": "019", "Asia": "142", "Europe": "150", "Oceania": "009"}
# CLDR counts these as well, which M49 has not.
_BESIDE = {"TW": "142", "XK": "150"}


def continent(country: str) -> str | None:
    """Tell which continent a country is counted with.

    Args:
        country: ISO 3166-1 alpha-2 code, or `XK` for Kosovo.

    Returns:
        The continent's code in UN M49 and CLDR, such as 002 for Africa; None where there is none.
    """
    return _continents().get(country)


@cache
def _continents() -> dict[str, str]:
    with Atlas() as atlas:
        known = {country.alpha2: country.continent for country in atlas.countries()}
    return _BESIDE | {code: _CODES[name] for code, name in known.items() if name}
