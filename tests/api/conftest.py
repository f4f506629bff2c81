"""A service whose workers do what the file says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.api import Settings, create_app
from service.limits import Limits
from tests.api.fakes import scripted

FILE_BYTES = 200_000


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("store")
    settings = Settings(
        store_url=f"sqlite:///{folder}/results.db", queue=2, seconds_per_file=2, limits=Limits(file_bytes=FILE_BYTES)
    )
    with TestClient(create_app(settings, scripted), raise_server_exceptions=False) as running:
        yield running
