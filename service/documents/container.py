"""Zip containers (DOCX, OFD), opened with distrust: an archive may lie about its sizes or unpack to far more."""

from __future__ import annotations

import io
import zipfile
import zlib
from itertools import pairwise

from service.errors import DamagedFile, EncryptedFile, LimitExceeded
from service.limits import Limits

_MEMBERS = 10_000
"""More parts than any report has; each costs memory before one byte is unpacked."""
_RATIO = 200
"""Highest expansion of one part. Redundant XML reaches about 50, a blank bitmap 1000."""
_RATIO_FROM = 10 * 1024 * 1024
"""Parts that unpack to less than this are harmless whatever their ratio."""
_CHUNK = 1024 * 1024
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1 | 0x40
"""Flag bits for a password and for strong encryption."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What OOXML and OFD allow; the others also cannot be unpacked in bounded steps."""


class Container:
    """A zip archive, checked when it is opened and again while it is read.

    Names have forward slashes and no leading slash, whatever the archive says; they are found without regard
    to case where no exact name fits, as OOXML asks (ECMA-376 part 2, 6.2.2.3).

    Raises:
        DamagedFile: not a zip, cut off, overlapping parts, unknown compression, a wrong checksum, a missing part.
        EncryptedFile: a part is protected by a password.
        LimitExceeded: too many parts, or they unpack to more than `limits` allow.

    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits = limits
        self._zip = _open(data)
        infos = self._zip.infolist()
        _check_directory(infos, limits, len(data))
        self._infos = {_normalise(info.filename): info for info in infos if not info.is_dir()}
        self._folded = {name.casefold(): name for name in self._infos}

    def names(self) -> tuple[str, ...]:
        """Names of all parts, in the order of the archive, without folders."""
        return tuple(self._infos)

    def __contains__(self, name: str) -> bool:
        return _normalise(name).casefold() in self._folded

    def read(self, name: str) -> bytes:
        """Unpack one part."""
        name = _normalise(name)
        info = self._infos.get(name) or self._infos.get(self._folded.get(name.casefold(), ""))
        if info is None:
            raise DamagedFile(f"the file lacks its part {name}")
        pieces: list[bytes] = []
        size = 0
        try:
            with self._zip.open(info) as stream:
                while piece := stream.read(_CHUNK):
                    size += len(piece)
                    if size > min(self._limits.file_bytes, info.file_size):
                        raise LimitExceeded("a part of the file unpacks to more than it declares or may")
                    pieces.append(piece)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
            raise DamagedFile("the file is cut off or broken: a part of it cannot be unpacked") from error
        except RuntimeError as error:  # what zipfile raises for a password
            raise EncryptedFile("the file is protected by a password") from error
        return b"".join(pieces)


def _open(data: bytes) -> zipfile.ZipFile:
    # Names without the UTF-8 flag are nearly always GBK here; the code page of the standard is the last resort.
    for encoding in ("gb18030", None):
        try:
            return zipfile.ZipFile(io.BytesIO(data), metadata_encoding=encoding)
        except UnicodeDecodeError:
            continue
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, OSError) as error:
            raise DamagedFile("the file is cut off or broken: its archive cannot be opened") from error
    raise DamagedFile("the file is broken: the names of its parts cannot be read")


def _check_directory(infos: list[zipfile.ZipInfo], limits: Limits, size: int) -> None:
    """Judge the archive by its directory, before anything is unpacked."""
    if len(infos) > _MEMBERS:
        raise LimitExceeded(f"the file has {len(infos)} parts; at most {_MEMBERS} are read")
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise EncryptedFile("the file is protected by a password")
    if any(info.compress_type not in _METHODS for info in infos):
        raise DamagedFile("the file is packed in a way that documents do not use")
    if any(info.file_size > limits.file_bytes for info in infos):
        raise LimitExceeded("a part of the file unpacks to more bytes than the limit allows")
    if sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise LimitExceeded("the file unpacks to more bytes than the limit allows")
    if any(info.file_size > max(_RATIO_FROM, _RATIO * info.compress_size) for info in infos):
        raise LimitExceeded("a part of the file unpacks to far more than its packed size")
    # Parts that share bytes make a small file unpack to a huge one (Fifield, "A better zip bomb", 2019).
    spans = sorted((info.header_offset, info.header_offset + _LOCAL_HEADER + info.compress_size) for info in infos)
    if any(end > start for (_, end), (start, _) in pairwise(spans)) or (spans and spans[-1][1] > size):
        raise DamagedFile("the file is broken: its parts overlap")


def _normalise(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").removeprefix("./")
