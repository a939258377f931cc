"""Row 4: every mail that waits, stored raw, sorted by kind, read to the last field, filed."""

import sys
from pathlib import Path

from rmflow.app.inbox import read_inbox
from rmflow.planner.filing import file_reading
from rmflow.planner.state import History
from rmflow.wiring import load_config, open_ports

ports = open_ports(load_config(Path(sys.argv[1], "programme.toml")))
inbox = read_inbox(ports, ports.clock.now(), keep=True)
filed = (file_reading(ports.programme, reading, History())[0] for reading in inbox.readings)
ports.store.write(record for note in filed for record in note.records)
ports.close()
answered = sum(bool(reading.answers) for reading in inbox.readings)
assert answered >= 0.8 * len(inbox.readings), f"{answered} of {len(inbox.readings)}"
