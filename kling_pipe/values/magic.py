"""What a file is by its first bytes, never by its name."""

from __future__ import annotations

from kling_pipe.values.media import MediaType

head_bytes = 512  # enough for every signature below

media_types: dict[str, MediaType] = {
    "png": MediaType.IMAGE, "jpeg": MediaType.IMAGE, "webp": MediaType.IMAGE, "gif": MediaType.IMAGE,
    "mp4": MediaType.VIDEO, "mov": MediaType.VIDEO, "webm": MediaType.VIDEO,
    "wav": MediaType.AUDIO, "mp3": MediaType.AUDIO, "m4a": MediaType.AUDIO, "aac": MediaType.AUDIO,
}  # fmt: skip

_signatures: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"ID3", "mp3"),
    (b"\xff\xf1", "aac"),
    (b"\xff\xf9", "aac"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"FLV\x01", "flv"),
    (b"\x30\x26\xb2\x75", "asf"),
    (b"\xff\x0a", "jxl"),
)
_riff = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
_brands = {
    b"qt  ": "mov", b"M4A ": "m4a", b"M4B ": "m4a", b"heic": "heic", b"heix": "heic", b"mif1": "heic", b"msf1": "heic",
    b"avif": "avif", b"avis": "avif", b"crx ": "cr3",
}  # fmt: skip
_old_quicktime = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def sniff(head: bytes) -> str:
    """The format's name: one of `media_types`, or another known one such as `heic` or `html`; empty when unknown."""
    if head[:4] == b"RIFF":
        return _riff.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _brands.get(head[8:12], "mp4")
    if head[4:8] in _old_quicktime:
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "webm" if b"webm" in head else "mkv"
    for signature, name in _signatures:
        if head.startswith(signature):
            return name
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06:
        return "mp3"
    return _text(head)


def _text(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<body")):
        return "html"
    if start.startswith((b"<?xml", b"<svg", b"<error")):
        return "xml"
    return "json" if start.startswith((b"{", b"[")) else ""
