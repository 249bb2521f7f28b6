"""Two revisions of a storyboard held against each other: what became of each step, and the money, as text and JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kling_pipe.plan.changes import top_name
from kling_pipe.plan.difference import Comparison, Difference, Fate, common_address
from kling_pipe.report.amounts import listing, plural, signed
from kling_pipe.report.parts import change_lines, edit_of, origin_words
from kling_pipe.report.reasons import Look, part_to_json, price_words
from kling_pipe.report.tables import pairs, printable, table, width
from kling_pipe.values.job import Realm
from kling_pipe.values.money import Cost
from kling_pipe.values.revision import Revision

fate_words = {
    Fate.CHANGED: "changed",
    Fate.STALE: "stale below",
    Fate.ADDED: "added",
    Fate.REMOVED: "removed",
    Fate.RENAMED: "renamed",
    Fate.PICKED: "picked anew",
    Fate.SAME: "as before",
}
nothing_paid = "nothing that is paid for changed"
_changes_shown = 12  # of one step


@dataclass(frozen=True, slots=True)
class Row:
    """A member, or several of a step that are alike."""

    fate: Fate
    comparisons: tuple[Comparison, ...]

    @property
    def first(self) -> Comparison:
        return self.comparisons[0]

    @property
    def name(self) -> str:
        """Its address; for several the step with the values that all of them have, and how many they are."""
        if len(self.comparisons) == 1:
            return printable(self.first.address)
        addresses = [one.address for one in self.comparisons]
        return f"{printable(common_address(addresses))}, {len(addresses)} members"

    @property
    def cost(self) -> Cost:
        return Cost.total(one.cost for one in self.comparisons)

    @property
    def is_exact(self) -> bool:
        return all(one.exact for one in self.comparisons)

    @property
    def scratch_before(self) -> Cost:
        return Cost.total(one.scratch_before for one in self.comparisons)

    @property
    def scratch(self) -> Cost:
        return Cost.total(one.scratch for one in self.comparisons)


def rows_of(found: Difference) -> list[Row]:
    """What changed, in the storyboard's order; members of a step in which the same was edited in one row."""
    groups: dict[tuple[object, ...], list[Comparison]] = {}
    for one in found.comparisons:
        if one.fate is not Fate.SAME:
            parts = tuple((part.name, part.change, edit_of(part)) for part in one.parts)
            by = tuple(dict.fromkeys(address.partition("[")[0] for address in one.by))
            former = one.renamed_from.partition("[")[0]
            key = (one.fate, one.address.partition("[")[0], parts, by, former, bool(one.cost))
            groups.setdefault(key, []).append(one)
    return [Row(group[0].fate, tuple(group)) for group in groups.values()]


def counts_of(found: Difference) -> str:
    """`1 changed, 2 stale below, 6 as before`."""
    counts = [(len(found.of(fate)), word) for fate, word in fate_words.items()]
    return ", ".join(f"{count} {word}" for count, word in counts if count) or "no steps"


def render_difference(
    found: Difference, older: Revision, newer: Revision, name: str, look: Look, following: str
) -> str:
    """The comparison as text; `following` is what to type next."""
    world = ", simulated" if found.new.realm is Realm.SIMULATED else ""
    rows = rows_of(found)
    parts = [
        f"{name}: {older} → {newer}{world}\n{counts_of(found)}\n",
        "" if found.is_paid_for else f"{nothing_paid}\n",
        _table(rows, look),
        _deliveries(found, look),
        money_pairs(found),
        following,
    ]
    return "\n".join(part for part in parts if part)


def money_pairs(found: Difference) -> str:
    """What is to be paid, and what each side costs where nothing is made."""
    return pairs([("to make now", to_make_words(found)), ("from scratch", scratch_words(found))])


def to_make_words(found: Difference) -> str:
    if not found.cost:
        return "nothing to pay"
    charged = [one for one in found.comparisons if one.cost]
    words = price_words(found.new, found.cost, [one.address for one in charged])
    besides = Cost.total(one.cost for one in charged if one.fate is Fate.SAME)
    if not besides:
        return words
    return f"{words}; {'all' if besides == found.cost else besides} of it for what is as before"


def scratch_words(found: Difference) -> str:
    before, now = found.scratch_before, found.scratch
    certainty = "exact" if found.is_exact else "about"
    prices = "; prices changed, also of what is as before" if found.has_other_prices else ""
    if before == now:
        return f"{now} as before, {certainty}{prices}"
    return f"{before} → {now}, {signed(now - before)}, {certainty}{prices}"


