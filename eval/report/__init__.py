"""The page of a run, and the page that sets two runs beside each other: one HTML file each.

A file asks nobody for anything: style, script and drawings are in it, and its policy forbids the
rest. All text of documents, questions and models passes ``markupsafe``, so it stays text.
"""

from eval.report.comparison import comparison_html
from eval.report.page import report_html, write_report

__all__ = ["comparison_html", "report_html", "write_report"]
