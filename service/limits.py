"""The limits on what a file may cost, all settable by GOUJI_LIMIT_* environment variables."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class Limits(BaseSettings):
    """What one input file may cost at most."""

    model_config = SettingsConfigDict(env_prefix="GOUJI_LIMIT_", frozen=True)

    file_bytes: int = 100 * 1024 * 1024
    """Size of the file, and of any one member of a container once unpacked."""
    unpacked_bytes: int = 400 * 1024 * 1024
    """All members of a zip container together, unpacked."""
    pages: int = 200
    page_pixels: int = 100_000_000
    """Pixels of one page picture."""
