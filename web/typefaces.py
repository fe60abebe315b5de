"""Typefaces: our own, also out of their wrapping, for what doesn't read fonts as browsers do."""

import atexit
import struct
import zlib
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

FONTS = Path(__file__).parent / "fonts"


@cache
def unwrapped_folder() -> Path:
    """A folder with all of them as plain fonts, which is gone with this process."""
    folder = Path(mkdtemp(prefix="folkmoot-fonts-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    for font in FONTS.glob("*.woff"):
        (folder / f"{font.stem}.ttf").write_bytes(_unwrapped(font.read_bytes()))
    return folder


def _unwrapped(woff: bytes) -> bytes:
    """The font inside a WOFF (https://www.w3.org/TR/WOFF/): its tables, unpacked, with a directory before them."""
    flavour, tables = woff[4:8], struct.unpack(">H", woff[12:14])[0]
    power = 1 << (tables.bit_length() - 1)
    directory = flavour + struct.pack(
        ">4H", tables, power * 16, power.bit_length() - 1, tables * 16 - power * 16
    )  # fmt: skip
    body, at = b"", 12 + 16 * tables
    for number in range(tables):
        tag, offset, packed, length, checksum = struct.unpack(">4s4I", woff[44 + 20 * number : 64 + 20 * number])
        table = woff[offset : offset + packed]
        table = table if packed == length else zlib.decompress(table)
        directory += struct.pack(">4s3I", tag, checksum, at + len(body), length)
        body += table + b"\0" * (-length % 4)
    return directory + body
