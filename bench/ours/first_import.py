"""Row 3: our import of a new roster, its checks and comparison with the store included."""

import sys
from pathlib import Path

from rmflow.app.people import view_roster
from rmflow.planner.commands import pairing_record
from rmflow.wiring import load_config, open_ports

ports = open_ports(load_config(Path(sys.argv[1], "programme.toml")))
view = view_roster(ports, ports.clock.now())
pairings = [pairing_record(view.roster.pairings[id]) for id in view.changed]
ports.store.write([*view.people_changed, *pairings])
ports.close()
assert not view.problems, view.problems[0]
