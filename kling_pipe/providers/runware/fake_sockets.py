"""The same arrays over a WebSocket: sign-in, results pushed as they come, and sessions that outlive a lost connection.

1. The first frame signs in; its answer names the session, and naming that session later goes on with it.
2. A synchronous task is answered by its results, an asynchronous one at once and by its results later.
3. What was not pushed before a connection was lost is pushed to the one that goes on with the session.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from kling_pipe.providers.runware.fake_batch import (
    account_of,
    begin,
    check_standing,
    envelope,
    is_authentication,
    refused,
    results,
    tasks_of,
)
from kling_pipe.providers.runware.fake_errors import Json, Rebuff, invalid
from kling_pipe.providers.runware.fake_media import Desk
from kling_pipe.providers.runware.fake_queries import session_of
from kling_pipe.simulator.service import Call, Conversation, ConversationOver, Reply
from kling_pipe.simulator.tasks import Task
from kling_pipe.simulator.world import World

idle = 120.0  # real seconds of silence after which a connection is closed (section 1)


@dataclass
class Session:
    """An account's connection and the tasks whose results it has not been told."""

    uuid: str
    account: str
    owed: dict[str, Task] = field(default_factory=dict)


class Sessions:
    """The sessions of one world; a world that begins anew knows none of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._began = world.began
        self._known: dict[str, Session] = {}

    def open(self, account: str, uuid: object) -> Session:
        """The account's session of that UUID, or a new one."""
        if self._began != self._world.began:
            self._began, self._known = self._world.began, {}
        found = self._known.get(uuid) if isinstance(uuid, str) else None
        if found is None or found.account != account:
            name = session_of(account, f"{self._began}/{len(self._known)}")
            found = self._known.setdefault(name, Session(name, account))
        return found


class Talk:
    """One connection, from its sign-in to its end."""

    def __init__(self, world: World, sessions: Sessions, conversation: Conversation) -> None:
        self._world = world
        self._sessions = sessions
        self._conversation = conversation
        self._session: Session | None = None
        self._pushing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Pushes nothing any more."""
        for push in self._pushing:
            push.cancel()
        await asyncio.gather(*self._pushing, return_exceptions=True)

    async def answer(self, call: Call) -> Reply:
        """What one frame is answered with at once; what is to be pushed begins."""
        try:
            tasks = tasks_of(call.body)
            if is_authentication(tasks[0]):
                signed_in = self._sign_in(tasks[0])
                rest = tasks[1:]
                answered = [signed_in]
            else:
                rest, answered = tasks, []
            session = self._session
            if session is None:
                raise Rebuff(401, "missingApiKey", "The first frame must authenticate")
            check_standing(session.account, self._world)
        except Rebuff as rebuff:
            return refused(rebuff)
        desk = Desk(self._world, session.account, self._conversation.call.base_url)
        begun = [await begin(task, desk) for task in rest]
        reply = envelope(begun, self._world)
        for one in begun:
            if one.task is not None:
                session.owed[one.task.id] = one.task
                self._push(one.task, session, desk)
        return _with(reply, answered) if answered else reply

    def _sign_in(self, task: Json) -> Json:
        for name in task:
            if name not in ("taskType", "taskUUID", "apiKey", "connectionSessionUUID"):
                raise invalid(name, "not a parameter of 'authentication'")
        session = self._sessions.open(account_of(task.get("apiKey"), self._world), task.get("connectionSessionUUID"))
        if self._session is not session:
            self._session = session
            desk = Desk(self._world, session.account, self._conversation.call.base_url)
            for owed in session.owed.values():
                self._push(owed, session, desk)
        return {"taskType": "authentication", "connectionSessionUUID": session.uuid}

    def _push(self, task: Task, session: Session, desk: Desk) -> None:
        push = asyncio.create_task(self._pushed(task, session, desk))
        self._pushing.add(push)
        push.add_done_callback(self._pushing.discard)

    async def _pushed(self, task: Task, session: Session, desk: Desk) -> None:
        left = task.ends - self._world.clock.now()
        if left == float("inf"):
            return
        await self._world.clock.sleep(max(0.0, left))
        reply = envelope([await results(task, desk)], self._world)
        try:
            await self._conversation.send(reply.body.decode())
        except ConversationOver:
            return
        session.owed.pop(task.id, None)


def _with(reply: Reply, first: list[Json]) -> Reply:
    """The envelope with items in front."""
    body = json.loads(reply.body)
    body["data"] = [*first, *body.get("data", [])]
    return Reply.json(reply.status, body)


def is_empty(reply: Reply) -> bool:
    """Whether there is nothing to say yet."""
    return reply.body == b'{"data":[]}'
