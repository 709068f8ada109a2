"""`diwan key`: which programs may ask by a key of their own."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from server.keys.store import HIGHEST_LIMIT, USUAL_LIMIT, Key, Scope
from server.settings import Settings
from server.store import STORE, Store
from server.store_records import TERMINAL, By
from server.terminal import AsJson, print_json

app = typer.Typer(no_args_is_help=True, help="Say which programs may ask by a key of their own.")

_Name = Annotated[str, typer.Argument(help="Name of the key: whose it is, or what for.")]


@app.command()
def create(
    name: _Name,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="What can be done with it; give it once for each. Search if not given."),
    ] = None,
    limit: Annotated[
        int,
        typer.Option(min=0, max=HIGHEST_LIMIT, help="Requests a minute; 0 is no limit."),
    ] = USUAL_LIMIT,
    as_json: AsJson = False,
) -> None:
    """Make a key, and print it: this once, for only a hash of it is kept."""
    scopes = sorted(set(scope or [Scope.SEARCH]))
    with Store(Settings().home / STORE) as store:
        key = store.create_key(name, scopes, limit, By(TERMINAL, datetime.now(UTC)))
    shown = " ".join(name.split())
    if as_json:
        print_json({"name": shown, "key": key, "scopes": scopes, "limit": limit})
        return
    print(
        f"The key {shown}, for {', '.join(scopes)}; {_limited(limit)}. It is shown this once; pass"
        f" it on where nobody else reads:\n{key}"
    )


@app.command(name="list")
def list_keys(as_json: AsJson = False) -> None:
    """List the keys, what each is for, and the day when it was last used."""
    with Store(Settings().home / STORE) as store:
        found = store.keys()
    if as_json:
        print_json([_listed(key) for key in found])
        return
    if not found:
        print("There is no key yet; make one with `diwan key create NAME`.")
    for key in found:
        used = f"last used {key.used_on}" if key.used_on else "never used"
        scopes = ", ".join(sorted(key.scopes))
        print(f"{key.name}  ({scopes}; {_limited(key.limit)}; since {key.created_on}; {used})")


@app.command()
def revoke(name: _Name, as_json: AsJson = False) -> None:
    """Revoke a key: within a second it opens nothing any more."""
    with Store(Settings().home / STORE) as store:
        key = store.revoke_key(name, By(TERMINAL, datetime.now(UTC)))
    if as_json:
        print_json({"revoked": key.name})
        return
    print(f"The key {key.name} is revoked.")


def _limited(limit: int) -> str:
    return f"{limit} requests a minute" if limit else "no limit"


def _listed(key: Key) -> dict[str, Any]:
    return {
        "name": key.name,
        "scopes": sorted(key.scopes),
        "limit": key.limit,
        "created_on": key.created_on.isoformat(),
        "used_on": key.used_on and key.used_on.isoformat(),
    }
