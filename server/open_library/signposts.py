"""What programs read first: `/llms.txt` for assistants, `/robots.txt` for search engines."""

from urllib.parse import urlsplit

from server.whole_rendering import LICENCE_ADDRESS

# What is of one visitor, of staff, or the same as a page once more.
_CLOSED = (
    "/desk",
    "/api/",
    "/mcp",
    "/briefing",
    "/contributions/",
    "/conversations",
    "/introductions",
    "/references/",
    "/*?q=",
)


def llms_txt(site: str) -> str:
    """Say what the site is and how to use it, in Markdown; source: llmstxt.org.

    Args:
        site: Address of the site, without a slash at its end.
    """
    return f"""# Diwan

> Case studies of what cities, towns and states did to prevent hate, extremism and polarisation. A
> plain question, in any language, is answered with passages of them: ranked, quoted word for word,
> each with a citation. Most are there in English and in Arabic.

Quote passages word for word, each with its citation. Where `answered` is false the library has no
answer: say so, and make none up.

## Search

- [Search]({site}/api/v1/search?q=how+do+cities+and+the+state+work+together&k=5): JSON; `q` is the
  question. Also `k`, `lang`, `passage_lang`, `country`, `pillar`, `level`, `year_from`, `year_to`
- [Description of the interface]({site}/openapi.json): OpenAPI
- Model Context Protocol: streamable HTTP at `{site}/mcp`, without sign-in; the tools are `search`,
  `read_case` and `cite`

## The library

- [All of it]({site}/export/library.jsonl): JSON, a rendering on each line, with the ids of its
  passages, its source and its licence
- [Every page]({site}/sitemap.xml): sitemap
- [What is new]({site}/news.atom): Atom feed

## Pages

- [Ask a question]({site}/)
- [Library]({site}/library): all case studies, by place, pillar, level, year and language
- [Reading paths]({site}/paths): passages on one theme across peers
- [About]({site}/about): what Diwan is, and how it answers

## Licence

- [CC BY 4.0]({LICENCE_ADDRESS}): for the texts of the case studies. Other documents are
  their publishers'; where `licence` is null, ask them
"""


def robots_txt(site: str) -> str:
    """Say what search engines leave alone; source: RFC 9309, and sitemaps.org for the last line.

    Args:
        site: Address of the site, without a slash at its end.
    """
    below = urlsplit(site).path
    closed = "".join(f"Disallow: {below}{path}\n" for path in _CLOSED)
    return f"User-agent: *\n{closed}\nSitemap: {site}/sitemap.xml\n"
