"""What keys and limits cost each request, with several processes counting at once.

    python -m benchmarks.rate_limits [--processes 2] [--rate 100] [--requests 4000]

Each process asks an application that does nothing, through what lets requests in, at moments drawn
at random. Printed are microseconds from asking to the answer: as it is without a limit, by address,
and by key.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from starlette.types import Message, Receive, Scope, Send

from server.keys.admission import Admission, KeyRing
from server.keys.counter import COUNTS, Counter
from server.keys.store import HIGHEST_LIMIT
from server.keys.store import Scope as KeyScope
from server.store import STORE, Store
from server.store_records import TERMINAL, By

_ADDRESSES = 50
_WARM = 20  # requests that are left out: the first ones open files


async def _nothing(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(_message: Message) -> None:
    """Take it."""


async def _ask(home: Path, limit: int, key: str, rate: float, requests: int) -> list[float]:
    chance, took = random.Random(), list[float]()  # noqa: S311 - not for secrets
    with Store(home / STORE) as store:
        counter = Counter(home / COUNTS)
        admission = Admission(_nothing, KeyRing(lambda: store), counter, limit)
        headers = [(b"authorization", f"Bearer {key}".encode())] if key else []
        for _ in range(requests + _WARM):
            scope: Scope = {
                "type": "http",
                "method": "GET",
                "path": "/api/v1/search",
                "headers": headers,
                "client": (f"203.0.113.{chance.randrange(_ADDRESSES)}", 1),
            }
            await asyncio.sleep(chance.expovariate(rate))
            began = time.perf_counter()
            await admission(scope, _receive, _send)
            took.append((time.perf_counter() - began) * 1e6)
        counter.stop()
    return took[_WARM:]


def _in_a_process(job: tuple[str, int, str, float, int]) -> list[float]:
    home, *rest = job
    return asyncio.run(partial(_ask, Path(home))(*rest))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rate", type=float, default=100, help="requests a second, all together")
    parser.add_argument("--requests", type=int, default=4000, help="all together")
    wanted = parser.parse_args()
    each, rate = wanted.requests // wanted.processes, wanted.rate / wanted.processes
    with tempfile.TemporaryDirectory() as home:
        with Store(Path(home) / STORE) as store:
            by = By(TERMINAL, datetime.now(UTC))
            usual = store.create_key("usual", [KeyScope.SEARCH], 600, by)
            wide = store.create_key("wide", [KeyScope.SEARCH], HIGHEST_LIMIT, by)
        ways = {
            "no limit": (0, ""),
            "by address, 120 a minute": (120, ""),
            "by key, 600 a minute": (120, usual),
            f"by key, {HIGHEST_LIMIT} a minute": (120, wide),
        }
        for name, (limit, key) in ways.items():
            with get_context("spawn").Pool(wanted.processes) as pool:
                job = (home, limit, key, rate, each)
                took = sorted(chain(*pool.map(_in_a_process, [job] * wanted.processes)))
            at = {f"p{part}": round(took[len(took) * part // 100]) for part in (50, 95, 99)}
            print(json.dumps({"what": name, **at, "unit": "µs", "requests": len(took)}))


if __name__ == "__main__":
    main()
