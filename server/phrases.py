"""What people say to go on from an answer, in English and Arabic: words without a subject.

All words are in the form that `index.analysis.words` gives them.
"""

# Words that join a follow-up to what went before, or are mere manners.
FILLERS = frozenset(
    "please pls ok okay so also then now too same question ones well sorry thanks just only know"
    " show read see get give need version text translation something anything"
    " after before since latest newest recent years year"
    " من فضلك لو سمحت طيب نفس السوال مثل ايضا كذلك الان ممكن اريد اريدها نريد هات اعطني النص نسخه"
    " ترجمه يوجد تحديدا فقط وحده وحدها حصرا ضمن منذ عام سنه الاحدث احدث شكرا".split()
)
# Words that point at what was said before.
POINTERS = frozenset(
    "it its they them their theirs there that this these those he she him her his such"
    " ذلك هذا هذه تلك هناك هنا هولاء به بها بهم فيه فيها فيهم منه منها منهم له لها لهم عنه عنها"
    " عليه عليها بينهم عندهم".split()
)
# Endings that do so in Arabic: in it, of them.
POINTING_ENDINGS = ("ها", "هم", "هما", "وا")
# Beginnings of a question that goes on.
OPENINGS = (
    ("and",), ("what", "about"), ("how", "about"), ("same",), ("also",), ("ok",), ("then",),
    ("ماذا", "عن"), ("نفس",), ("طيب",),
)  # fmt: skip
AND = "و"
ONLY = frozenset("only just solely فقط وحده وحدها تحديدا حصرا".split())
LANGUAGES = {
    "arabic": "ar", "english": "en",
    "العربيه": "ar", "عربي": "ar", "العربي": "ar", "عربيه": "ar",
    "الانجليزيه": "en", "انجليزي": "en", "الانجليزي": "en", "الانكليزيه": "en", "انكليزي": "en",
    "الانكليزي": "en", "انجليزيه": "en", "انكليزيه": "en",
}  # fmt: skip
IN_A_LANGUAGE = frozenset(("in", "into"))
_LEVELS = {
    "community": "community neighbourhood neighborhood village villages المجتمع الاحياء القري",
    "city": "city cities town towns municipal municipality municipalities"
    " المدن مدن مدينه بلديه بلديات البلديات",
    "regional": "regional region regions province provinces county counties"
    " الاقليمي الاقاليم المحافظات المقاطعات الولايات",
    "national": "national nationwide country countries الوطني وطني الوطنيه الدول",
    "international": "international الدولي دولي الدوليه",
}
LEVELS = {word: level for level, said in _LEVELS.items() for word in said.split()}
_PILLARS = {
    "trust": "trust الثقه",
    "inclusivity": "inclusivity inclusion inclusive الشمول الشموليه",
    "coordination": "coordination التنسيق",
    "communication": "communication التواصل الاتصال",
    "capacity": "capacity القدرات القدره",
    "sustainability": "sustainability الاستدامه",
}
PILLARS = {word: pillar for pillar, said in _PILLARS.items() for word in said.split()}
SORTS = frozenset("level levels pillar pillars المستوي مستوي ركيزه ركايز".split())
SINCE = frozenset("since from after منذ بعد من عام سنه".split())
UNTIL = frozenset("until before till قبل حتي".split())
AFTER = frozenset(("after", "بعد"))
BEFORE = frozenset(("before", "قبل"))
