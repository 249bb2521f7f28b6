"""`library`: the elements and voices that steps can name by their ids, one's own and official ones; free questions."""

from __future__ import annotations

from dataclasses import dataclass

from kling_pipe.api.accounts import Refusing, raise_if_credentials, way_to_profile
from kling_pipe.api.options import Options
from kling_pipe.api.running import World
from kling_pipe.edge.clock import RealClock
from kling_pipe.providers.provider import Entry
from kling_pipe.run.exchange import ask_pages
from kling_pipe.run.retry import remedy_of
from kling_pipe.values.answer import Refusal


@dataclass(frozen=True, slots=True)
class Library:
    """What can be named: own entries first, each id once. `refused` are lists that the service did not show; `is_told`
    is false where it has none to show."""

    profile: str
    entries: tuple[Entry, ...]
    refused: tuple[Refusing, ...]
    is_told: bool = True


async def library(folder: str, options: Options, world: World | None = None) -> Library:
    """Asks for every list of the profile's service; raises CredentialFailure when credentials lack or are refused."""
    way, profile, adapter = way_to_profile(folder, options, world)
    found: dict[tuple[str, str], Entry] = {}
    refused: list[Refusing] = []
    async with way.line(profile, adapter) as line:
        questions = adapter.library()
        async for page in ask_pages(line, questions, adapter.read_library, RealClock(), way.pause):
            if isinstance(page, Refusal):
                raise_if_credentials(page, profile)
                refused.append(Refusing(page, remedy_of(page)))
            else:
                for entry in page.entries:
                    found.setdefault((str(entry.type), entry.id), entry)
    entries = sorted(found.values(), key=lambda entry: (str(entry.type), not entry.is_own))
    return Library(profile.name, tuple(entries), tuple(refused), is_told=bool(questions))
