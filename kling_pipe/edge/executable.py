"""A service's own executable as the way to it: requests of the method `RUN` are runs of it, all others go by HTTP.

What a run is to make is its name; asked for by that name again, it is waited for, or its answer is there. The
credential goes by the environment and never by an argument, which any user of the machine can read.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping

from kling_pipe.edge.executions import Execution, NotBegun, Standing
from kling_pipe.edge.told import hidden
from kling_pipe.edge.transport import HttpWire
from kling_pipe.values.credential import Credential
from kling_pipe.values.transfer import AnswerMissing
from kling_pipe.values.wire import Request, Response, scratch

run_seconds, question_seconds = 1800.0, 120.0  # where a request has no patience of its own
first_pause, most_pause = 0.02, 0.5  # seconds between two looks at a run
# What a program needs of the environment to find its parts, its user's folder and its way to the network.
_passed = frozenset((
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LANG", "LANGUAGE", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
))  # fmt: skip


class ExecutableWire:
    """One profile's executable; `addresses` are the service's as environment variables, `folder` holds the runs."""

    def __init__(
        self,
        executable: str,
        environment: Mapping[str, str],
        addresses: Mapping[str, str],
        credential: Credential,
        http: HttpWire,
        folder: str = "",
    ) -> None:
        self._executable = executable
        self._environment = environment
        self._addresses = addresses
        self._credential = credential
        self._http = http
        self._folder = os.path.abspath(folder)

    async def send(self, request: Request) -> Response:
        """Sends a signed request; raises AnswerMissing when no answer came."""
        if request.method != "RUN":
            return await self._http.send(request)
        if not request.name:
            return await self._ask(request)
        execution = self._execution(request.name)
        await self._begin(execution, request)
        return await self._wait(execution, request.patience)

    async def expect(self, name: str) -> None:
        """Makes the folder of a run before anybody writes down that it is meant."""
        await asyncio.to_thread(self._execution(name).expect)

    async def recall(self, name: str, patience: float = 0.0) -> Response:
        """The answer of the run that was begun under a name; raises AnswerMissing, not `sent` where none ever was; of
        one whose folder was thrown away nobody knows."""
        if not await asyncio.to_thread(os.path.isdir, self._execution(name).folder):
            raise AnswerMissing("unreadable", f"what `{self._executable}` made of it is kept here no more")
        return await self._wait(self._execution(name), patience)

    async def forget(self, name: str) -> None:
        """Nothing was made: the next run of this name is a new one."""
        await asyncio.to_thread(self._execution(name).forget)

    async def close(self) -> None:
        """Runs go on by themselves."""
        await self._http.close()

    async def _ask(self, request: Request) -> Response:
        """A run that only asks something."""
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="kling-pipe-")
        execution = Execution(os.path.join(folder, secrets.token_hex(4)))
        try:
            await self._begin(execution, request)
            return await self._wait(execution, request.patience or question_seconds)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _execution(self, name: str) -> Execution:
        return Execution(os.path.join(self._folder, name))

    async def _begin(self, execution: Execution, request: Request) -> None:
        program = self._program()
        if not program:
            raise AnswerMissing("unreachable", f"the executable `{self._executable}` is not there", sent=False)
        words = [execution.scratch if word == scratch else word for word in request.arguments]
        environment = dict(self._passed()) | dict(self._addresses) | dict(request.headers)
        try:
            await asyncio.to_thread(execution.begin, [program, *words], environment)
        except NotBegun as failure:
            message = f"`{self._executable}` could not be begun: {failure}"
            raise AnswerMissing("unreachable", message, sent=False) from None

    def _program(self) -> str:
        found = shutil.which(self._executable, path=self._environment.get("PATH", ""))
        return os.path.abspath(found) if found else ""

    def _passed(self) -> Iterator[tuple[str, str]]:
        return ((name, value) for name, value in self._environment.items() if name in _passed or name.startswith("LC_"))

    async def _wait(self, execution: Execution, patience: float) -> Response:
        loop = asyncio.get_running_loop()
        ends, pause = loop.time() + (patience or run_seconds), first_pause
        while (standing := await asyncio.to_thread(execution.standing)) is Standing.RUNNING:
            if loop.time() >= ends:
                raise AnswerMissing(
                    "timeout", f"`{self._executable}` runs for {patience or run_seconds:g} s and goes on"
                )
            await asyncio.sleep(pause)
            pause = min(most_pause, 1.5 * pause)
        if standing is Standing.NEVER:
            raise AnswerMissing("unsendable", f"`{self._executable}` was never begun", sent=False)
        try:
            ended = await asyncio.to_thread(execution.ended)
        except ValueError as error:
            raise AnswerMissing("unreadable", f"`{self._executable}`: {error}") from None
        await asyncio.to_thread(execution.tidy)
        failed = ended.status != 0 or b'"error"' in ended.printed
        said = hidden(self._credential, ended.said.encode(), failed=failed).decode("utf-8", "replace")
        headers = {"x-stderr": said, "x-seconds": f"{ended.seconds:.3f}"}
        return Response(ended.status, headers, hidden(self._credential, ended.printed, failed=failed))
