"""The report: one file that says what was found, without the dashboard."""

from flhetero_dash.report.page import report_page

__all__ = ["report_page"]
