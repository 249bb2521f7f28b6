"""Two revisions of a storyboard as a page of its own: before and after side by side, what changed, and the money.

The page asks nobody for anything: pictures, clips and sounds are in it, its policy forbids the rest, and it needs no
script. A picture grows and shrinks by a click, which is a checkbox around it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from kling_pipe.plan.changes import Part
from kling_pipe.plan.difference import Comparison, Difference, Fate
from kling_pipe.plan.plan import Planned
from kling_pipe.report.amounts import plural, signed, size
from kling_pipe.report.differences import (
    Row,
    about,
    counts_of,
    fate_words,
    nothing_paid,
    paid_words,
    rows_of,
    scratch_words,
    to_make_words,
)
from kling_pipe.report.ink import Ink
from kling_pipe.report.parts import change_lines, origin_words
from kling_pipe.report.tables import printable
from kling_pipe.values.exhibit import Exhibit, Shown
from kling_pipe.values.media import MediaType
from kling_pipe.values.revision import Revision

policy = (
    "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
Exhibits = Mapping[str, tuple[tuple[Exhibit, ...], tuple[Exhibit, ...]]]

# Signs of our own stand for the marks until the text between them is escaped.
_marks = Ink(("\ue000", "\ue001"), ("\ue002", "\ue003"))
_tags = {"\ue000": "<del>", "\ue001": "</del>", "\ue002": "<ins>", "\ue003": "</ins>"}
_shown_words = {
    Shown.SCALED: "shown smaller than it is",
    Shown.FRAME: "only its first frame is shown",
    Shown.NOTHING: "not shown",
}


def sheet_of(
    found: Difference, older: Revision, newer: Revision, name: str, folder: str, exhibits: Exhibits
) -> Iterator[str]:
    """The page, piece by piece."""
    title = escape(f"{name}: {older} → {newer}")
    yield _head.format(title=title, policy=policy, style=_style)
    between = f"{escape(str(older))} <span>→</span> {escape(str(newer))}"
    yield f"<header><p class=eyebrow>{escape(name)}</p><h1>{between}</h1>"
    yield f"<p>{escape(counts_of(found))}</p></header><main>"
    yield _money(found)
    if not found.is_paid_for:
        yield f"<p class=quiet>{nothing_paid[0].upper()}{nothing_paid[1:]}.</p>"
    yield _overview(found, exhibits)
    shown = [one for one in found.comparisons if one.address in exhibits]
    for one in shown:
        yield from _member(one, exhibits[one.address], folder)
    yield _foot(found, exhibits)
    yield "</main></body></html>\n"


def what_is_left_out(exhibits: Exhibits) -> tuple[str, ...]:
    """What a page does not hold as it is, in words."""
    files = {file.digest: file for sides in exhibits.values() for side in sides for file in side}.values()
    clips = sum(file.shown is Shown.FRAME for file in files)
    pictures = sum(file.shown is Shown.SCALED for file in files)
    sounds = sum(file.shown is Shown.NOTHING and file.facts.type is MediaType.AUDIO for file in files)
    lost = sum(bool(file.trouble) for file in files)
    return tuple(
        words
        for count, words in (
            (clips, f"{plural(clips, 'clip')} as first frames only"),
            (pictures, f"{plural(pictures, 'picture')} smaller than they are"),
            (sounds, f"{plural(sounds, 'sound')} not at all"),
            (lost, f"{plural(lost, 'stored file')} that cannot be read"),
        )
        if count
    )


def _money(found: Difference) -> str:
    delta = signed(found.scratch - found.scratch_before)
    cards = (
        ("To make now", str(found.cost) if found.cost else "nothing to pay"),
        ("From scratch, before", str(found.scratch_before)),
        ("From scratch, after", str(found.scratch)),
        ("Difference", delta),
    )
    shown = "".join(f"<div class=card><h2>{head}</h2><p class=sum>{_sum(amount)}</p></div>" for head, amount in cards)
    told = (("To make now", to_make_words(found) if found.cost else ""), ("From scratch", scratch_words(found)))
    notes = "".join(f"<p class=quiet>{head}: {escape(note)}.</p>" for head, note in told if note)
    return f"<section class=cards>{shown}</section>{notes}"


def _sum(amount: str) -> str:
    """The money large, the units under it."""
    money, _, units = amount.partition(" (")
    return escape(money) + (f"<small>{escape(units.rstrip(')'))}</small>" if units else "")


def _overview(found: Difference, exhibits: Exhibits) -> str:
    rows = rows_of(found)
    if not rows:
        return ""
    lines = "".join(_overview_row(row, exhibits) for row in rows)
    head = "<tr><th>step<th>change<th>what<th class=number>to make now<th class=number>from scratch</tr>"
    return f"<section class=table><table>{head}{lines}</table></section>"


def _overview_row(row: Row, exhibits: Exhibits) -> str:
    address = row.first.address
    name = escape(row.name)
    linked = f'<a href="#{_anchor(address)}">{name}</a>' if address in exhibits else name
    before, now = row.scratch_before, row.scratch
    scratch = f"{now}" if before == now else f"{before} → {now}"
    names = ", ".join(dict.fromkeys(escape(part.name) for part in row.first.parts))
    words = "; ".join(word for word in (names, escape(about(row).replace("`", ""))) if word)
    return (
        f"<tr><td>{linked}<td>{_chip(row.fate)}<td>{words}<td class=number>{escape(paid_words(row))}"
        f"<td class=number>{escape(scratch)}</tr>"
    )


def _member(one: Comparison, sides: tuple[tuple[Exhibit, ...], tuple[Exhibit, ...]], folder: str) -> Iterator[str]:
    row = Row(one.fate, (one,))
    yield f'<article id="{_anchor(one.address)}"><h2>{escape(printable(one.address))} {_chip(one.fate)}'
    yield f"<span class=price>{escape(paid_words(row))}</span></h2>"
    if note := about(row):
        yield f"<p class=quiet>{escape(note.replace('`', ''))}</p>"
    if one.parts:
        model = one.new.model if one.new else ""
        yield f"<dl>{''.join(_part(part, folder, model) for part in one.parts)}</dl>"
    yield "<div class=sides>"
    yield from _side("before", one.old, sides[0])
    yield from _side("after", one.new, sides[1])
    yield "</div></article>"


def _part(part: Part, folder: str, model: str) -> str:
    (line,) = change_lines(part, folder, _marks)
    origin = origin_words(part, model)
    return f"<dt>{escape(part.name)}<dd>{_marked(line)}" + (f"<small>{escape(origin)}</small>" if origin else "")


def _marked(text: str) -> str:
    return re.sub("[\ue000-\ue003]", lambda match: _tags[match[0]], escape(text))


def _side(name: str, member: Planned | None, files: Sequence[Exhibit]) -> Iterator[str]:
    yield f"<figure><figcaption>{name}</figcaption>"
    if member is None:
        yield f"<p class=empty>{'not there yet' if name == 'before' else 'not there any more'}</p>"
    elif not files:
        yield "<p class=empty>not made</p>" if name == "before" else "<p class=empty>not made yet</p>"
    for file in files:
        yield from _file(file)
    yield "</figure>"


def _file(file: Exhibit) -> Iterator[str]:
    caption = f"{file.facts}, {size(file.facts.bytes)}, {file.digest[:12]}"
    notes = [caption, *([_shown_words[file.shown]] if file.shown in _shown_words else [])]
    notes += [file.trouble] if file.trouble else []
    if file.data:
        yield from _medium(file, caption)
    yield f"<p class=caption>{escape('; '.join(notes))}</p>"


def _medium(file: Exhibit, caption: str) -> Iterator[str]:
    data = _data(file.mime, file.data)
    sides = f' width="{file.facts.width}" height="{file.facts.height}"' if file.facts.width else ""
    if file.mime.startswith("video/"):
        poster = f' poster="{_data("image/jpeg", file.poster)}"' if file.poster else ""
        yield f'<video controls loop preload="metadata"{sides}{poster} src="{data}"></video>'
    elif file.mime.startswith("audio/"):
        yield f'<audio controls preload="metadata" src="{data}"></audio>'
    else:
        yield f'<label><input type="checkbox"><img alt="{escape(caption)}"{sides} src="{data}"></label>'


def _data(mime: str, data: bytes) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def _foot(found: Difference, exhibits: Exhibits) -> str:
    left_out = what_is_left_out(exhibits)
    wanted = sum(one.fate not in (Fate.SAME, Fate.RENAMED) for one in found.comparisons)
    more = wanted - len(exhibits)
    words = [f"shown are {', '.join(left_out)}"] if left_out else []
    words += [f"{plural(more, 'member')} more changed and are only in the table"] if more else []
    told = f" To keep the page small, {'; '.join(words)}: <code>--full</code> shows everything." if words else ""
    whole = "Made by kling-pipe; the page holds all it shows and asks nobody for anything."
    return f"<footer><p class=quiet>{whole}{told}</p></footer>"


def _chip(fate: Fate) -> str:
    return f'<span class="chip {fate}">{fate_words[fate]}</span>'


def _anchor(address: str) -> str:
    return "m-" + "".join(sign if sign.isascii() and sign.isalnum() else f"_{ord(sign):x}" for sign in address)


_head = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta http-equiv="Content-Security-Policy" content="{policy}">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark">'
    '<meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">'
    "<title>{title}</title><style>{style}</style></head><body>"
)
_style = """
:root{--paper:#faf9f7;--card:#fff;--ink:#1d1f24;--quiet:#646a76;--line:#e3e1dc;--red:#b3261e;--red-bg:#fbe4e2;
--green:#14693a;--green-bg:#dff3e5;--blue:#1c56a5;--blue-bg:#e0ebfa;--amber:#875300;--amber-bg:#fbeccf;
--violet:#6a3aa8;--violet-bg:#efe5fb}
@media(prefers-color-scheme:dark){:root{--paper:#14161a;--card:#1c1f25;--ink:#e8e9ec;--quiet:#9aa1ad;--line:#31353d;
--red:#ff9c93;--red-bg:#43201e;--green:#83d9a4;--green-bg:#173524;--blue:#93bdf7;--blue-bg:#1b2f4a;--amber:#f0c274;
--amber-bg:#3d2e12;--violet:#c9a8f5;--violet-bg:#312444}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1180px;padding:2.5rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
h1{font-size:1.7rem;line-height:1.25;margin:.1rem 0 .4rem;font-weight:650;overflow-wrap:anywhere}
h1 span{color:var(--quiet);font-weight:400}
h2{font-size:1.15rem;margin:0;font-weight:650;overflow-wrap:anywhere}
p{margin:.35rem 0}.eyebrow,.quiet,small,.caption{color:var(--quiet)}.eyebrow{margin:0}.quiet{font-size:.9rem}
a{color:var(--blue)}a:focus-visible,video:focus-visible,input:focus-visible+img{outline:3px solid var(--blue)}
code{font:.88em ui-monospace,"SFMono-Regular",Menlo,monospace}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:.8rem;margin:1.4rem 0 .8rem}
.card,article,.table{background:var(--card);border:1px solid var(--line);border-radius:12px}
.card{padding:.85rem 1.1rem}.card h2{font-size:.82rem;color:var(--quiet);font-weight:550}
.sum{font-size:1.45rem;font-weight:650;margin:.1rem 0 0;font-variant-numeric:tabular-nums;line-height:1.3}
.sum small{display:block;font-size:.8rem;font-weight:400}
.table{overflow-x:auto;margin:1.4rem 0}table{border-collapse:collapse;width:100%;font-size:.92rem}
th{font-weight:550;color:var(--quiet);text-align:left;font-size:.82rem}
th,td{padding:.5rem .9rem;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
article{padding:1.1rem 1.25rem 1.25rem;margin:1.1rem 0;scroll-margin-top:1rem}
article h2{display:flex;flex-wrap:wrap;align-items:center;gap:.6rem}
.price{margin-left:auto;font-size:.95rem;font-weight:500;font-variant-numeric:tabular-nums}
.chip{font-size:.78rem;font-weight:600;padding:.1rem .6rem;border-radius:99px;white-space:nowrap;
color:var(--blue);background:var(--blue-bg)}
.chip.stale{color:var(--amber);background:var(--amber-bg)}.chip.added{color:var(--green);background:var(--green-bg)}
.chip.removed{color:var(--red);background:var(--red-bg)}
.chip.renamed,.chip.picked{color:var(--violet);background:var(--violet-bg)}
dl{margin:.8rem 0 0;display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.35rem 1rem;font-size:.95rem}
dt{color:var(--quiet);font-weight:550}dd{margin:0;overflow-wrap:anywhere}dd small{display:block;font-size:.8rem}
del{color:var(--red);background:var(--red-bg);border-radius:3px;padding:0 .15em}
ins{color:var(--green);background:var(--green-bg);border-radius:3px;padding:0 .15em;text-decoration:none}
.sides{display:grid;grid-template-columns:1fr 1fr;gap:1rem;margin-top:1rem;align-items:start}
figure{margin:0;min-width:0}
figcaption{font-size:.82rem;font-weight:600;color:var(--quiet);margin-bottom:.35rem}
img,video{display:block;width:100%;height:auto;
max-height:70vh;object-fit:contain;border-radius:8px;background:var(--line)}
audio{width:100%}label{display:block;cursor:zoom-in}label input{position:absolute;opacity:0}
label input:checked+img{position:fixed;inset:0;width:100vw;height:100vh;max-height:none;z-index:9;border-radius:0;
background:rgba(0,0,0,.9);cursor:zoom-out}
.caption{font-size:.8rem;margin:.35rem 0 .7rem;overflow-wrap:anywhere}
.empty{border:1px dashed var(--line);border-radius:8px;padding:2.6rem 1rem;text-align:center;
color:var(--quiet);margin:0}
footer{margin-top:2rem}
@media(max-width:640px){.sides{grid-template-columns:1fr}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
@media print{body{max-width:none;padding:0}article{break-inside:avoid}}
""".replace("\n", "")
