"""Uploads: the limit on their size, held while they come in, and the name that they are known by."""

from __future__ import annotations

import unicodedata
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FORM_BYTES = 64 * 1024
"""What a multipart form may hold beside the file: boundaries, headers, names."""


def too_large(limit: int) -> str:
    """What a caller is told whose file is too large; `limit` in bytes."""
    return f"The file is larger than the {limit / 1024 / 1024:.4g} MB allowed."


class UploadLimit:
    """ASGI middleware: a request whose body exceeds the limit is answered with 413 before all of it has come in."""

    def __init__(self, app: ASGIApp, file_bytes: int):
        self._app = app
        self._file_bytes = file_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its body counted as it is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._file_bytes + _FORM_BYTES
        announced = Headers(scope=scope).get("content-length", "")
        read = 0

        async def counted() -> Message:
            # Raised where the route reads the body, so that the app's own handler answers.
            nonlocal read
            if announced.isdecimal() and int(announced) > limit:
                raise self._refusal()
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise self._refusal()
            return message

        await self._app(scope, counted, send)

    def _refusal(self) -> HTTPException:
        # The rest of the body is not read, so the connection cannot be used again.
        return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_large(self._file_bytes), {"Connection": "close"})


def file_name(sent: str | None) -> str:
    """The last part of the name that the caller sent, whatever kind of path it was; `upload` when there is none."""
    name = (sent or "").replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp")).strip() or "upload"
