"""A caller of Kling's fake that speaks through the adapter, as a run would; what the contract tests stand on."""

from __future__ import annotations

from collections.abc import Mapping

from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.provider import ErrandNotes
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.job import Job, TaskRef, TaskState
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.secret import Secret
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Request, Response
from tests.paper_studio import clip, paper
from tests.providers.kling_fake_stage import Stage, at

key = Credential(CredentialKind.API_KEY, Secret("simulated-key"))
pair = Credential(CredentialKind.KEY_PAIR, Secret("simulated-access"), Secret("simulated-secret"))
# As long as the facts that jobs on paper are made with say.
sound = paper(MediaFacts(MediaType.AUDIO, "mp3", 1000, seconds=4.2, has_sound=True))
_sample = paper(MediaFacts(MediaType.AUDIO, "wav", 1000, seconds=8.0, has_sound=True))
_files = {"video": "clip.mp4", "audio": "sound.mp3"}
_special = {("voice", "audio"): "sample.wav", ("element", "video"): "hd.mp4"}


class Caller:
    """Sends an adapter's requests to the stage."""

    def __init__(self, stage: Stage, credential: Credential) -> None:
        self.stage, self.credential, self.provider = stage, credential, KlingProvider()
        self.notes: list[ErrandNotes] = []

    async def send(self, request: Request) -> Response:
        signed = self.provider.sign(request, self.credential, self.stage.clock.stamp(self.stage.clock.now()))
        answer = await self.stage.client.request(
            signed.method,
            signed.path,
            params=dict(signed.query) or None,
            json=signed.body,
            headers=dict(signed.headers),
        )
        return Response(answer.status_code, dict(answer.headers), answer.content)

    async def submit(self, job: Job, media: Mapping[str, Handed]) -> TaskState:
        """Runs the job's errands and creates its task."""
        self.notes = await self.run_errands(job, media)
        request = self.provider.submit(job, media, [notes.told for notes in self.notes])
        told = self.provider.read_submit(await self.send(request), job.route)
        assert isinstance(told, TaskState), told
        return told

    async def run_errands(self, job: Job, media: Mapping[str, Handed]) -> list[ErrandNotes]:
        """What each errand told, in order."""
        notes: list[ErrandNotes] = []
        while (errand := self.provider.errand(job, media, [one.told for one in notes])) is not None:
            told = self.provider.read_errand(job, errand, await self.send(errand.request))
            assert isinstance(told, ErrandNotes), told
            notes.append(told)
        return notes

    async def ask(self, *tasks: TaskRef) -> list[TaskState]:
        kind = self.credential.kind
        queries = self.provider.queries(tasks, kind)
        told = [self.provider.read_query(query, await self.send(query.request)) for query in queries]
        assert [one.refusal for one in told if one.refusal] == []
        return [state for one in told for state in one.states]

    async def ask_alone(self, task: TaskRef) -> list[TaskState]:
        query = self.provider.single(task, self.credential.kind)
        return list(self.provider.read_query(query, await self.send(query.request)).states)

    async def find(self, job: Job) -> list[TaskState]:
        requests = self.provider.find([job.external_id], job.route, self.credential.kind)
        told = [self.provider.read_find(request, await self.send(request)) for request in requests]
        return [state for one in told for state in one.states]


async def furnish(stage: Stage) -> None:
    """Files that these kinds take besides what lies there already."""
    await stage.upload("clip.mp4", clip(5.041))
    await stage.upload("hd.mp4", clip(5.0, 1920, 1080))
    await stage.upload("sound.mp3", sound)
    await stage.upload("sample.wav", _sample)


def made_of(job: Job) -> Mapping[str, Handed]:
    """Those files, each where it fits."""
    names = {m.field: _special.get((job.kind, m.field), _files.get(m.field, "wide.png")) for m in job.materials}
    return {field: Handed(url=at(name)) for field, name in names.items()}
