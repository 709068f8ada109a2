"""What several tests stand on."""

from corpus.case_study import CaseStudy
from corpus.markdown import parse_case_study

FRONT = """---
id: {id}
language: {language}
title: "{title}"
place: {place}
country: {country}
level: city
period:
  start: 2021-03
  end: 2023
pillars: [trust, coordination]
actors: [City council]
themes: [dialogue]
source:
  title: "A report: how cities talk"
  publisher: Example Institute
  url: https://example.org/report
  published: 2024-05-02
  language: en
---
"""


def make_case(
    body: str = "## Context\n\nThe harbour city opened a night school for porters.\n",
    case_id: str = "harbour-school",
    language: str = "en",
    title: str = "Harbour: a night school",
    place: str = "Harbour",
    country: str = "KE",
) -> CaseStudy:
    front = FRONT.format(id=case_id, language=language, title=title, place=place, country=country)
    return parse_case_study(front + body, f"{case_id}.md")
