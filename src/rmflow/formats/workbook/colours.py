"""The colours of the workbook. Each repeats what a word says, so nobody needs to see it."""

from collections.abc import Mapping

from rmflow.formats.workbook.book import Tone

INK, MUTED, LINE, WHITE = "#1F2933", "#667085", "#E4E7EC", "#FFFFFF"
OURS, THEIRS = "#0F4C5C", "#8A5A00"
THEIRS_PAPER = "#FFF8E5"
# Told apart with any colour vision, and in grey by their brightness (after Okabe and Ito).
SERIES = ("#0072B2", "#7CC3EC", "#E69F00", "#A3A9B3")
TONES: Mapping[Tone, tuple[str, str]] = {  # ink, paper
    Tone.GOOD: ("#0B5D3B", "#DCF3E6"),
    Tone.BUSY: ("#1B4B8A", "#E1EDFB"),
    Tone.WARN: ("#7A4B00", "#FFEDC7"),
    Tone.BAD: ("#8E1B12", "#FADAD6"),
    Tone.QUIET: (MUTED, "#F0F2F5"),
}
