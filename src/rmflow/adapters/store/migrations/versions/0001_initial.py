"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make them."""
    _effects()
    _people()
    _pairings()
    _series()
    _letters()
    _mails()
    _readings()
    _answers()
    _responses()
    _questions()
    _signals()
    _notes()
    _settings()
    _lease()
    _audit()
    _keys()


def _effects() -> None:
    op.create_table(
        "effects",
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("pairing", _TEXT, nullable=False),
        sa.Column("session", _TEXT, nullable=False),
        sa.Column("person", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", _INSTANT, nullable=True),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.Column("covers_json", _TEXT, nullable=False),
        sa.Column("detail", _TEXT, nullable=False),
        sa.Column("service_id", _TEXT, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_effects"),
    )
    op.create_index(
        "ix_effects_claimed", "effects", ["state"], sqlite_where=sa.text("state = 'claimed'")
    )
    op.create_index("ix_effects_claimed_at", "effects", ["claimed_at"])
    op.create_index(
        "ix_effects_merged", "effects", ["person"], sqlite_where=sa.text("covers_json != '[]'")
    )
    op.create_index("ix_effects_pairing", "effects", ["pairing"])


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("address", _TEXT, nullable=False),
        sa.Column("person_json", _TEXT, nullable=False),
        sa.Column("left_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_index("ix_people_address", "people", ["address"])


def _pairings() -> None:
    op.create_table(
        "pairings",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("mentor", _TEXT, nullable=False),
        sa.Column("mentee", _TEXT, nullable=False),
        sa.Column("pairing_json", _TEXT, nullable=False),
        sa.Column("override", _TEXT, nullable=False),
        sa.Column("wake_at", _INSTANT, nullable=True),
        sa.Column("gone_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("resumed_at", _INSTANT, nullable=True),
        sa.Column("over_since", _INSTANT, nullable=True),
        sa.Column("emptied_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pairings"),
    )
    op.create_index("ix_pairings_over_since", "pairings", ["over_since"])
    op.create_index("ix_pairings_wake_at", "pairings", ["wake_at"])


def _series() -> None:
    op.create_table(
        "series",
        sa.Column("uid", _TEXT, nullable=False),
        sa.Column("pairing", _TEXT, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("spec_json", _TEXT, nullable=False),
        sa.Column("etag", _TEXT, nullable=False),
        sa.Column("wish", _TEXT, nullable=False),
        sa.Column("previous_json", _TEXT, nullable=False),
        sa.Column("because_json", _TEXT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("place", _TEXT, nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("taken_out_json", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("uid", name="pk_series"),
    )
    op.create_index("ix_series_pairing", "series", ["pairing"])
    op.create_index("ix_series_state", "series", ["state"])


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("item", _TEXT, nullable=False),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("pairing", _TEXT, nullable=False),
        sa.Column("session", _TEXT, nullable=False),
        sa.Column("person", _TEXT, nullable=False),
        sa.Column("form", _TEXT, nullable=False),
        sa.Column("topic", _TEXT, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("token", _TEXT, nullable=False),
        sa.Column("message_id", _TEXT, nullable=False),
        sa.Column("subject", _TEXT, nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=False),
        sa.Column("offer_json", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("item", name="pk_letters"),
    )
    op.create_index("ix_letters_message_id", "letters", ["message_id"])
    op.create_index("ix_letters_pairing", "letters", ["pairing"])
    op.create_index("ix_letters_person", "letters", ["person"])
    op.create_index("ix_letters_token", "letters", ["token"])


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("source", _TEXT, nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
    )
    op.create_index("ix_mails_settled_at", "mails", ["settled_at"])
    op.create_index("ix_mails_source", "mails", ["source"])


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column("mail_id", _TEXT, nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("pairing", _TEXT, nullable=False),
        sa.Column("session", _TEXT, nullable=False),
        sa.Column("reading_json", _TEXT, nullable=False),
        sa.Column("why", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("mail_id", name="pk_readings"),
    )
    op.create_index("ix_readings_pairing", "readings", ["pairing"])


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("mail_id", _TEXT, nullable=False),
        sa.Column("pairing", _TEXT, nullable=False),
        sa.Column("session", _TEXT, nullable=False),
        sa.Column("form", _TEXT, nullable=False),
        sa.Column("author", _TEXT, nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("status", _TEXT, nullable=False),
        sa.Column("answers_json", _TEXT, nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("mail_id", name="pk_answers"),
    )
    op.create_index("ix_answers_pairing", "answers", ["pairing"])


def _responses() -> None:
    op.create_table(
        "responses",
        sa.Column("uid", _TEXT, nullable=False),
        sa.Column("session", _TEXT, nullable=False),
        sa.Column("attendee", _TEXT, nullable=False),
        sa.Column("pairing", _TEXT, nullable=False),
        sa.Column("status", _TEXT, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("stamped_at", _INSTANT, nullable=False),
        sa.Column("comment", _TEXT, nullable=False),
        sa.Column("proposed_start", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("uid", "session", "attendee", name="pk_responses"),
    )
    op.create_index("ix_responses_pairing", "responses", ["pairing"])


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("pairing", _TEXT, nullable=False),
        sa.Column("about", _TEXT, nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("session", _TEXT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_questions"),
    )
    op.create_index("ix_questions_pairing", "questions", ["pairing"])


def _signals() -> None:
    op.create_table(
        "signals",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("person", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("pairing", _TEXT, nullable=False),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("until", _TEXT, nullable=False),
        sa.Column("address", _TEXT, nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signals"),
    )
    op.create_index("ix_signals_pairing", "signals", ["pairing"])
    op.create_index("ix_signals_person", "signals", ["person"])


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("sheet", _TEXT, nullable=False),
        sa.Column("row", _TEXT, nullable=False),
        sa.Column("column", _TEXT, nullable=False),
        sa.Column("text", _TEXT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("sheet", "row", "column", name="pk_notes"),
    )


def _settings() -> None:
    op.create_table(
        "settings",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("value", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )


def _lease() -> None:
    op.create_table(
        "lease",
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("holder", _TEXT, nullable=False),
        sa.Column("home", _TEXT, nullable=False),
        sa.Column("until", _INSTANT, nullable=True),
    )
    op.execute("INSERT INTO lease (fence, holder, home) VALUES (0, '', '')")


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("name", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_keys"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("event", _TEXT, nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("pairing", _TEXT, nullable=False),
        sa.Column("person", _TEXT, nullable=False),
        sa.Column("about", _TEXT, nullable=False),
        sa.Column("facts_json", _TEXT, nullable=False),
        sa.Column("blind", _TEXT, nullable=False),
        sa.Column("seal", _TEXT, nullable=False),
        sa.Column("chain", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
