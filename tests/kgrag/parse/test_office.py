"""Office formats and books: small files made here, read in a real child."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from tests.kgrag.parse.samples import Parse, headings_of, pages_of, relations, word_of, zip_of


def par(text: str, properties: str = "") -> str:
    return f"<p>{properties}<r><t>{text}</t></r></p>"


def row(*cells: str) -> str:
    return "<tr>" + "".join(f"<tc>{cell}</tc>" for cell in cells) + "</tr>"


_BODY = [
    "<p><pPr><pStyle val='H'/></pPr><r><t>The </t></r><r><t>head</t></r></p>",
    "<p><ins><r><t>new</t></r></ins><del><r><delText>old</delText></r></del>",
    "<r><rPr><vanish/></rPr><t>hidden</t></r><r><br/><t>line</t></r></p>",
    f"<sdt><sdtContent>{par('controlled')}</sdtContent></sdt>",
    f"<p><r><AlternateContent><Choice><txbxContent>{par('boxed')}</txbxContent></Choice>",
    "<Fallback><t>boxed</t></Fallback></AlternateContent></r></p>",
    f"<tbl>{row(par('a'), par('b') + '<tbl>' + row(par('in'), par('ner')) + '</tbl>')}",
    f"{row(par('c'), '<p/>')}</tbl><tbl>{row(par('framed') + par('text'))}</tbl>{par('end')}",
]
_STYLES = (
    "<style styleId='H'><name val='my own'/><basedOn val='B'/></style>"
    "<style styleId='B'><name val='heading 2'/></style>"
    "<style styleId='L'><basedOn val='L'/></style>"
)
_NOTES = (
    f"<footnote type='separator'>{par('---')}</footnote><footnote id='2'>{par('note')}</footnote>"
)


@pytest.mark.parametrize(
    "namespace",
    [
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    ],
)
def test_word_is_read_in_both_dialects(parse: Parse, namespace: str) -> None:
    body = f"<body>{''.join(_BODY)}</body>"
    parts = {"document": body, "styles": _STYLES, "footnotes": _NOTES}
    members = {
        f"word/{tag}.xml": f"<{tag} xmlns='{namespace}'>{part}</{tag}>"
        for tag, part in parts.items()
    }
    members["word/_rels/document.xml.rels"] = relations(
        s=("styles", "styles.xml"), f=("footnotes", "footnotes.xml")
    )
    parsed = parse("a.docx", zip_of(members, "word/document.xml"))
    assert parsed.text.split("\n\n") == [
        "The head",
        "new\nline",
        "controlled",
        "boxed",
        "a | b\nin | ner\nc",
        "framed",
        "text",
        "end",
        "note",
    ]
    assert headings_of(parsed) == [(2, "The head")]
    assert parsed.title == "The head"


def test_a_word_file_with_a_pdf_name_is_read_as_word(parse: Parse) -> None:
    parsed = parse("a.pdf", word_of(f"<document><body>{par('text')}</body></document>"))
    assert parsed.text == "text"
    assert parsed.media_type.endswith("wordprocessingml.document")


def shape(text: str, kind: str = "") -> str:
    place = f"<nvSpPr><nvPr><ph type='{kind}'/></nvPr></nvSpPr>" if kind else ""
    return f"<sp>{place}<txBody>{par(text)}</txBody></sp>"


def slide(*shapes: str) -> str:
    return f"<sld xmlns:r='r'><cSld><spTree>{''.join(shapes)}</spTree></cSld></sld>"


def points(*values: str) -> str:
    return "".join(f"<pt idx='{n}'><v>{value}</v></pt>" for n, value in enumerate(values))


def test_powerpoint_slides_are_pages_in_the_order_shown(parse: Parse) -> None:
    order = "<sldId id='256' r:id='r2'/><sldId id='257' r:id='r1'/>"
    series = f"<tx>{points('2024')}</tx><cat>{points('E', 'W')}</cat><val>{points('5', '6')}</val>"
    members = {
        "ppt/presentation.xml": f"<p xmlns:r='r'><sldIdLst>{order}</sldIdLst></p>",
        "ppt/_rels/presentation.xml.rels": relations(
            r1=("slide", "slides/s1.xml"), r2=("slide", "slides/s2.xml")
        ),
        "ppt/slides/s1.xml": slide(shape("last")),
        "ppt/slides/s2.xml": slide(
            shape("point"),
            f"<grpSp>{shape('grouped')}</grpSp>",
            shape("7", "sldNum"),
            shape("Title", "title"),
            f"<graphicFrame><tbl>{row(par('x'), par('y'))}</tbl></graphicFrame>",
            "<graphicFrame><chart r:id='rc'/></graphicFrame>",
        ),
        "ppt/slides/_rels/s2.xml.rels": relations(
            rc=("chart", "../charts/c.xml"), rn=("notesSlide", "../notes/n.xml")
        ),
        "ppt/charts/c.xml": f"<c><title>{par('Sales')}</title><ser>{series}</ser></c>",
        "ppt/notes/n.xml": slide(shape("spoken", "body"), shape("3", "sldNum")),
    }
    parsed = parse("a.pptx", zip_of(members, "ppt/presentation.xml"))
    assert pages_of(parsed) == [
        "Title\n\npoint\n\ngrouped\n\nx | y\n\nSales\n\n| 2024\nE | 5\nW | 6\n\nspoken",
        "last",
    ]
    assert (parsed.title, headings_of(parsed)) == ("Title", [(1, "Title")])


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.properties.title = "The book"
    sheet = book.active
    sheet.title = "Люди"
    sheet.append(["Name", "Born", "Share"])
    sheet.append(["Анна", dt.date(1990, 5, 17), 0.1 + 0.2])
    sheet.append([None, None, 3.0])
    book.create_sheet("Empty")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_excel_sheets_are_pages_and_rows_are_lines(parse: Parse) -> None:
    parsed = parse("a.xlsx", workbook())
    rows = "Name | Born | Share\nАнна | 1990-05-17 | 0.3\n|  | 3"
    assert pages_of(parsed) == [f"Люди\n\n{rows}", "Empty"]
    assert (parsed.title, headings_of(parsed)) == ("The book", [(1, "Люди"), (1, "Empty")])


def test_excel_is_read_in_the_strict_dialect(parse: Parse) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook())) as book:
        members = {name: book.read(name) for name in book.namelist()}
    for common, strict in [
        (
            b"schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"purl.oclc.org/ooxml/spreadsheetml/main",
        ),
        (
            b"schemas.openxmlformats.org/officeDocument/2006/",
            b"purl.oclc.org/ooxml/officeDocument/",
        ),
    ]:
        members = {name: part.replace(common, strict) for name, part in members.items()}
    assert "Анна | 1990-05-17 | 0.3" in parse("a.xlsx", zip_of(members)).text


def test_an_epub_follows_its_spine(parse: Parse) -> None:
    manifest = (
        "<item id='n' href='nav.xhtml' properties='nav'/><item id='a' href='a%20b.xhtml'/>"
        "<item id='z' href='z.xhtml'/>"
    )
    spine = "<itemref idref='n'/><itemref idref='z'/><itemref idref='a'/>"
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": "<c><rootfiles><rootfile full-path='OPS/p.opf'/></rootfiles></c>",
        "OPS/p.opf": "<package xmlns:dc='dc'><metadata><dc:title>The book</dc:title></metadata>"
        f"<manifest>{manifest}</manifest><spine>{spine}</spine></package>",
        "OPS/nav.xhtml": "<html><body>contents</body></html>",
        "OPS/a b.xhtml": "<?xml version='1.0' encoding='utf-8'?><html><head><title>x</title></head>"
        "<body><h1>Two</h1></body></html>",
        "OPS/z.xhtml": "<html><body><h1>One</h1><p>Первая.</p></body></html>",
    }
    parsed = parse("a.epub", zip_of(members))
    assert parsed.text == "One\n\nПервая.\n\nTwo"
    assert (parsed.title, headings_of(parsed)) == ("The book", [(1, "One"), (1, "Two")])


def test_opendocument_text_is_read(parse: Parse) -> None:
    cells = "".join(f"<table-cell><t:p>{text}</t:p></table-cell>" for text in "ab")
    content = (
        "<content xmlns:t='t'><body><text><t:h t:outline-level='2'>Head</t:h>"
        "<t:p>One<t:s/>two <t:span>three</t:span>.</t:p>"
        f"<table><table-row>{cells}</table-row></table></text></body></content>"
    )
    mime = "application/vnd.oasis.opendocument.text"
    parsed = parse("a.odt", zip_of({"mimetype": mime, "content.xml": content}))
    assert parsed.text == "Head\n\nOne two three.\n\na | b"
    assert headings_of(parsed) == [(2, "Head")]
