"""The command line of hub staff and integrators: parse, call, print."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import typer
from pydantic import ValidationError

from corpus.errors import DiwanError
from index.question import QuestionError
from server.terminal import errors, explain

_USAGE = 2


class Command(NamedTuple):
    """A command as the list of all commands shows it.

    Attributes:
        place: Where it is, as `module:name`: a function, or an app of several commands.
        line: What it does; the first sentence of its own help.
    """

    place: str
    line: str


COMMANDS = {
    "ingest": Command(
        "server.ingest:ingest", "Take files, and all files below folders, into the library."
    ),
    "remove": Command(
        "server.ingest:remove_documents",
        "Take documents out of every answer at once, and out of the next generation.",
    ),
    "rebuild": Command(
        "server.rebuild_command:rebuild",
        "Bring the index up to date with the library, check it, and publish it.",
    ),
    "generations": Command(
        "server.generations:generations",
        "List the generations that are kept, the newest first.",
    ),
    "rollback": Command(
        "server.generations:rollback",
        "Let an earlier generation serve again; running servers take it up at once.",
    ),
    "verify": Command(
        "server.verify_command:verify",
        "Check that generations and kept vectors are as they were written.",
    ),
    "backup": Command(
        "server.backup:backup",
        "Write everything that matters of DIWAN_HOME into one file, while Diwan is running.",
    ),
    "restore": Command(
        "server.backup:restore",
        "Put what a backup holds in place of what DIWAN_HOME holds now.",
    ),
    "export": Command(
        "server.export_command:export",
        "Write the whole library into a file: JSON, a rendering on each line.",
    ),
    "forget": Command(
        "server.keeping:forget",
        "Delete what people left behind before the last DIWAN_RETENTION_DAYS days, for good.",
    ),
    "paths": Command(
        "server.paths_command:paths",
        "List the reading paths, with every step that leads nowhere, and why.",
    ),
    "serve": Command("server.serve_command:serve", "Serve the pages and the HTTP interface."),
    "mcp": Command(
        "server.mcp_command:mcp",
        "Answer an assistant over standard input and output (Model Context Protocol).",
    ),
    "status": Command(
        "server.status_command:status",
        "Say what the library holds and whether the index is up to date with it.",
    ),
    "search": Command(
        "server.search_command:search",
        "Ask a question; print the passages that answer it, with their citations.",
    ),
    "eval": Command(
        "server.eval_command:evaluate_gold",
        "Ask the gold questions of the published index; say how often the right case is found.",
    ),
    "bench": Command(
        "server.bench:app",
        "Say how good and how fast the search is, on data that anyone can get.",
    ),
    "staff": Command("server.staff_command:app", "Say who may sign in to the hub's desk."),
    "key": Command(
        "server.keys.key_command:app", "Say which programs may ask by a key of their own."
    ),
}


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """Put the commands together; of them all, only the one that was asked for is imported.

    Most commands need little. What they have in common with `search` is a name in a list, and that
    shall not cost them the time that it takes to import an index and a language model.

    Args:
        arguments: Those of the command line.
    """
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    app = typer.Typer(
        no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
    )
    for name, (place, line) in COMMANDS.items():
        if name != wanted:
            app.command(name, help=line)(_another)
            continue
        module, attribute = place.split(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def main() -> None:
    """Run a command; what cannot be done is said in a line on standard error, exit status 1."""
    try:
        app_for(sys.argv[1:])()
    except QuestionError as error:
        _fail(str(error), _USAGE)
    except DiwanError as error:
        _fail(str(error), 1)
    except OSError as error:
        _fail(explain(error), 1)
    except ValidationError as error:  # of the settings: everything else is checked where it is read
        first = error.errors(include_input=False)[0]
        message = first["msg"].removeprefix("Value error, ")
        name = "_".join(("DIWAN", *map(str, first["loc"]))).upper()
        of_several = not first["loc"]
        _fail(f"{message}." if of_several else f"The setting {name} cannot be used: {message}.", 1)


def _fail(sentence: str, status: int) -> None:
    errors.print(f"diwan: {sentence}", markup=False)
    sys.exit(status)


def _another() -> None:
    """Stands in the list for a command that was not asked for."""