def about(row: Row) -> str:
    """What is to be said of a row besides its parts and its money."""
    one = row.first
    member = one.new or one.old
    assert member is not None
    notes = {
        Fate.ADDED: f"{member.kind} by {member.model}",
        Fate.REMOVED: f"was {row.scratch_before} from scratch",
        Fate.STALE: f"by {listing(tuple(dict.fromkeys(printable(address).partition('[')[0] for address in one.by)))}",
    }
    words = [notes[row.fate]] if row.fate in notes else []
    if one.renamed_from:
        former = one.renamed_from if len(row.comparisons) == 1 else one.renamed_from.partition("[")[0]
        words.append(f"was `{printable(former)}`")
    if row.fate is Fate.CHANGED and one.by:
        words.append("and what it is made from")
    return "; ".join(words)


def paid_words(row: Row) -> str:
    """What making it now costs; what is made costs nothing."""
    if row.fate in (Fate.REMOVED, Fate.RENAMED, Fate.PICKED) and not row.cost:
        return ""
    if row.cost:
        return f"{'' if row.is_exact else 'about '}{row.cost}"
    members = [one.new for one in row.comparisons if one.new is not None]
    if any(member.accepted for member in members):
        return "kept as it was made before"
    return "made already" if all(not member.missing_takes for member in members) else "nothing to pay"


def difference_to_json(found: Difference, older: Revision, newer: Revision) -> dict[str, object]:
    """The comparison for the envelope's `data`."""
    return {
        "storyboard": found.new.storyboard.name,
        "path": found.new.storyboard.path,
        "realm": str(found.new.realm),
        "older": _revision_to_json(older),
        "newer": _revision_to_json(newer),
        "counts": {str(fate): len(found.of(fate)) for fate in Fate},
        "is_paid_for": found.is_paid_for,
        "members": [_comparison_to_json(one) for one in found.comparisons if one.fate is not Fate.SAME],
        "deliveries": [{"path": path, "before": was, "now": now} for path, was, now in found.deliveries],
        "cost": found.cost.to_json(),
        "exact": found.new.exact,
        "from_scratch": {
            "before": found.scratch_before.to_json(),
            "now": found.scratch.to_json(),
            "difference": (found.scratch - found.scratch_before).to_json(),
            "exact": found.is_exact,
            "other_prices": found.has_other_prices,
        },
    }


def _table(rows: Sequence[Row], look: Look) -> str:
    if not rows:
        return ""
    cells = [(fate_words[row.fate], row.name, paid_words(row), about(row)) for row in rows]
    lines = table(("",) * 4, cells, indent="  ").splitlines()[1:]
    return "".join(f"{line}\n{_changes(row, look)}" for row, line in zip(rows, lines, strict=True))


def _changes(row: Row, look: Look) -> str:
    """The parts of a row, each with what it was and is and where that is written."""
    parts = row.first.parts
    shown = parts[:_changes_shown]
    left = max((width(printable(part.name)) for part in shown), default=0) + 2
    room = max(30, look.columns - 6 - left) if look.columns else 0
    rows = []
    for part in shown:
        origin = origin_words(part, row.first.new.model if row.first.new else "")
        lines = change_lines(part, look.folder, look.ink, room)
        rows.append((printable(part.name), "\n".join([*lines, *([look.ink.aside(origin)] if origin else [])])))
    rest = f"      and {plural(len(parts) - len(shown), 'part')} more\n" if len(parts) > len(shown) else ""
    return pairs(rows, indent="      ") + rest


def _deliveries(found: Difference, look: Look) -> str:
    rows = [
        (printable(path), _moved(was, now, look.ink.removed, look.ink.added)) for path, was, now in found.deliveries
    ]
    return "deliver\n" + pairs(rows, indent="  ") if rows else ""


def _moved(was: str, now: str, removed: Callable[[str], str], added: Callable[[str], str]) -> str:
    return " ".join(word for word in (was and removed(f"from {was}"), now and added(f"from {now}")) if word)


def _revision_to_json(revision: Revision) -> dict[str, object]:
    return {"revision": revision.words, "commit": revision.commit or None, "day": revision.day or None}


def _comparison_to_json(one: Comparison) -> dict[str, object]:
    return {
        "address": one.address,
        "fate": str(one.fate),
        "was": one.renamed_from,
        "standing": str(one.new.standing) if one.new else None,
        "changed": list(dict.fromkeys(top_name(part) for part in one.parts)),
        "parts": [part_to_json(part) for part in one.parts],
        "by": list(one.by),
        "cost": one.cost.to_json(),
        "exact": one.exact,
        "from_scratch": {"before": one.scratch_before.to_json(), "now": one.scratch.to_json()},
    }
