"""Our mark on calendar items: only what carries it is seen or touched."""

MARK = "X-RMFLOW-PAIRING"  # its value is the pairing
