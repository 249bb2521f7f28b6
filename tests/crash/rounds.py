"""One round each: a run is disturbed, resumed, and must end as an undisturbed run does.

Every job with an id is billed once; a call without one as often as somebody knew that it would be, see `settling`.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.crash.boards import Board, speech
from tests.crash.endstate import EndState, end_state
from tests.crash.harness import Place, Process, Simulator, ended, kill, kill_after, wait_for
from tests.crash.settling import Settling, billed, named_doubts

most_runs = 6
Round = Callable[[Place, random.Random, float, Settling], str]


def killed_at_random(place: Place, chance: random.Random, seconds: float, user: Settling) -> str:
    """SIGKILL at a random instant, then again while resuming, then the same command to the end."""
    moments: list[str] = []
    wanted = chance.randint(1, 2)
    while len(moments) < wanted:
        moment = chance.uniform(0.0, seconds)
        if kill_after(place.start(), moment):
            moments.append(f"{moment:.2f} s")
        elif not moments:
            place.begin_anew()  # it ended before: another instant
        else:
            break
    return "killed at " + ", ".join(moments)


def killed_after_create(place: Place, chance: random.Random, _seconds: float, user: Settling) -> str:
    """SIGKILL as soon as the simulator has billed some number of tasks."""
    count = chance.randint(1, len(place.board.steps))
    process = place.start()
    wait_for(process, lambda: len(place.world.bills()) >= count)
    kill(process)
    return f"killed at bill {count}"


def killed_after_call(place: Place, chance: random.Random, seconds: float, user: Settling) -> str:
    """SIGKILL as soon as the simulator has billed a call that carries no id, so that its answer may never be heard."""
    if not place.board.calls and not place.board.anonymous:
        return killed_after_create(place, chance, seconds, user)
    return "killed " + _disturbed(place, place.start(), chance, 0.0, kill)


def stopped(place: Place, chance: random.Random, seconds: float, user: Settling) -> str:
    """Ctrl-C at a random instant, or while a call that carries no id is under way. What was sent by then is heard and
    recorded, so that nobody is asked anything and nothing is paid for again."""
    process = place.start()
    moment = _disturbed(place, process, chance, seconds, lambda process: process.send_signal(signal.SIGINT))
    code, output = ended(process)
    assert code in (0, 130), output
    _finish(place, user)
    assert not user.doubts, f"after Ctrl-C {moment}: {user}"
    return f"stopped {moment}"


def killed_and_ledger_lost(place: Place, chance: random.Random, seconds: float, user: Settling) -> str:
    """SIGKILL, and the ledger is gone when the next run begins."""
    moment = _disturbed(place, place.start(), chance, seconds, kill)
    _lose_ledger(place, user)
    place.forget_ledger()
    return f"killed {moment}, ledger deleted"


def two_at_once(place: Place, chance: random.Random, seconds: float, user: Settling) -> str:
    """Two processes run the same storyboard; one of them is killed."""
    first, second = place.start(), place.start()
    moment = _disturbed(place, first, chance, seconds, kill)
    code, output = ended(second)
    assert code in (0, 5), output
    if code == 5:
        _settle(place, output, user)
    return f"two at once, one killed {moment}"


def another_machine(place: Place, chance: random.Random, seconds: float, user: Settling) -> str:
    """SIGKILL, and the work goes on elsewhere with nothing but what was made by calls without an id; afterwards here
    too. Whatever has an id is adopted there, and here what the other machine made. Where a road knows no ids, what was
    under way is made there again, and nothing is gone on with here."""
    board = place.board
    process = place.start()
    wait_for(process, lambda: board.unnamed <= place.recorded.keys())
    moment = _disturbed(place, process, chance, seconds / 2, kill)
    other = Place(place.folder.with_name("elsewhere"), place.world, board)
    _lose_ledger(place, user)
    place.hand_over(other, board.unnamed | board.anonymous)
    _finish(other, user)
    if board.anonymous:
        place.folder = other.folder
        return f"killed {moment}, finished elsewhere"
    _finish(place, user)
    differences = end_state(other).differences(end_state(place), (), Counter())
    assert differences == [], f"the other machine: {differences}"
    return f"killed {moment}, finished elsewhere and here"


def machine_with_nothing(place: Place, chance: random.Random, seconds: float, user: Settling) -> str:
    """Everything is made here, and then elsewhere by a machine that knows of nothing: it adopts whatever has an id. A
    sound that is spoken again has other bytes, so what is made of it is another thing there, and is paid for."""
    _finish(place, user)
    assert not place.board.anonymous, "it would buy everything anew"
    spoken = {step for step, calls in place.board.calls.items() if speech in calls}
    for step in place.board.unnamed | place.board.below(spoken):
        user.repeated.update({place.endpoints[step], *place.board.calls.get(step, ())})
    other = Place(place.folder.with_name("elsewhere"), place.world, place.board)
    _finish(other, user)
    loose = {*spoken, *place.board.below(spoken)}
    differences = end_state(other).differences(end_state(place), loose, Counter())
    assert differences == [], f"the other machine: {differences}"
    return "made here, then elsewhere"


def killed_with_program(place: Place, chance: random.Random, seconds: float, user: Settling) -> str:
    """SIGKILL of kling-pipe and of whatever runs of the service's program are under way, with or without the shells
    around them."""
    process = place.start()
    moment = _disturbed(place, process, chance, seconds, kill)
    count = place.kill_children(shells=chance.random() < 0.5)
    return f"killed {moment}, and {count} runs of the program"


def killed_after_upload(place: Place, chance: random.Random, _seconds: float, user: Settling) -> str:
    """SIGKILL as soon as some number of files was put where the service finds them, before what needs them is sent."""
    count = chance.randint(1, len(place.board.steps) // 3)
    process = place.start()
    wait_for(process, lambda: len(place.world.uploaded()) >= count)
    kill(process)
    return f"killed at upload {count}"


def _finish(place: Place, user: Settling) -> None:
    """Runs and settles until everything is made; asserts that a run ends well or says what to settle."""
    for _ in range(most_runs):
        code, output = place.finish()
        if code == 0:
            return
        assert code == 5, f"exit {code}\n{output}"
        _settle(place, output, user)
    raise AssertionError(f"not made after {most_runs} runs\n{output}")


def _settle(place: Place, output: str, user: Settling) -> None:
    place.world.settle_down()
    doubts = named_doubts(output)
    assert doubts, f"exit 5, and nothing to settle is named\n{output}"
    for step, reason in doubts.items():
        code, said = place.settle(step, *user.decide(step, reason, place.world.bills(), place.known[step]))
        assert code == 0, said


def _lose_ledger(place: Place, user: Settling) -> None:
    place.world.settle_down()
    user.lose_ledger(place.recorded, place.world.bills())


def _disturbed(
    place: Place, process: Process, chance: random.Random, seconds: float, blow: Callable[[Process], object]
) -> str:
    """Strikes a run at a random instant, or at the bill of a call that carries no id; always so without `seconds`."""
    before = billed(place.world.bills())
    missing = len(place.board.anonymous) - before.total()
    called = sorted({one for calls in place.board.calls.values() for one in calls if not before[one]})
    if called and (not seconds or chance.random() < 0.5):
        endpoint = chance.choice(called)
        wait_for(process, lambda: bool(billed(place.world.bills())[endpoint]))
        told = f"at the bill of {endpoint.rpartition('/')[2]}"
    elif missing > 0 and (not seconds or chance.random() < 0.5):
        number = before.total() + chance.randint(1, missing)
        wait_for(process, lambda: len(place.world.bills()) >= number)
        told = f"at bill {number}"
    else:
        moment = time.monotonic() + chance.uniform(min(0.3, seconds), seconds)
        began = time.monotonic()
        wait_for(process, lambda: time.monotonic() >= moment)
        told = f"after {time.monotonic() - began:.2f} s"
    blow(process)  # one that has ended feels nothing
    return told


rounds: Mapping[str, Round] = {
    "random": killed_at_random,
    "create": killed_after_create,
    "call": killed_after_call,
    "stop": stopped,
    "ledger": killed_and_ledger_lost,
    "two": two_at_once,
    "machine": another_machine,
    "nothing": machine_with_nothing,
    "program": killed_with_program,
    "upload": killed_after_upload,
}


def rounds_of(board: Board) -> list[str]:
    """The sorts that a board can be played by."""
    without = {"call"} if not board.calls and not board.anonymous else set()
    without |= {"nothing"} if board.anonymous else set()
    without |= {"upload"} if set(board.roads.values()) == {"kling"} else set()
    without |= {"machine"} if board.by_executable else {"program"}
    return [sort for sort in rounds if sort not in without]


def undisturbed(
    folder: Path, world: Simulator, board: Board, speed: float, *, timed: bool = True
) -> tuple[EndState, float]:
    """The end state to compare with, and how long the run took; longer than others will, where it is not `timed`."""
    if timed:
        world.reset(speed=speed, media="small")
        Place(folder, world, board).finish()  # makes the media, which the simulator keeps
    world.reset(speed=speed, media="small")
    place = Place(folder, world, board)
    began = time.monotonic()
    code, output = place.finish()
    assert code == 0, output
    return end_state(place), time.monotonic() - began


def play(
    name: str, number: int, folder: Path, world: Simulator, board: Board, speed: float, expected: EndState,
    seconds: float,
) -> str:  # fmt: skip
    """Plays one round and compares; raises AssertionError with what was different. Returns what was done."""
    world.reset(speed=speed, media="small")
    place, user = Place(folder, world, board), Settling(board)
    done = rounds[name](place, random.Random(f"{name} {number}"), seconds, user)
    try:
        _finish(place, user)
        # Elements and voices have other ids in every world, so what is made of them has other bytes; and which of
        # several takes of a prompt is made first is chance where each is a task of its own.
        other = {*board.cards, *user.anew, *board.several}
        loose = {*other, *board.below(other)}
        differences = end_state(place).differences(expected, loose, user.repeated)
        assert not differences, differences
    except AssertionError as error:
        raise AssertionError(f"{name} {number} ({done}; {user}): {error}") from None
    return f"{done}; {user}"
