"""A programme whose database is encrypted: a month of it, a new key, the end of encryption."""

import json
from pathlib import Path

import pytest

from builders import at
from coordinator import type_in
from office import Office
from rmflow.domain.records import MailRecord, NoteRecord, PersonRecord
from terminal import at_the_office

KEY = "8lh+R1Ho3FZ1vmI2vEo8Qz0mIX7V1kq5lYx3o0m/9Hk="
OLD = "u0dVZTJmQ2dKc3l3b1hQbE5nU3RrR2hVQWJjZEVmR2g="
# Her address does not tell her name: addresses are looked up, and stay readable.
NAME, MAILBOX = "Quetzalina Xylander", "Qx"
WORDS = "Marzipanschweinchen"
CANARIES = (b"quetzalina", b"xylander", WORDS.lower().encode(), b"building 7", b"a visit to")


def founded(folder: Path) -> Office:
    """Return an office with two keys at hand and none in use."""
    office = Office(folder, pairs=2, start=at("2026-10-05 09:00"))
    (office.folder / "store.key").write_text(KEY + "\n")
    (office.folder / "store.key").chmod(0o600)
    (office.folder / "old.key").write_text(OLD + "\n")
    (office.folder / "old.key").chmod(0o600)
    address = f"{MAILBOX.lower()}@contoso.example"
    office.people[2] = (address, NAME, *office.people[2][2:5], "Building 7", office.people[2][6])
    office.rows[0] = (*office.rows[0][:2], address, *office.rows[0][3:])
    office.save_roster()
    return office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return founded(tmp_path / "office")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Return an office that was encrypted from the start, after a month."""
    office = founded(tmp_path_factory.mktemp("month") / "office")
    keys(office, "store.key")
    play(office)
    return office


@pytest.fixture
def played(month: Office, tmp_path: Path) -> Office:
    """Return a copy of it, to go on with."""
    return month.copied(tmp_path / "played")


def keys(office: Office, *files: str) -> None:
    """Let the configuration name these keys."""
    text = office.config_path.read_text()
    lines = [line for line in text.splitlines() if not line.startswith("key = ")]
    names = ", ".join(f'"{name}"' if name == "none" else f'"file:{name}"' for name in files)
    at_url = next(n for n, line in enumerate(lines) if line.startswith("url = "))
    lines[at_url + 1 : at_url + 1] = [f"key = [{names}]"] * bool(files)
    office.config_path.write_text("\n".join(lines) + "\n")


def play(office: Office) -> None:
    """Play a month: agenda, prompt, summary, notes, a mail that waits for a person."""
    office.run()
    office.respond(MAILBOX, "ACCEPTED", extra=(f"COMMENT:{WORDS}",))
    office.at(at("2026-10-08 11:00")).run()
    office.answer(MAILBOX, "agenda-request", f"What I would like to talk about: A visit to {WORDS}")
    for moment in ("2026-10-09 11:00", "2026-10-13 16:00"):
        office.at(at(moment)).run()
    office.answer(MAILBOX, "summary-request", f"Key takeaways: {WORDS}\nRating: 5")
    office.answer("Ruth Kaya", "summary-request", f"Key takeaways: ask {NAME} more\nRating: 4")
    office.answer("Mara Vogel", "prompt", f"Something about {WORDS}")
    office.at(at("2026-10-14 10:00")).run()
    type_in(office, "pair-1", "Coordinator notes", f"Ask {NAME} about {WORDS}.")
    office.at(at("2026-11-05 10:00")).run()


def in_plain(office: Office) -> set[bytes]:
    """Return what the files of the database, and its backups, show of the canaries."""
    files = [path.read_bytes().lower() for path in office.folder.glob("*.db*")]
    return {canary for canary in CANARIES for content in files if canary in content}


def test_a_played_month_leaves_no_word_and_no_name_in_any_byte(played: Office) -> None:
    office = played
    assert at_the_office(office, "backup", office.folder / "copy.db").code == 0
    assert in_plain(office) == set()
    with office.ports() as ports:
        people = " ".join(record.person_json for record in ports.store.read(PersonRecord))
        notes = [note.text for note in ports.store.read(NoteRecord)]
        mails = [ports.store.raw(mail.id) for mail in ports.store.read(MailRecord)]
    assert NAME in people
    assert f"Ask {NAME} about {WORDS}." in notes
    assert any(raw and WORDS.encode() in raw for raw in mails)


def test_it_is_turned_on_changed_and_turned_off_while_the_programme_lives(office: Office) -> None:
    play(office)
    assert in_plain(office) == set(CANARIES)  # else the test above would prove nothing
    for names, then in (
        (("old.key",), ("old.key",)),
        (("store.key", "old.key"), ("store.key",)),
        (("none", "store.key"), ()),
    ):
        keys(office, *names)
        said = at_the_office(office, "rekey")
        assert (said.code, said.err) == (0, "")
        assert "rows rewritten" in said.out
        keys(office, *then)
        assert bool(in_plain(office)) is not bool(then)
        assert at_the_office(office, "run").code == 0
    assert at_the_office(office, "rekey").out.startswith("0 rows rewritten")
    assert at_the_office(office, "audit").out.count("database rekeyed") == 3


@pytest.mark.parametrize("verb", ["run", "plan", "status", "rekey", "backup"])
@pytest.mark.parametrize("names", [(), ("old.key",)], ids=["no key", "another key"])
def test_without_the_key_every_verb_says_which_setting_is_wrong(
    office: Office, verb: str, names: tuple[str, ...]
) -> None:
    keys(office, "store.key")
    office.run()
    keys(office, *names)
    before = (office.folder / "state.db").read_bytes()
    words = [office.folder / "copy.db"] if verb == "backup" else []
    said = at_the_office(office, verb, *words)
    assert (said.code, "[store] key: " in said.err) == (2, True)
    assert (office.folder / "state.db").read_bytes() == before
    assert not (office.folder / "copy.db").exists()


def test_nothing_is_rekeyed_while_a_run_is_at_work(office: Office) -> None:
    office.run()
    keys(office, "store.key")
    with office.ports() as ports, ports.store.lease():
        assert at_the_office(office, "rekey").code == 75


def test_a_backup_under_an_older_key_is_put_back_with_that_key_only(office: Office) -> None:
    keys(office, "old.key")
    office.run()
    copy = office.folder / "copy.db"
    at_the_office(office, "backup", copy)
    keys(office, "store.key", "old.key")
    at_the_office(office, "rekey")
    keys(office, "store.key")
    before = (office.folder / "state.db").read_bytes()
    said = at_the_office(office, "restore", copy)
    assert (said.code, "[store] key: " in said.err) == (2, True)
    assert (office.folder / "state.db").read_bytes() == before
    keys(office, "store.key", "old.key")
    assert at_the_office(office, "restore", copy).code == 0
    assert at_the_office(office, "run").code == 0


def test_export_and_forget_see_through_it(played: Office, tmp_path: Path) -> None:
    office = played
    folder = tmp_path / "for-her"
    assert at_the_office(office, "export", NAME, folder).code == 0
    kept = json.loads((folder / "person.json").read_text())
    assert kept["person"]["name"] == NAME
    assert any(WORDS.encode() in path.read_bytes() for path in (folder / "mails").iterdir())
    del office.rows[0]
    office.people = [row for row in office.people if row[1] not in (NAME, "Mara Vogel")]
    office.save_roster()
    office.at(at("2026-11-06 10:00"))
    office.run(confirmed=office.plan().digest)
    assert at_the_office(office, "forget", NAME, "--yes").code == 0
    keys(office, "none", "store.key")
    assert at_the_office(office, "rekey").code == 0
    assert in_plain(office) <= {b"building 7"}  # the other pair's room has a number, too
