"""`gouji serve`: the HTTP service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.api import Settings

StoreUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="SQLAlchemy URL of the results; else GOUJI_STORE_URL.")
]

_SHUTDOWN_SECONDS = 30
"""How long files that are being read may still take once the service is told to stop."""


def serve_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    store: StoreUrl = None,
) -> None:
    """Serve HTTP. Further settings are environment variables, GOUJI_WORKERS and others: see the README."""
    # Imported here: the other commands need none of it, and it takes a while.
    import uvicorn

    from service.api import create_app
    from service.forms.catalogue import load_forms
    from service.store import Store

    settings = settings_for(store)
    # What would stop the service from starting is told in one line, before the server's own log begins.
    load_forms()
    Store(settings.store_url).close()
    uvicorn.run(
        create_app(settings), host=host, port=port, server_header=False, timeout_graceful_shutdown=_SHUTDOWN_SECONDS
    )


def settings_for(store: str | None) -> Settings:
    """The settings of the environment, with that store if one is named."""
    from service.api import Settings

    return Settings() if store is None else Settings(store_url=store)
