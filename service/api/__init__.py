"""The HTTP service (FastAPI)."""

from service.api.app import create_app
from service.api.settings import Settings

__all__ = ["Settings", "create_app"]
