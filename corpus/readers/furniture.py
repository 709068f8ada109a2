"""What stands around the text of a web page, saved with it: buttons, names of icons, notices."""

import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum

_LONGEST = 300  # characters of a line of furniture; what is longer says something


class Furniture(Enum):
    """A kind of line that is no part of a page's text; the value names it for staff."""

    ICONS = "names of icons"
    SHARING = "buttons for sharing"
    NAVIGATION = "navigation"
    COOKIES = "a notice about cookies"
    TRANSLATION = "a note that a machine translated the page"
    RIGHTS = "a copyright line"
    REPEATED = "a line that the page repeats"
    DATES = "the page's lines on its dates and kind"


@dataclass(frozen=True, slots=True)
class Removed:
    """A line that was left out.

    Attributes:
        kind: Why.
        text: The line.
    """

    kind: Furniture
    text: str


# The words that names of icons are put together from: arrow_forward, chevron-right, video-icon.
_ICON_WORDS = frozenset(
    "account add alert align all arrow arrows at attach back bar bars basic bell block bluesky"
    " bold bookmark box brands bubble burger button calendar call camera cancel caret cart chart"
    " chat check checkbox chevron circle clear clip close cloud comment contact content copy cross"
    " dark delete diagonal dialog dismiss done dot dots double down download drop dropdown east"
    " edit ellipsis email envelope error event exclamation expand external eye face facebook"
    " favorite feed file fill filled filter first flickr forward fullscreen github globe google"
    " grid group hamburger heart help home horiz horizontal icon image in info insert instagram"
    " keyboard language large last launch left less light lightbulb link linked linkedin list"
    " location lock logo long magnifier mail map mark menu message minus mode more mute navigate"
    " new next north notification notifications open outline outlined page paper pause pdf pen"
    " people person phone photo picture pin pinterest place plane play plus pointer prev previous"
    " print profile public question quote reddit refresh remove reply right round rounded rss"
    " save schedule search send settings share shopping show sign slider small snapchat solid"
    " sort south square star storage tab tag telegram thin thick thumb tiktok time times toggle"
    " translate trash triangle tumblr turn tw twitter unfold up upload user users verified vert"
    " vertical video vimeo visibility voice volume warning west whatsapp wide window world x xing"
    " youtube zoom"
    " fa fas fab far svg".split()
)
# Standing alone, these name a button whatever they are written with.
_LONE_ICONS = frozenset(
    "close facebook hamburger instagram linkedin menu pinterest search share telegram tiktok"
    " twitter whatsapp youtube x".split()
)
# An icon's name that a browser draws as a picture: met inside a line, it is never a word of it.
_LIGATURE = re.compile(
    r"(?<![\w/.\-])(?:"
    r"(?:keyboard_)?(?:double_)?arrow_(?:back|forward|up|down|left|right|drop|drop_down|drop_up"
    r"|outward|upward|downward|circle_\w+|back_ios\w*|forward_ios\w*|right_alt)"
    r"|chevron_(?:left|right|forward|backward)|expand_(?:more|less|circle_\w+)|unfold_(?:more|less)"
    r"|(?:north|south)_(?:east|west)|open_in_(?:new|full|browser)|more_(?:vert|horiz)"
    r"|navigate_(?:next|before)|(?:check|add|info|help|cancel|account|play)_circle(?:_\w+)?"
    r"|(?:first|last)_page|calendar_(?:today|month)|location_on|picture_as_pdf|file_download"
    r"|format_quote|content_copy|play_arrow|zoom_in|zoom_out"
    r")(?![\w/])"
)
_SERVICES = (
    r"facebook|twitter|x|linkedin|linked in|whatsapp|telegram|pinterest|reddit|tumblr|instagram"
    r"|youtube|tiktok|snapchat|bluesky|mastodon|threads|messenger|viber|e-?mail|mail|print|pdf|rss"
    r"|copy(?: link)?|link|share|فيسبوك|فيس بوك|تويتر|إكس|لينكد ?إن|لينكدإن|واتساب|واتس ?اب|تليجرام"
    r"|تيليجرام|تلغرام|إنستغرام|انستغرام|إنستجرام|يوتيوب|تيك ?توك|البريد الإلكتروني|بريد إلكتروني"
    r"|طباعة|نسخ الرابط|مشاركة"
)
_PATTERNS = {
    Furniture.SHARING: (
        rf"(?:{_SERVICES})(?:[\s,،|/•·]+(?:and\s|و)?(?:{_SERVICES}))*",
        (
            r"(?:(?:click|tap)(?: here)? to )?(?:share|tweet|pin|post|print|e-?mail|follow|like)"
            r"(?: (?:this|it|us|me|the|page|article|post|story|link|now))*"
            r"(?: (?:on|to|via|with|by|at|in)"
            rf"(?: (?:{_SERVICES}|social media|a friend|your network))?)?"
            r"(?: ?\(opens in (?:a )?new (?:window|tab)\)?)?"
        ),
        (
            r"(?:اضغط |انقر )?(?:شارك(?:ها|ه|نا)?|مشاركة|للمشاركة|تابعنا|تابعونا|نشر|غرد|أرسل)"
            r"(?: (?:هذا|هذه|الآن|المقال|المقالة|الصفحة|الخبر|الموضوع|المحتوى|المنشور|على|عبر|مع"
            rf"|في|إلى|الأصدقاء|صديق|وسائل التواصل الاجتماعي|مواقع التواصل الاجتماعي|{_SERVICES}))*"
        ),
    ),
    Furniture.NAVIGATION: (
        (
            r"(?:skip|jump|go|back|return)(?: back)? to (?:the )?(?:main |primary )?"
            r"(?:content|navigation|menu|search|top|footer|home|homepage|list|news|overview|start)"
            r"(?: of (?:the )?page)?"
        ),
        (
            r"(?:main |toggle |open |close |show |hide |mobile |primary )?"
            r"(?:menu|navigation|search)(?: form| bar)?"
            r"|(?:read|see|view|show|load|learn|discover|find out) (?:more|less|all)"
        ),
        (
            r"(?:home|homepage|you are here|sitemap|site map|top|next|previous|prev|older|newer)"
            r"(?: (?:page|post|article|story|posts|articles))?"
        ),
        r"(?:log|sign)[ -]?(?:in|out|up)|subscribe(?: now)?",
        r"sign up (?:for|to) (?:our|the) newsletter",
        (
            r"(?:الانتقال|انتقل|تخطي|تخطى|التخطي|اذهب|العودة|عودة|الرجوع|رجوع|ارجع)"
            r"(?: (?:إلى|الى|للأعلى|لأعلى|أعلى|المحتوى|الرئيسي|القائمة|الرئيسية|الصفحة|بداية"
            r"|الأخبار))+"
        ),
        r"(?:القائمة|الصفحة) الرئيسية|الرئيسية|القائمة|بحث|ابحث|إغلاق|أغلق|خريطة الموقع|أنت هنا",
        (
            r"(?:اقرأ|إقرأ|عرض|شاهد|تحميل|اعرف|أظهر|إظهار)(?: على)? (?:المزيد|أكثر|أقل|الكل)|المزيد"
            r"|(?:المقال|المقالة|الخبر|الموضوع)? ?(?:التالي|السابق|التالية|السابقة)"
        ),
        r"تسجيل (?:الدخول|الخروج)|إنشاء حساب|اشترك(?: الآن| معنا)?(?: في (?:ال)?نشرتنا\w*)?",
    ),
    Furniture.COOKIES: (
        r"(?:(?:this|our) (?:web ?site|site|page)|we) (?:use|uses|store|stores) .{0,40}cookies.*",
        (
            r"(?:accept|reject|manage|allow|decline|cookie)(?: all| only)?(?: \w+)?"
            r" ?(?:cookies|settings|preferences|policy)"
        ),
        (
            r"(?:يستخدم (?:هذا )?(?:الموقع|موقعنا)|نستخدم|نحن نستخدم) .{0,40}"
            r"(?:ملفات (?:تعريف الارتباط|الارتباط)|الكوكيز|كوكيز).*"
        ),
        r"(?:قبول|رفض|إدارة)(?: جميع| كل)? (?:ملفات تعريف الارتباط|الكوكيز|ملفات الارتباط)",
    ),
    Furniture.TRANSLATION: (
        (
            r"(?=.*\b(?:automatic\w*|machine|google|wpml|deepl)\b)(?=.*\btranslat)"
            r"(?=.*\b(?:this|the|our) (?:web ?site|site|page|content|text|article)\b)"
            r".*\b(?:errors?|mistakes?|wpml|accura\w+|inaccura\w+|original version)\b.*"
        ),
        (
            r"(?=.*(?:تلقائي|آلي|اليا|جوجل|WPML))(?=.*(?:ترجم|مترجم))"
            r"(?=.*(?:محتوى|الموقع|هذه الصفحة|هذا النص|المقال))"
            r".*(?:خطأ|أخطاء|الأخطاء|WPML|دقة|الأصلي).*"
        ),
        (
            r"(?:report|suggest)\w* (?:an? |the |any )?(?:error|mistake|problem|better)s?"
            r" (?:in|with|of) (?:the |this )?translations?"
        ),
        r"(?:للإبلاغ|الإبلاغ|أبلغ|بلغ) عن (?:خطأ|أخطاء|الأخطاء|أي خطأ)(?: في)? ?(?:ال)?ترجمة",
    ),
    Furniture.RIGHTS: (
        r"(?:copyright\s*)?(?:©|\(?c\)).{0,120}|copyright\s+\d{4}.{0,120}",
        (
            r".{0,80}(?:all rights reserved|جميع الحقوق محفوظة|حقوق النشر محفوظة|كل الحقوق محفوظة)"
            r".{0,80}"
        ),
    ),
}
_COMPILED = {
    kind: re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
    for kind, patterns in _PATTERNS.items()
}
_AROUND = " \t:.…!|»«›‹<>→←-–—•·*#[]()"
_RELATED = re.compile(
    r"(?:related|similar|recommended|more|latest|recent|popular|most read|trending)"
    r"(?: \w+)? ?(?:articles?|posts?|stories|news|content|pages|publications|reading|links)"
    r"|related|more from .*"
    r"|you (?:may|might) (?:also )?(?:like|be interested in)|read (?:also|next)|see also"
    r"|what(?:'|’)s next|keep reading|(?:leave a |post a )?(?:reply|comments?)|share this(?: \w+)?"
    r"|(?:مقالات|مواضيع|موضوعات|أخبار|روابط|مواد|محتوى|منشورات|صفحات)"
    r" (?:ذات صلة|مشابهة|متعلقة|أخرى)"
    r"|اقرأ أيضا\w?|إقرأ أيضا\w?|شاهد أيضا\w?|قد يهمك(?: أيضا\w?)?|قد يعجبك(?: أيضا\w?)?"
    r"|آخر الأخبار|أحدث (?:الأخبار|المقالات)|الأكثر (?:قراءة|مشاهدة)|التعليقات|اترك تعليقا\w?",
    re.IGNORECASE,
)
_REPEATED = 3  # times that a line stands in a page before it counts as its furniture


