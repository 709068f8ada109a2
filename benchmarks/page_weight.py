"""How much a browser loads for the main pages, on the first visit and on the second.

Usage: python benchmarks/page_weight.py ADDRESS, that of a running server. Chromium and the
development packages must be installed. A first visit begins with nothing kept; before a second one
the same page has been visited.
"""

import argparse
import shutil
from collections import Counter
from collections.abc import Callable

from playwright.sync_api import Browser, Page, sync_playwright

QUESTION = "how did cities join the national strategy review"
CASE = "/cases/uganda-national-strategy-review?lang=en"


def open_briefing(page: Page, address: str) -> str:
    """Put three passages into a briefing and give its address."""
    page.goto(f"{address}/?q={QUESTION}")
    for number in range(3):
        hit = page.locator("article.hit").nth(number)
        hit.locator("form.choose button").click()
        hit.locator(".chosen-mark").wait_for()
    page.locator("a.to-briefing").click()
    return page.url


PAGES: dict[str, Callable[[Page, str], str]] = {
    "start": lambda _, address: f"{address}/",
    "answer": lambda _, address: f"{address}/?q={QUESTION}",
    "case study": lambda _, address: f"{address}{CASE}",
    "library": lambda _, address: f"{address}/library",
    "briefing": open_briefing,
}


def weigh(browser: Browser, find: Callable[[Page, str], str], address: str) -> list[Counter[str]]:
    """Bytes that come over the line for a first and a second visit, by kind, headers included."""
    context = browser.new_context()
    wanted = find(context.new_page(), address)
    context.close()
    context = browser.new_context()
    visits = []
    for _ in range(2):
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        kinds: dict[str, str] = {}
        loaded: Counter[str] = Counter()
        session.on(
            "Network.responseReceived",
            lambda got, kinds=kinds: kinds.update({got["requestId"]: got["type"]}),
        )
        session.on(
            "Network.loadingFinished",
            lambda got, kinds=kinds, loaded=loaded: loaded.update(
                {kinds.get(got["requestId"], "Other"): int(got["encodedDataLength"])}
            ),
        )
        page.goto(wanted, wait_until="networkidle")
        visits.append(loaded)
        page.close()
    context.close()
    return visits


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="of a running server, such as http://127.0.0.1:8000")
    address = parser.parse_args().address.rstrip("/")
    print("| page | first visit KB | of which page, style, scripts | second visit KB |")
    print("| --- | --- | --- | --- |")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, find in PAGES.items():
            first, second = weigh(browser, find, address)
            parts = ", ".join(
                f"{first[kind] / 1000:.1f}" for kind in ("Document", "Stylesheet", "Script")
            )
            totals = (f"{visit.total() / 1000:.1f}" for visit in (first, second))
            print(f"| {name} | {next(totals)} | {parts} | {next(totals)} |")
        browser.close()


if __name__ == "__main__":
    main()
