"""Pictures: a painted scene, or a scene made around the pictures handed in, with its prompt and tag written on it."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace

from PIL import Image, ImageChops, ImageFilter, ImageOps
from PIL.PngImagePlugin import PngInfo

from kling_pipe.simulator.media_angle import angle_of, dial, seen_from
from kling_pipe.simulator.media_canvas import Canvas, flattened, gradient, shape
from kling_pipe.simulator.media_expand import expand
from kling_pipe.simulator.media_garment import try_on
from kling_pipe.simulator.media_load import load, note_of, opaque
from kling_pipe.simulator.media_mask import segment
from kling_pipe.simulator.media_order import PictureOrder
from kling_pipe.simulator.media_palette import mix
from kling_pipe.simulator.media_scene import Scene, imagine, lights, paint
from kling_pipe.simulator.media_text import write

_description = 0x010E  # of Exif: WebP has no comment of its own
Size = tuple[int, int]
References = tuple[Image.Image, ...]


def make(order: PictureOrder, path: str) -> None:
    """Paints and saves: PNG, or JPEG when the path says so."""
    size = max(16, order.width), max(16, order.height)
    references = tuple(load(path) for path in order.references)
    picture, caption = _manners[order.manner if references else ""](order, size, references)
    tag = " · ".join(part for part in ("SIMULATED", order.label, f"take {order.number}") if part)
    writing = write(size, caption, tag)
    save(writing.on(picture), path, note_of(order.label, size, writing.boxes, order.stands_for))


def _own(order: PictureOrder, size: Size, references: References) -> tuple[Image.Image, str]:
    """A picture of its own, with the references in it."""
    scene = imagine(order.prompt, order.seed, order.number)
    canvas = Canvas(*size)
    if references:
        return compose(scene, canvas, references), order.prompt
    picture = flattened(paint(scene, canvas))
    lights(scene, picture)
    return picture, order.prompt


def _expanded(order: PictureOrder, size: Size, references: References) -> tuple[Image.Image, str]:
    """In the light that the words ask for, or that the take happens to have."""
    scene = imagine(order.prompt, order.seed, order.number)
    picture = expand(opaque(references[0]), size, order.margins, scene.palette.sky, scene.dice("expand"))
    return picture, order.prompt


def _tried_on(order: PictureOrder, size: Size, references: References) -> tuple[Image.Image, str]:
    person = ImageOps.fit(opaque(references[0]), size, Image.Resampling.LANCZOS, centering=(0.5, 0.3))
    return try_on(person, references[-1], random.Random(f"{order.seed}/{order.number}/cloth")), order.prompt


def _from_an_angle(order: PictureOrder, size: Size, references: References) -> tuple[Image.Image, str]:
    angle = angle_of(order.number, order.seed)
    picture = seen_from(opaque(references[0]), angle, size)
    dial(picture, angle)
    return picture, order.prompt or angle.name


def _mask(order: PictureOrder, size: Size, references: References) -> tuple[Image.Image, str]:
    """Without a caption: a mask is for machines, and the tag says enough."""
    return segment(opaque(references[0]), order.prompt).resize(size, Image.Resampling.BICUBIC).convert("RGB"), ""


_manners: dict[str, Callable[[PictureOrder, Size, References], tuple[Image.Image, str]]] = {
    "": _own, "expand": _expanded, "try-on": _tried_on, "angle": _from_an_angle, "segment": _mask,
}  # fmt: skip


def compose(scene: Scene, canvas: Canvas, references: tuple[Image.Image, ...]) -> Image.Image:
    """The references side by side in the scene's place and light."""
    backdrop = flattened(paint(replace(scene, subject="", person=False), canvas))
    count = min(4, len(references))
    wide, tall = canvas.width >= canvas.height, canvas.width < canvas.height
    for number, reference in enumerate(references[:count]):
        part = (
            (canvas.width * number // count if wide else 0), (canvas.height * number // count if tall else 0),
            (canvas.width * (number + 1) // count if wide else canvas.width),
            (canvas.height * (number + 1) // count if tall else canvas.height),
        )  # fmt: skip
        _set_in(backdrop, reference, part, scene)
    lights(scene, backdrop)
    return backdrop


def _set_in(backdrop: Image.Image, reference: Image.Image, box: tuple[int, int, int, int], scene: Scene) -> None:
    """One reference in its part: cut out when it is transparent, else melting into the scene at its edges."""
    size = max(2, box[2] - box[0]), max(2, box[3] - box[1])
    if "A" in reference.getbands() and reference.getchannel("A").getextrema()[0] < 128:  # type: ignore[operator]
        inner = (max(2, round(size[0] * 0.86)), max(2, round(size[1] * 0.80)))
        cut = ImageOps.contain(reference, inner, Image.Resampling.LANCZOS)
        at = box[0] + (size[0] - cut.width) // 2, box[1] + (size[1] - cut.height) // 2
        backdrop.paste(_relit(cut.convert("RGB"), scene, 0.25), at, cut.getchannel("A"))
        return
    fitted = ImageOps.fit(reference.convert("RGB"), size, Image.Resampling.LANCZOS)
    backdrop.paste(_relit(fitted, scene, 0.42), box[:2], _melting(size))


def _relit(picture: Image.Image, scene: Scene, strength: float) -> Image.Image:
    """The picture in the scene's colours: a duotone of it, mixed in, under the scene's sky."""
    palette = scene.palette
    dark, light = mix(palette.sky[0], (10, 10, 24), 0.35), mix(palette.glow, palette.sky[-1], 0.4)
    duotone = ImageOps.colorize(ImageOps.grayscale(picture), dark, light, mid=mix(palette.near, palette.sky[-1], 0.45))
    toned = Image.blend(picture, duotone, strength)
    wash = gradient(picture.size, tuple(mix(colour, (128, 128, 128), 0.45) for colour in palette.sky))
    return Image.blend(toned, ImageChops.overlay(toned, wash), 0.6)


def _melting(size: tuple[int, int]) -> Image.Image:
    """A mask that is whole in the middle and soft at the rim."""
    small = max(8, size[0] // 8), max(8, size[1] // 8)
    rim = max(1, round(min(small) * 0.10))

    def paint_box(draw: object, fine: float) -> None:
        box = [rim * fine, rim * fine, (small[0] - rim) * fine, (small[1] - rim) * fine]
        draw.rounded_rectangle(box, radius=rim * 2 * fine, fill=255)  # type: ignore[attr-defined]

    return shape(small, paint_box).filter(ImageFilter.GaussianBlur(rim * 0.55)).resize(size, Image.Resampling.BICUBIC)


def save(picture: Image.Image, path: str, note: str) -> None:
    """Writes the picture whole or not at all, its note as a comment."""
    extension = os.path.splitext(path)[1].lower()
    handle, temporary = tempfile.mkstemp(suffix=".part", dir=os.path.dirname(os.path.abspath(path)))
    try:
        with os.fdopen(handle, "wb") as file:
            if extension in (".jpg", ".jpeg"):
                picture.save(file, "JPEG", quality=88, comment=note)
            elif extension == ".webp":
                exif = Image.Exif()
                exif[_description] = note
                picture.save(file, "WEBP", quality=88, method=2, exif=exif)
            else:
                notes = PngInfo()
                notes.add_itxt("Comment", note)
                picture.save(file, "PNG", compress_level=3, pnginfo=notes)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
