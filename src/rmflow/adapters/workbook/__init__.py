"""The tracking workbook as an xlsx file: files in `tracking`, its drawing in the other modules."""

from rmflow.adapters.workbook.tracking import Settings, XlsxTracking

__all__ = ["Settings", "XlsxTracking"]
