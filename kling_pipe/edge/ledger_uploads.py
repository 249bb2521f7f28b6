"""What the ledger remembers of services' own storages: which content lies there, under which name, and until when.

An account is known by a one-way mark of its type, address and credential, so that a name is never told to another one.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from kling_pipe.values.digest import digest_of
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Handed, Uploaded

uploads_table = (
    "create table if not exists uploads (account text not null, digest text not null, form text not null,"
    " handed text not null, used real not null, lifetime real not null, primary key (account, digest)) without rowid"
)
dying_share = 0.05  # of its lifetime: what dies that soon is not counted on any more


@dataclass(frozen=True, slots=True)
class Account:
    """Whose storage it is."""

    mark: str

    @staticmethod
    def of(provider: str, base_url: str, credential: Secret) -> Account:
        return Account(digest_of("kling-pipe.account", [provider, base_url.rstrip("/"), credential.reveal()])[:32])


def recall(database: sqlite3.Connection, account: Account, digest: str, now: float) -> Handed | None:
    """How a content is named in a storage, while it lives there; to be asked for it is a use."""
    key = (account.mark, digest)
    row = database.execute("select * from uploads where account = ? and digest = ?", key).fetchone()
    if row is None or now > row["used"] + row["lifetime"] * (1 - dying_share):
        return None
    if now > row["used"]:
        database.execute("update uploads set used = ? where account = ? and digest = ?", (now, *key))
    return Handed(**{row["form"]: row["handed"]}, remembered=True)


def remember(database: sqlite3.Connection, account: Account, digest: str, uploaded: Uploaded, now: float) -> None:
    handed = uploaded.handed
    form = "url" if handed.url else "id"
    row = (account.mark, digest, form, handed.text, now, uploaded.lifetime)
    database.execute("insert or replace into uploads values (?, ?, ?, ?, ?, ?)", row)
    database.execute("delete from uploads where used + lifetime < ?", (now,))


def forget(database: sqlite3.Connection, account: Account, digest: str) -> None:
    database.execute("delete from uploads where account = ? and digest = ?", (account.mark, digest))
