"""The workbook as plain data, and what the coordinator adds to it."""