def furniture_of(line: str) -> Furniture | None:
    """Tell what kind of furniture a line is, or None where it is text.

    Args:
        line: A tidy line, paragraph or list item.
    """
    bare = line.strip(_AROUND)
    if len(bare) > _LONGEST or not bare:
        return None
    if _is_icons(bare):
        return Furniture.ICONS
    unmarked = re.sub(r"[\u064b-\u0652]", "", bare)  # تلقائيًا and تلقائيا are one word
    return next((kind for kind, form in _COMPILED.items() if form.fullmatch(unmarked)), None)


def opens_related(heading: str) -> bool:
    """Tell whether a heading stands over links to other pages, or over comments."""
    return bool(_RELATED.fullmatch(heading.strip(_AROUND)))


def without_icons(line: str) -> str:
    """Take the names that a browser would draw as icons (`arrow_forward`) out of a line."""
    return " ".join(_LIGATURE.sub(" ", line).split()) if "_" in line else line


def repeated_lines(lines: list[str], longest: int = 100) -> frozenset[str]:
    """Find the short lines that a page repeats, such as a button below each of its entries."""
    counts = Counter(line for line in lines if len(line) <= longest)
    return frozenset(line for line, count in counts.items() if count >= _REPEATED)


def describe(removed: list[Removed]) -> tuple[str, ...]:
    """Put what was left out into one sentence for each kind, with the first lines of it."""
    sentences = []
    for kind in Furniture:
        lines = [item.text for item in removed if item.kind is kind]
        if not lines:
            continue
        distinct = list(dict.fromkeys(lines))
        shown = ", ".join(f"“{_shorten(line)}”" for line in distinct[:3])
        rest = f" and {len(distinct) - 3} more" if len(distinct) > 3 else ""  # noqa: PLR2004
        times = f" ({len(lines)} times)" if len(lines) > len(distinct) else ""
        sentences.append(f"{kind.value}: {shown}{rest}{times}")
    return tuple(sentences)


def _shorten(line: str) -> str:
    return line if len(line) <= 60 else f"{line[:60].rsplit(' ', 1)[0]} …"  # noqa: PLR2004


def _is_icons(line: str) -> bool:
    """Tell names of icons, run together or not, from words: `arrow-up closefacebook`."""
    names = line.casefold().split()
    if len(names) == 1 and names[0] in _LONE_ICONS:
        return True
    joined = any(re.search(r"\w[_\-]\w", name) for name in names)
    return joined and all(_is_icon(name) for name in names)


def _is_icon(name: str) -> bool:
    """Tell whether a name can be cut into words of icons; each place is reached at most once."""
    reached = {0}
    for start in range(len(name)):
        if start not in reached:
            continue
        if name[start] in "_-":
            reached.add(start + 1)
        longest = max(map(len, _ICON_WORDS))
        reached.update(
            end
            for end in range(start + 1, min(start + longest, len(name)) + 1)
            if name[start:end] in _ICON_WORDS
        )
    return len(name) in reached
