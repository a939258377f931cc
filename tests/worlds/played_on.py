"""The play of the demo, on a service instead of files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from courier import Courier, Service
from openpyxl import load_workbook

from rmflow.adapters.clock import StoppedClock
from rmflow.app.ports import Ports
from rmflow.app.run import Report, run
from rmflow.demo.folder import prepare
from rmflow.demo.people.society import Society
from rmflow.demo.play import FIRST_DAY, moments
from rmflow.demo.tracking import WrittenWhenSaved
from rmflow.domain.records import SeriesRecord
from rmflow.domain.series import SeriesSpec
from rmflow.wiring import load_config, open_ports

Rows = Mapping[str, list[tuple[object, ...]]]


@dataclass(frozen=True)
class Ending:
    """How a play ended: the series in the calendar by pairing, and the sheets of the workbook."""

    series: Mapping[str, list[SeriesSpec | None]]
    rows: Rows
    last: Report


def play_on(service: Service | None, folder: Path, *, months: int, seed: int = 1) -> Ending:
    """Play so many months; `service` None: on files, with invitations by mail."""
    times = list(moments(months))
    prepare(folder, seed=seed, end=times[-1])
    if service is not None:
        configure(folder / "programme.toml", service)
    people = Society(folder, seed)
    people.coordinator.save(times[0].replace(year=FIRST_DAY.year))
    clock = StoppedClock(times[-1])
    ports = open_ports(load_config(folder / "programme.toml"), clock)
    ports = replace(ports, tracking=WrittenWhenSaved(ports.tracking))
    courier = Courier(folder, service, ports.calendar) if service else None
    try:
        for at in times:
            people.live(at)
            _run(ports, clock, at, courier)
        people.coordinator.close_workbook()
        reports = [_run(ports, clock, times[-1], courier) for _ in range(3)]
        return Ending(_series(ports), rows_of(folder / "tracking.xlsx"), reports[-1])
    finally:
        ports.close()


def _run(ports: Ports, clock: StoppedClock, at: datetime, courier: Courier | None) -> Report:
    clock.at = at
    if courier is None:
        return run(ports)
    courier.collect()
    report = run(ports)
    courier.bring([record.uid for record in ports.store.read(SeriesRecord)], at)
    return report


def configure(path: Path, service: Service) -> None:
    """Put the service's sections in the place of those for files."""
    text = path.read_text("utf-8")
    for port in ("calendar", "mail_out", "mail_in"):
        text = re.sub(rf"\[{port}\]\n(?:[^\[\n].*\n|\n)*", "", text)
    path.write_text(f"{text}\n{service.sections(path.parent)}", "utf-8")


def _series(ports: Ports) -> Mapping[str, list[SeriesSpec | None]]:
    """Return the series that stand in the calendar by pairing, None for a cancelled one."""
    found: dict[str, list[SeriesSpec | None]] = {}
    records = sorted(ports.store.read(SeriesRecord), key=lambda r: (r.pairing, r.generation))
    seen = ports.calendar.look([record.uid for record in records])
    for record in records:
        if record.uid in seen:
            series = seen[record.uid]
            spec = None if series.cancelled else replace(series.spec, sequence=0)
            found.setdefault(record.pairing, []).append(spec)
    return found


def rows_of(workbook: Path) -> Rows:
    """Return the cells of every sheet, row by row."""
    book = load_workbook(workbook, read_only=False)
    return {
        sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book
    }
