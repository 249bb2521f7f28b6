"""Storyboards of any size: chains picture → clip → motion control, as people write them."""

from __future__ import annotations

_head = """\
storyboard: 1
name: {name}

defaults:
  text-to-image: {{model: kling-v3, aspect_ratio: 16:9}}
  image-to-video: {{model: kling-v2-5-turbo, duration: 5}}
  motion-control: {{model: kling-v2-6, character_orientation: video, mode: std}}

steps:
"""

_picture = """\
  picture_{number}:
    kind: text-to-image
    prompt: Scene {number}, a small sailing boat on a calm sea at golden hour, product photograph, soft light
"""

_clip = """\
  clip_{number}:
    kind: image-to-video
    image: steps.picture_{number}
    prompt: Scene {number}, slow push in, the boat drifts towards the sun and the sails fill with wind
"""

_motion = """\
  motion_{number}:
    kind: motion-control
    image: steps.picture_{number}
    video: steps.clip_{number}
    prompt: Scene {number}, the figure follows the movement of the clip
"""

_of_axes = """\
storyboard: 1
variants:
  locale: [{locales}]
  ratio: [16:9, 9:16, 1:1, 4:3]

steps:
"""

_varied = """\
  picture_{number}:
    kind: text-to-image
    prompt: Scene {number}, a small sailing boat, the words ${{{{ variant.locale }}}}
    aspect_ratio: ${{{{ variant.ratio }}}}
  clip_{number}:
    kind: image-to-video
    image: steps.picture_{number}
    {prompt}: Scene {number}, slow push in, the boat drifts towards the sun
"""

_words = """\
  words_{number}:
    kind: text-to-video
    model: kling-v3
    prompt: Scene {number}, a small sailing boat drifts towards the sun, slow push in, golden hour
"""

_shapes = {"chains": (_picture, _clip, _motion), "pictures": (_picture,), "clips": (_words,)}


def storyboard(steps: int, name: str = "bench", shape: str = "chains") -> str:
    """A storyboard of so many steps; a last chain may be cut short."""
    parts = _shapes[shape]
    texts = (parts[number % len(parts)].format(number=number // len(parts)) for number in range(steps))
    return _head.format(name=name) + "".join(texts)


def varied(steps: int, members: int, mistakes: int = 0) -> str:
    """So many steps over two axes, as many members each; in so many of the clips the prompt is misspelt."""
    locales = ", ".join(f"l{number}" for number in range(members // 4))
    pairs = (
        _varied.format(number=number, prompt="promt" if number < mistakes else "prompt") for number in range(steps // 2)
    )
    return _of_axes.format(locales=locales) + "".join(pairs)


def ninja_file(objects: list[tuple[str, list[str]]]) -> str:
    """The same shape for ninja: each output and what it is made from."""
    lines = ["rule make", "  command = touch $out", ""]
    lines += [f"build {output}: make {' '.join(sources)}" for output, sources in objects]
    return "\n".join(lines) + "\n"
