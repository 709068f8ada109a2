"""Which elements of a web page surround its text: menus, sharing, cookies, what is hidden."""

import re

from lxml.html import HtmlElement

_TAGS = frozenset(("nav", "aside", "footer", "form", "dialog", "figcaption", "picture"))
_ROLES = frozenset(
    "navigation banner contentinfo search complementary dialog alertdialog menu menubar toolbar"
    " tablist tooltip".split()
)
# What a class or an id says of an element that is no part of the text.
_NAMES = re.compile(
    r"(?:^|[-_\s])(?:social|share|sharing|sharedaddy|addtoany|cookies?|consent|gdpr|newsletter"
    r"|subscribe|subscription|breadcrumbs?|related|recommend(?:ed|ations?)?|sidebar|comments?"
    r"|respond|disqus|navbar|navigation|nav|menu|pagination|pager|popup|modal|advert(?:isement)?"
    r"|ads?|adsense|promo|sponsored|skip-link|screen-reader-text|sr-only|visually-?hidden"
    r"|footer|masthead|toolbar|noprint|mw-editsection|navbox|toc|caption|jp-relatedposts"
    r")(?:$|[-_\s])",
    re.IGNORECASE,
)
_ICONS = re.compile(
    r"(?:^|\s)(?:material-(?:icons|symbols)\S*|fa[srb]?|icon|icon-\S+|glyphicon\S*|dashicons\S*)"
    r"(?:$|\s)",
    re.IGNORECASE,
)
# A collapsed part of the page is hidden until a click opens it; its text is text of the page.
_COLLAPSED = re.compile(
    r"accordion|collaps|tab-?(?:panel|pane|content)|toggle|faq|expand|read-?more", re.IGNORECASE
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MOST_OF_A_PAGE = 0.4
_LONGEST_ICON = 30
_OPENED = ("tabpanel", "region")


def is_sign(element: HtmlElement) -> bool:
    """Tell icons and buttons, whose words are no text wherever they stand.

    A button in a heading stays: it opens the part of the page that the heading stands over.
    """
    if element.tag == "button":
        return next(element.iterancestors("h2", "h3", "h4", "h5", "h6"), None) is None
    return (
        element.tag in ("i", "span")
        and _ICONS.search(element.get("class", "")) is not None
        and len(_text(element)) < _LONGEST_ICON
    )


class Surroundings:
    """Tells the elements of one page that stand around its text, or are not shown."""

    def __init__(self, body: HtmlElement) -> None:
        self._much = len(_text(body)) * _MOST_OF_A_PAGE

    def hide(self, element: HtmlElement) -> bool:
        """Tell whether an element is not shown, and no click opens it as a part of the text."""
        hidden = (
            element.get("hidden") is not None
            or element.get("aria-hidden", "").casefold() == "true"
            or _HIDDEN.search(element.get("style", "")) is not None
        )
        if not hidden or element.get("role") in _OPENED:
            return False
        opened = _COLLAPSED.search(_names(element)) is not None
        return not opened and not self._holds_the_page(element)

    def include(self, element: HtmlElement) -> bool:
        """Tell whether an element, with all that it holds, seems to be no part of the text."""
        if element.tag in ("html", "body", "main", "article", "h1"):
            return False
        around = (
            element.tag in _TAGS
            or element.get("role", "").casefold() in _ROLES
            or (element.tag == "header" and _is_of_the_site(element))
            or _NAMES.search(_names(element)) is not None
        )
        return around and not self._holds_the_page(element)

    def _holds_the_page(self, element: HtmlElement) -> bool:
        """Tell wrappers such as `has-sidebar` from the side bar itself."""
        if next(element.iter("main", "h1"), None) is not None:
            return True
        return len(_text(element)) > self._much


def _names(element: HtmlElement) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}"


def _is_of_the_site(header: HtmlElement) -> bool:
    return next(header.iterancestors("main", "article"), None) is None


def _text(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())
