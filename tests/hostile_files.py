"""Files that are odd, broken or made to do harm, with what shall become of each; and good ones."""

import io
import textwrap
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ENGLISH = (
    "The harbour council opened a night school for porters, and forty of them came. In spring they"
    " wrote their own petitions, and the council answered every one of them."
)
ARABIC = (
    "افتتح مجلس الميناء مدرسة ليلية للحمالين، وحضر الدروس أربعون منهم في الشتاء الأول، ثم كتبوا"
    " عرائضهم بأنفسهم وردّ المجلس عليها كلها."
)
SECRET = "the key to the harbour safe"  # noqa: S105 -- nothing that it opens
CASES = Path(__file__).parent.parent / "corpus/case_studies"
_STUDY = CASES / "en/uganda-national-strategy-review.md"
_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
_GIB = 2**30
_PACKED = 2**24  # zeros that are packed once, and repeated


class Made(NamedTuple):
    """A file as it is made.

    Attributes:
        name: Of the file, in the folder.
        content: Of the file.
        kept: Text that the document made of it holds; None for a file that is refused.
        reason: Regular expression for the reason for which it is refused.
    """

    name: str
    content: bytes
    kept: str | None = None
    reason: str = ""


def good_files() -> Iterator[Made]:
    """One file of each kind, in Arabic and English."""
    arabic, other = ARABIC.replace("الشتاء", "الصيف"), ARABIC.replace("الشتاء", "الخريف")
    yield Made("good/صفحة.html", page(f"<h1>مدرسة الميناء</h1><p>{ARABIC}</p>"), ARABIC)
    yield Made("good/plan.pdf", pdf(text("A plan")), text("A plan"))
    yield Made("good/تقرير.docx", word(paragraph(arabic)), arabic)
    yield Made("good/notes.md", f"# School\n\n{text('A note')}\n".encode(), text("A note"))
    yield Made("good/نص.txt", other.encode(), other)
    study = _STUDY.read_text("utf-8")
    yield Made("good/study.md", study.encode(), study.split("\n---\n", 1)[1].strip())


def hostile_files(server: str, outside: Path) -> Iterator[Made]:
    """All that may lie in one folder, but for what is slow."""
    yield from good_files()
    yield from text_files()
    yield from office_files(outside)
    yield from web_pages(server, outside)
    yield from notes()
    yield from pdf_files(server)
    yield from odd_names()


