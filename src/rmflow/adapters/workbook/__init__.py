"""The tracking workbook as an xlsx file: files in `tracking`, its drawing in the other modules."""
