"""The folder of .ics files: what only a folder can do to us."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from a_series import MENTEE, a_series

from rmflow.adapters.clock import StoppedClock
from rmflow.adapters.standards.vdir import Settings, VdirCalendar
from rmflow.domain.people import Address
from rmflow.domain.series import ParticipationStatus, SeriesSpec, Uid
from rmflow.errors import ChangedError, RejectedError, UnavailableError
from rmflow.formats.calendar.ics import read_stored, stored
from rmflow.formats.calendar.mark import MARK

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
UID = a_series().uid


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "shared" / "calendar"


@pytest.fixture
def calendar(tmp_path: Path) -> VdirCalendar:
    return VdirCalendar(Settings(path=Path("shared/calendar")), tmp_path, StoppedClock(NOW))


def item(folder: Path, uid: str = UID) -> Path:
    return folder / f"{uid}.ics"


def numbered(number: int) -> SeriesSpec:
    return a_series(uid=Uid(f"{number:032x}"))


def filled(folder: Path, count: int) -> list[Uid]:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        item(folder, numbered(number).uid).write_bytes(stored(numbered(number), now=NOW))
    return [numbered(number).uid for number in range(count)]


def edit(path: Path, was: str, becomes: str) -> None:
    text = path.read_bytes().decode()
    assert was in text
    path.write_bytes(text.replace(was, becomes).encode())


# The folder as other programs see it.


def test_the_folder_tells_other_programs_what_it_is(calendar: VdirCalendar, folder: Path) -> None:
    """vdir: displayname and color; an item a file, nothing unfinished left behind."""
    calendar.create(a_series())
    assert {path.name for path in folder.iterdir()} == {"displayname", "color", f"{UID}.ics"}


def test_a_folder_that_was_made_half_way_says_in_the_end_what_it_is(
    calendar: VdirCalendar, folder: Path
) -> None:
    """The run was killed in between; what somebody chose meanwhile stays."""
    folder.mkdir(parents=True)
    (folder / "displayname").touch()
    calendar.create(a_series())
    (folder / "color").write_text("#FF0000")
    calendar.create(numbered(1))
    about = [(folder / name).read_text() for name in ("displayname", "color")]
    assert about == ["Mentoring", "#FF0000"]


def test_looking_makes_no_folder(calendar: VdirCalendar, folder: Path) -> None:
    """`rmflow plan` changes nothing."""
    calendar.changes("", [])
    calendar.look([UID])
    assert not folder.exists()


@pytest.mark.parametrize("name", [".x.ics", "x.ics.tmp", ".x.ics.tmp", "x.txt"])
def test_unfinished_and_hidden_files_are_no_items(
    calendar: VdirCalendar, folder: Path, name: str
) -> None:
    """vdir asks readers to pass over them; a draft of ours may be left by a crash."""
    calendar.create(a_series())
    token = calendar.changes("", [UID]).token
    (folder / name).write_bytes(item(folder).read_bytes()[:200])
    found = calendar.changes(token, [UID])
    assert (found.token, found.complete) == (token, True)


def test_a_copy_under_another_name_is_not_seen(calendar: VdirCalendar, folder: Path) -> None:
    """A file manager's copy is no second series."""
    calendar.create(a_series())
    (folder / f"{UID} (copy).ics").write_bytes(item(folder).read_bytes())
    assert len(calendar.changes("", [UID]).series) == 1


def test_a_series_that_a_person_split_off_is_seen(calendar: VdirCalendar, folder: Path) -> None:
    """R23: "this and all following" makes a new UID that carries our mark along."""
    calendar.create(a_series())
    new = a_series(uid=Uid("split-off@khal"), start=datetime(2026, 4, 14, 15))
    item(folder, new.uid).write_bytes(stored(new, now=NOW))
    assert {s.spec.uid for s in calendar.changes("", [UID]).series} == {UID, new.uid}


def test_saving_without_a_change_is_no_change(calendar: VdirCalendar, folder: Path) -> None:
    """An etag is about content: a sync tool may rewrite every file."""
    etag = calendar.create(a_series())
    item(folder).write_bytes(item(folder).read_bytes())
    assert calendar.look([UID])[UID].etag == etag
    calendar.revise(a_series(sequence=1), etag)


# What could not be read is not empty.


@pytest.mark.parametrize("mounted", [True, False])
def test_an_empty_or_missing_folder_says_nothing_about_what_was_in_it(
    calendar: VdirCalendar, folder: Path, *, mounted: bool
) -> None:
    """vdirsyncer calls it StorageEmpty: more often a mount is missing than all meetings."""
    calendar.create(a_series())
    token = calendar.changes("", [UID]).token
    aside = folder.rename(folder.with_name("aside"))
    if mounted:
        folder.mkdir()
    found = calendar.changes(token, [UID])
    assert (found.token, found.complete, found.vanished) == (token, False, frozenset())
    if mounted:
        folder.rmdir()
    aside.rename(folder)
    assert calendar.changes(token, [UID]).complete


