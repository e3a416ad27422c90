"""Text, web and PDF formats: small files made here, read in a real child."""

import pytest

from indexes.errors import ParseError
from tests.kgrag.parse.samples import Parse, headings_of, lines_of, pages_of, pdf_of


def test_plain_text_keeps_its_lines(parse: Parse) -> None:
    parsed = parse("a.txt", "\ufeffOne line\r\nwrapped.\r\n\r\nAnother.\r\n")
    assert parsed.text == "One line\nwrapped.\n\nAnother."
    assert (parsed.media_type, parsed.title, parsed.pages) == ("text/plain", None, ())


@pytest.mark.parametrize(
    ("text", "headed"),
    [
        ("Free Guy\n\nFree Guy is a film.", "Free Guy"),
        ("Free Guy\nFree Guy is a film." + " It is long." * 20, "Free Guy"),
        ("Free Guy is a film.\n\nIt is long.", None),
        ("- milk\n\n- bread", None),
        ("Dear Anna,\n\nthank you.", None),
        ("Free Guy", None),
        ("one\ntwo\n\nthree", None),
        ("* * *\n\nThe end came.", None),
    ],
)
def test_a_plain_text_may_begin_with_its_title(parse: Parse, text: str, headed: str | None) -> None:
    parsed = parse("a.txt", text.encode())
    heads = [parsed.text[head.start : head.end] for head in parsed.headings]
    assert heads == ([headed] if headed else [])


def test_long_lines_and_indents_begin_paragraphs(parse: Parse) -> None:
    long = "Слово " * 50
    assert parse("a.txt", f"Заголовок\n{long}\n{long}").text == "\n\n".join(
        ["Заголовок", f"{long}", long.strip()]
    )
    wrapped = "The first\nparagraph ends.\n    The second\n    goes on."
    assert parse("b.txt", wrapped).text == wrapped.replace("ends.\n", "ends.\n\n")


def test_markdown_loses_its_marks_and_keeps_its_structure(parse: Parse) -> None:
    parsed = parse(
        "a.md",
        "---\ntitle: 'Front'\n---\n# Head *one*\n\nSome [link](http://x.y) and `code`\nwrapped.\n\n"
        "## Sub\n\n- item one\n- item two\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n"
        "```py\nx = 1\n```\n\n<div>inside <b>HTML</b><script>evil()</script></div>\n\n"
        "![alt](i.png)\n",
    )
    assert parsed.text.split("\n\n") == [
        "Head one",
        "Some link and code\nwrapped.",
        "Sub",
        "item one",
        "item two",
        "a | b\n1 | 2",
        "x = 1",
        "inside HTML",
        "alt",
    ]
    assert headings_of(parsed) == [(1, "Head one"), (2, "Sub")]
    assert (parsed.title, parsed.media_type) == ("Front", "text/markdown")


def test_html_shows_what_a_reader_sees(parse: Parse) -> None:
    parsed = parse(
        "a.html",
        "<html><head><title>T &amp; t</title><style>p{}</style></head><body><h1>Big\n head</h1>"
        "<p>One <b>bold</b>\n word<br>new line</p><script>evil()</script><noscript>no</noscript>"
        "<p hidden>h1</p><p style='display: none'>h2</p><span aria-hidden=true>h3</span>"
        "<template>h4</template><ul><li>a<li>b</ul><pre>x\n  y</pre>"
        "<table><tr><th>N<th>V<tr><td>1<td><p>2<p>3</table>tail<!-- c -->!</body></html>",
    )
    assert parsed.text.split("\n\n") == [
        "Big head",
        "One bold word\nnew line",
        "a",
        "b",
        "x\n  y",
        "N | V\n1 | 2 3",
        "tail!",
    ]
    assert (parsed.title, headings_of(parsed)) == ("T & t", [(1, "Big head")])


def test_menus_go_only_where_the_page_says_what_its_content_is(parse: Parse) -> None:
    page = (
        "<nav>Menu</nav><{0}>{1}<aside>Note</aside></{0}><aside>Advert</aside><footer>Foot</footer>"
    )
    with_main = parse("a.html", "<body>" + page.format("main", "Content " * 20)).text
    assert with_main == ("Content " * 20).strip() + "\n\nNote"
    without = parse("a.html", "<body>" + page.format("div", "Content " * 20)).text
    assert "Menu" in without and "Foot" in without
    small = parse("a.html", "<body>" + page.format("main", "x") + "Outside " * 20).text
    assert "Menu" in small and "Outside" in small


def test_a_table_that_lays_out_a_page_is_no_table(parse: Parse) -> None:
    page = "<table><tr><td><h2>Left</h2><p>One</td><td><table><tr><td>a<td>b</table></td></table>"
    assert parse("a.html", f"<body>{page}").text == "Left\n\nOne\n\na | b"


