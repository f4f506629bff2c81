"""The store: every result that the service has given, as versions that are never overwritten."""

from service.store.repository import Store, Stored

__all__ = ["Store", "Stored"]