def text_files() -> Iterator[Made]:
    """Files that are, or say that they are, plain text."""
    yield refused("empty.txt", b"", "empty")
    yield refused("nul.txt", b"\0" * 5_000, "empty")
    yield refused("white.txt", b" \t\r\n" * 1_000, "empty")
    yield refused("mark.txt", b"\xef\xbb\xbf", "no text")
    yield refused("wide-mark.txt", b"\xff\xfe", "no text")
    yield kept("utf16.txt", "Wide", lambda it: it.encode("utf-16"))
    yield kept("utf16-no-mark.txt", "Wide, not marked", lambda it: it.encode("utf-16-le"))
    old = f"كان {ARABIC}".replace("ردّ", "رد")
    yield Made("cp1256.txt", old.encode("cp1256"), old)
    yield kept("broken.txt", "Broken", lambda it: it.encode() * 20 + b" \xc3\x28\xff ")
    yield refused("noise.txt", bytes(range(128, 256)) * 50 + b"\0\1\2" * 90, "save it as")
    yield refused("picture.txt", _PNG + bytes(range(256)) * 9, "save it as")
    yield kept("pdf.txt", "Hidden", pdf)
    yield refused("text.pdf", text("Not a PDF").encode(), "not a PDF file")
    yield kept(
        "bidi.txt", "Turned", lambda it: f"\u202e\u2066\u200b\ufeff{it}\u2069\u200f".encode()
    )
    yield kept("cesu.txt", "Halved", lambda it: it.encode() * 60 + b" \xed\xa0\xbd\xed\xb8\x80")
    yield refused("bells.txt", ENGLISH.encode() + b"\x07\x08\x1b[31m" * 80, "not a text file")
    yield kept("one-line.txt", "Endless", lambda it: f"{it} ".encode() * (20 * 2**20 // len(it)))
    yield refused("lines.txt", b"a line\n" * 5_000_000, "split it")


def office_files(outside: Path) -> Iterator[Made]:
    """Word documents, and files of other programs; `outside` is a file that nothing may read."""
    yield refused("setup.exe", b"MZ\x90\0\3\0\0\0" + bytes(400), "are not read; those that are")
    yield refused("program", b"\x7fELF\2\1\1" + bytes(range(32)) * 50, "save it as")
    yield refused("old.doc", _OFFICE + bytes(2_000), "save it as .docx")
    for kind in ("xlsx", "pptx", "odt"):
        yield refused(f"other.{kind}", zipped({"mimetype": kind.encode()}), "open it in Word")
    yield refused("bomb.docx", zip_bomb(10 * _GIB, 10 * _GIB), "unpacks to far more")
    yield refused("liar.docx", zip_bomb(3 * _GIB, 90_000), "open it in Word")
    yield refused("crowd.docx", zipped(dict.fromkeys(map(str, range(20_000)), b"")), "unpacks")
    names = ("../../evil.txt", f"{outside.parent}/evil.txt", "word/../../../evil.txt")
    evil = dict.fromkeys(names, b"evil")
    yield kept("climber.docx", "Climbing", lambda it: word(paragraph(it), more=evil))
    laughs = word(paragraph(f"{ENGLISH} &a9;"), doctype=laughing("w:document"))
    yield refused("laughs.docx", laughs, "open it in Word")
    outer = f'<!DOCTYPE w:document [<!ENTITY x SYSTEM "{outside.as_uri()}">]>'
    yield kept("outer.docx", "Reaching", lambda it: word(paragraph(f"{it} &x;"), doctype=outer))
    yield refused("cut.docx", word(paragraph(ENGLISH))[:-300], "cut off")
    yield refused("locked.docx", zipped({"word/document.xml": b"x"}, locked=True), "password")
    yield refused("deep.docx", word("<w:sdt><w:sdtContent>" * 50_000), "open it in Word")


def web_pages(server: str, outside: Path) -> Iterator[Made]:
    """Web pages; `server` is an address that nothing may fetch from."""
    nested = "<div>" * 200_000
    yield kept("nested.html", "Nested", lambda it: page(f"<p>{it}</p>{nested}{ENGLISH}"))
    wide = f'<p title="{"x" * 5 * 2**20}">'
    yield kept("attribute.html", "Wide", lambda it: page(f"{wide}{it}</p>"))
    yield refused("blank.html", page('<img src="a.png"><video src="b"></video>'), "open the page")
    written = f"<script>document.write('<p>{ENGLISH}</p>')</script>"
    yield refused("script.html", page(written), "open the page")
    injected = "&lt;script&gt;alert(1)&lt;/script&gt;"
    yield kept("injected.html", "Injected", lambda it: page(f"<p>{it} {injected}</p>{written}"))
    fetching = "".join(
        f'<{tag}="{server}/{number}"></{tag.split()[0]}>'
        for number, tag in enumerate(
            ("img src", "iframe src", "script src", "link rel=stylesheet href", "object data",
             "video src", "base href")
        )
    )  # fmt: skip
    fetching += (
        f'<meta http-equiv="refresh" content="0;url={server}/m"><a href="{server}/a">more</a>'
    )
    yield kept("fetching.html", "Fetching", lambda it: page(f"{fetching}<p>{it}</p>"))
    remote = f'<!DOCTYPE html SYSTEM "{server}/dtd" [<!ENTITY x SYSTEM "{outside.as_uri()}">]>'
    yield kept("outer.html", "Entity", lambda it: remote.encode() + page(f"<p>{it} &x;</p>"))
    laughs = laughing("html").encode()
    yield kept("laughs.html", "Laughing", lambda it: laughs + page(f"<p>{it} &a9;</p>"))


def notes() -> Iterator[Made]:
    """Markdown files."""
    bomb = "a0: &a0 ha\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 10}]\n" for n in range(1, 10))
    yield kept("aliases.md", "Aliased", lambda it: f"---\n{bomb}title: X\n---\n{it}\n".encode())
    yield kept("open.md", "Unclosed", lambda it: f"---\ntitle: X\n\n{it}\n".encode())
    study = _STUDY.read_bytes()
    yield refused("study.md", study.replace(b"country: UG", b"country: Uganda"), "field country")
    yield refused("study-open.md", b"---\npillars:\n  - x\n\n" + ENGLISH.encode(), "never closed")
    yield kept("quotes.md", "Quoted", lambda it: f"{it}\n\n{'>' * 100_000} deep\n".encode())
    columns = f"{'|'.join('a' * 50_000)}\n{'-|' * 50_000}\n"
    yield kept("table.md", "Columns", lambda it: f"{f'{it} ' * 40}\n\n{columns}".encode())
    yield kept("brackets.md", "Brackets", lambda it: f"{it}\n\n{'[' * 100_000}\n".encode())
    yield kept("tags.md", "Tags", lambda it: f"{it}\n\n{'<div>' * 100_000}\n".encode())


def pdf_files(server: str) -> Iterator[Made]:
    """PDF files."""
    yield refused("cut.pdf", pdf(ENGLISH)[:-200], "damaged")
    locks = b"<</Filter/Standard/V 1/R 2/P -4/O<" + b"ab" * 32 + b">/U<" + b"cd" * 32 + b">>>"
    yield refused("locked.pdf", pdf(ENGLISH, trailer=b"/ID[<00><00>]/Encrypt " + locks), "password")
    yield refused("circle.pdf", pdf(ENGLISH, kids=b"[2 0 R 2 0 R]"), "damaged")
    yield kept("pages.pdf", "Counted", lambda it: pdf(it, count=10**9))
    yield refused(
        "bomb.pdf",
        pdf(content=zeros(_GIB, zlib.MAX_WBITS), filtered=True),
        "broke down|more memory",
    )
    yield refused("blank.pdf", pdf(""), "no text")
    does = (
        f"/OpenAction<</S/JavaScript/JS(app.launchURL\\('{server}/js'\\))/Next 7 0 R>>"
        "/AA<</WC 7 0 R>>"
    ).encode()
    launch = f"<</S/Launch/F(/usr/bin/touch)/Next<</S/URI/URI({server}/uri)>>>>".encode()
    yield kept("acting.pdf", "Acting", lambda it: pdf(it, catalog=does, more=[launch]))


def odd_names() -> Iterator[Made]:
    """Good files under odd names."""
    names = (
        "new\nline.md", "\"quotes\"; rm -rf '.md", "n" * 247 + ".md", "دليل المدن.md", "🎉🎉.md",
        "turned\u202edm.md", "-rf.md", ".hidden.md", "..md", "con.txt", "no suffix", "A.MD",
        "$(touch evil).md", "%2e%2e%2fevil.md", "..\\..\\evil.md",
    )  # fmt: skip
    for number, name in enumerate(names):
        yield kept(name, f"Named {number}", lambda it: f"# Title\n\n{it}\n".encode())
    yield refused("ش" * 123 + ".exe", b"MZ", "are not read")


def slow_files() -> Iterator[Made]:
    """Files that take a reader very long."""
    bomb = b"".join(b"a%d: &a%d [%s]\n" % (n, n, b"*a%d," % (n - 1) * 10) for n in range(1, 10))
    front = b"---\na0: &a0 ha\n" + bomb + b"pillars: [x]\n---\n"
    yield refused("study-aliases.md", front + ENGLISH.encode(), "longer than|more memory")


def text(start: str) -> str:
    """Words that no other file has."""
    return f"{start}: {ENGLISH}"


def refused(name: str, content: bytes, reason: str) -> Made:
    """A file that is refused."""
    return Made(name, content, None, reason)


def kept(name: str, start: str, make: Callable[[str], bytes]) -> Made:
    """A file that is taken in, with its own text."""
    return Made(name, make(text(start)), text(start))


def page(body: str) -> bytes:
    """A web page."""
    return f"<html><head><meta charset=utf-8></head><body>{body}</body></html>".encode()


def laughing(root: str) -> str:
    """A document type with entities that expand to 10^9 words."""
    entities = (f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE {root} [<!ENTITY a0 "ha">{"".join(entities)}]>'


def paragraph(words: str) -> str:
    """A paragraph of a Word document."""
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


def word(body: str, doctype: str = "", more: Mapping[str, bytes] | None = None) -> bytes:
    """A Word document."""
    office = "http://schemas.openxmlformats.org"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    related = f"{office}/officeDocument/2006/relationships/officeDocument"
    members = {
        "[Content_Types].xml": f'<Types xmlns="{office}/package/2006/content-types"><Default'
        ' Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship'
        f' Id="r1" Type="{related}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'{doctype}<w:document xmlns:w="{office}/wordprocessingml/2006/main">'
        f"<w:body>{body}</w:body></w:document>",
    }
    return zipped({name: xml.encode() for name, xml in members.items()} | dict(more or {}))


def zipped(members: Mapping[str, bytes], *, locked: bool = False) -> bytes:
    """A zip file; locked, it says that its members are encrypted."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
        for member in packed.infolist():
            member.flag_bits |= locked
    return file.getvalue()


def zip_bomb(size: int, said: int) -> bytes:
    """A Word document whose text is `size` zeros, and is said to be of `said` bytes."""
    file = io.BytesIO(word(""))
    with zipfile.ZipFile(file, "a") as packed:
        packed.filelist = [m for m in packed.filelist if m.filename != "word/document.xml"]
        packed.NameToInfo.pop("word/document.xml")
        packed.writestr("word/document.xml", zeros(size, -zlib.MAX_WBITS))
        member = packed.getinfo("word/document.xml")
        member.compress_type, member.file_size = zipfile.ZIP_DEFLATED, said
    return file.getvalue()


def zeros(size: int, bits: int) -> bytes:
    """Zeros, packed: a packed run of them is repeated, without packing all of them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, bits)
    first = packer.compress(bytes(_PACKED)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(_PACKED)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (size // _PACKED - 1) + packer.flush()


def pdf(
    words: str = "",
    *,
    content: bytes | None = None,
    filtered: bool = False,
    kids: bytes = b"[3 0 R]",
    count: int = 1,
    catalog: bytes = b"",
    trailer: bytes = b"",
    more: Sequence[bytes] = (),
) -> bytes:
    """A PDF file of one page."""
    shown = " T* ".join(f"({line}) Tj" for line in textwrap.wrap(words, 80))
    stream = content or f"BT /F1 11 Tf 14 TL 72 700 Td {shown} ET".encode()
    packing = b"/Filter/FlateDecode" if filtered else b""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Count %d/Kids%s>>" % (count, kids),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources 6 0 R>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<<%s/Length %d>>\nstream\n%s\nendstream" % (packing, len(stream), stream),
        b"<</Font<</F1 4 0 R>>>>",
        *more,
    ]
    file, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, table)
    tail = b"trailer\n<</Size %d/Root 1 0 R%s>>\n" % (len(places) + 1, trailer)
    return b"%s%s%sstartxref\n%d\n%%%%EOF\n" % (file, head, tail, len(file))
