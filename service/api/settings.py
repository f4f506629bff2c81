"""The service's settings, each from an environment variable GOUJI_<NAME>."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.limits import Limits


class Settings(BaseSettings):
    """What one service is run with; the limits on a file have variables of their own, GOUJI_LIMIT_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="GOUJI_", frozen=True)

    store_url: str = "sqlite:///gouji.db"
    """SQLAlchemy URL of the database of results."""
    workers: int = Field(default=1, ge=1)
    """Processes that extract; one for each pair of cores serves best, for each uses two threads."""
    threads: int = Field(default=2, ge=1)
    """Threads of each worker's models."""
    seconds_per_file: float = Field(default=300, gt=0)
    """After so long the work on a file is stopped."""
    files_per_process: int = Field(default=200, ge=1)
    """After so many files a worker process is replaced by a fresh one."""
    queue: int = Field(default=16, ge=1)
    """Files that may be at work or wait in memory; more are turned away with 503."""
    limits: Limits = Field(default_factory=Limits)