def test_a_page_that_lies_about_its_encoding_is_readable(parse: Parse) -> None:
    page = "<meta charset=utf-8><title>Проверка</title><p>Однажды играли в карты у Нарумова."
    parsed = parse("a.html", page.encode("cp1251"))
    assert (parsed.title, parsed.text) == ("Проверка", "Однажды играли в карты у Нарумова.")


def test_a_page_may_nest_a_thousand_deep_and_text_is_never_lost_silently(parse: Parse) -> None:
    assert parse("a.html", "<div>" * 1000 + "deep" + "</div>" * 1000).text == "deep"
    with pytest.raises(ParseError, match="nested too deeply"):
        parse("a.html", "<div>" * 5000 + "deep")


def test_a_pdf_has_pages_and_paragraphs(parse: Parse) -> None:
    first = lines_of(
        (20, 700, "A heading"),
        (10, 670, "The first paragraph is long enough to be wrapped at the"),
        (10, 658, "margin of the page, and its second line is full too."),
        (10, 630, "The second one stands apart from it and is wrapped too,"),
        (10, 618, "of course."),
    )
    parsed = parse("a.pdf", pdf_of([first, "", lines_of((10, 700, "Third page."))]))
    assert pages_of(parsed) == [
        "A heading\n\n"
        "The first paragraph is long enough to be wrapped at the\n"
        "margin of the page, and its second line is full too.\n\n"
        "The second one stands apart from it and is wrapped too,\nof course.",
        "",
        "Third page.",
    ]
    assert [page.number for page in parsed.pages] == [1, 2, 3]
    assert (parsed.title, parsed.media_type) == ("Small print", "application/pdf")


def test_a_form_in_a_pdf_keeps_its_lines_apart(parse: Parse) -> None:
    page = lines_of(
        (10, 700, "Report: 17"),
        (10, 688, "Warehouse: Distribution Center East"),
        (10, 676, "Prepared by: Sarah Martinez, who also prepared many of the others"),
    )
    assert parse("a.pdf", pdf_of([page])).text.split("\n\n")[:2] == [
        "Report: 17",
        "Warehouse: Distribution Center East",
    ]


def test_csv_rows_are_table_rows(parse: Parse) -> None:
    assert parse("a.csv", 'n,"a, b"\n1,2\n\n3,4\n').text == "n | a, b\n1 | 2\n3 | 4"
    assert parse("a.csv", "имя;возраст\nАнна;3,5\n").text == "имя | возраст\nАнна | 3,5"
    assert parse("a.tsv", "a\tb\n1\t2\n").text == "a | b\n1 | 2"
    assert parse("one.csv", "word\n").text == "word"


def test_rtf_is_read_in_its_code_page(parse: Parse) -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}\f0 \'cf\'f0\'e8\'e2\'e5\'f2, \b world\b0 ."
        rb"\par \u1052?\u1080?\u1088?\par}"
    )
    parsed = parse("a.rtf", rtf)
    assert (parsed.text, parsed.media_type) == ("Привет, world.\n\nМир", "application/rtf")


def test_json_is_read_as_keys_and_values(parse: Parse) -> None:
    text = '[{"name": "\\u0410нна", "jobs": ["a", {"at": "b"}], "none": null}, {"name": "Б"}]'
    assert parse("a.json", text).text == "name: Анна\njobs: a\nat: b\n\nname: Б"
    assert parse("b.json", "{not json").text == "{not json"


def test_feeds_are_articles_and_other_xml_is_its_text(parse: Parse) -> None:
    feed = (
        "<?xml version='1.0'?><rss><channel><title>Feed</title><item><title>First</title>"
        "<link>http://x</link><description>&lt;p&gt;One &amp;amp; two&lt;/p&gt;</description>"
        "</item></channel></rss>"
    )
    parsed = parse("a.xml", feed)
    assert (parsed.title, parsed.text) == ("Feed", "First\n\nOne & two")
    assert headings_of(parsed) == [(1, "First")]
    other = parse(
        "b.xml", "<?xml version='1.0'?><doc><title>T</title><p>mixed <b>text</b> here</p></doc>"
    )
    assert other.text == "T\n\nmixed text here"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.csv", "a"])
@pytest.mark.parametrize("content", ["", " \r\n\t"])
def test_a_text_file_without_text_is_empty_and_no_error(
    parse: Parse, name: str, content: str
) -> None:
    assert parse(name, content).text == ""


@pytest.mark.parametrize("name", ["a.pdf", "a.DOCX", "a.xlsx", "a.epub"])
def test_a_document_of_zero_bytes_is_corrupt(parse: Parse, name: str) -> None:
    with pytest.raises(ParseError, match=name) as caught:
        parse(name, b"")
    assert caught.value.reason == "corrupt"