def test_an_unreadable_series_makes_it_incomplete_until_it_is_repaired(
    calendar: VdirCalendar, folder: Path
) -> None:
    """The others are still told; the next run looks again although nothing changed."""
    known = filled(folder, 30)
    token = calendar.changes("", known).token
    edit(item(folder, known[7]), "RRULE:FREQ=WEEKLY", "RRULE:FREQ=SECONDLY")
    edit(item(folder, known[8]), "Building 4", "Building 5")
    found = calendar.changes(token, known)
    assert (found.complete, found.vanished) == (False, frozenset())
    assert known[7] not in {series.spec.uid for series in found.series}
    assert known[8] in {series.spec.uid for series in found.series}
    assert not calendar.changes(found.token, known).complete
    edit(item(folder, known[7]), "FREQ=SECONDLY", "FREQ=WEEKLY")
    repaired = calendar.changes(found.token, known)
    assert repaired.complete
    assert known[7] in {series.spec.uid for series in repaired.series}


def test_a_series_that_lost_its_mark_is_not_gone(calendar: VdirCalendar, folder: Path) -> None:
    """Some programs drop what they do not know: no deletion, and not ours to overwrite."""
    etag = calendar.create(a_series())
    edit(item(folder), MARK, "X-OTHER")
    found = calendar.changes("", [UID])
    assert (found.series, found.vanished, found.complete) == ((), frozenset(), False)
    with pytest.raises(RejectedError, match="mark"):
        calendar.look([UID])
    with pytest.raises(ChangedError):
        calendar.revise(a_series(), etag)


def test_looking_at_a_broken_series_says_which_and_why(
    calendar: VdirCalendar, folder: Path
) -> None:
    """Left out, it would mean: not created yet."""
    calendar.create(a_series())
    edit(item(folder), "ORGANIZER", "X-WAS-ORGANIZER")
    with pytest.raises(RejectedError, match=rf"{UID}\.ics has no organiser"):
        calendar.look([UID])


# Cheap when nothing changed, cheap when little did.


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read."""
    names: list[str] = []
    read_bytes = Path.read_bytes

    def counted(path: Path) -> bytes:
        names.append(path.name)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    return names


def test_an_unchanged_folder_is_listed_and_not_read(
    calendar: VdirCalendar, folder: Path, reads: list[str]
) -> None:
    """PERFORMANCE: a run without news does not pay for every pair."""
    known = filled(folder, 400)
    token = calendar.changes("", known).token
    reads.clear()
    assert calendar.changes(token, known).token == token
    assert reads == []


def test_after_one_edit_only_its_group_is_read(
    calendar: VdirCalendar, folder: Path, reads: list[str]
) -> None:
    """One of 256; and the token stays short."""
    known = filled(folder, 400)
    token = calendar.changes("", known).token
    edit(item(folder, known[5]), "Building 4", "Building 5")
    reads.clear()
    found = calendar.changes(token, known)
    assert f"{known[5]}.ics" in reads
    assert len(reads) < 20
    assert len(found.token) <= 2560


def test_a_clock_that_went_back_hides_no_edit(calendar: VdirCalendar, folder: Path) -> None:
    """Times are compared for being different, not for being later."""
    known = filled(folder, 3)
    token = calendar.changes("", known).token
    edit(item(folder, known[1]), "Building 4", "Building 5")
    os.utime(item(folder, known[1]), (0, 0))
    assert known[1] in {series.spec.uid for series in calendar.changes(token, known).series}


def test_a_token_from_elsewhere_tells_everything(calendar: VdirCalendar, folder: Path) -> None:
    """The backend was another one yesterday."""
    known = filled(folder, 3)
    assert len(calendar.changes("CAESMGh0dHBz?!", known).series) == 3


# Writing.


def test_answers_in_the_file_survive_a_revision_of_the_place(
    calendar: VdirCalendar, folder: Path
) -> None:
    """And are asked anew when the times as a whole are others."""
    calendar.create(a_series())
    statuses = {MENTEE.address: ParticipationStatus.ACCEPTED}
    item(folder).write_bytes(stored(a_series(), now=NOW, statuses=statuses))
    etag = calendar.look([UID])[UID].etag
    etag = calendar.revise(a_series(location="Canteen", sequence=1), etag)
    assert noted(folder) == statuses
    calendar.revise(a_series(start=datetime(2026, 3, 3, 10), sequence=2), etag)
    assert noted(folder) == {}


def noted(folder: Path) -> dict[Address, ParticipationStatus]:
    """Return the answers in the item."""
    responses = read_stored(item(folder).read_bytes()).responses
    return {response.attendee: response.status for response in responses}


@pytest.mark.parametrize("uid", ["../../etc/passwd", ".hidden", "", "a\0b", "a\\b"])
def test_a_uid_never_leads_out_of_the_folder(calendar: VdirCalendar, uid: str) -> None:
    """A UID may come from a mail."""
    with pytest.raises(RejectedError):
        calendar.create(a_series(uid=Uid(uid)))
    with pytest.raises(RejectedError):
        calendar.look([Uid(uid)])


def test_a_folder_that_cannot_be_made_is_unavailable(calendar: VdirCalendar, folder: Path) -> None:
    """It certainly did not happen, so the next run tries again."""
    folder.parent.write_text("a file where the folder should be")
    with pytest.raises(UnavailableError, match="create"):
        calendar.create(a_series())
    with pytest.raises(UnavailableError, match="changes"):
        calendar.changes("", [])


def test_a_full_disk_leaves_the_old_series_and_no_draft(
    calendar: VdirCalendar, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers see the old item or the new one, never half of one."""
    etag = calendar.create(a_series())

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError, match="No space left"):
        calendar.revise(a_series(location="Canteen"), etag)
    assert calendar.look([UID])[UID].etag == etag
    assert not list(folder.glob(".*"))
