"""What gouji ships as data: forms, samples, manifests. Code asks here for their folders."""

from __future__ import annotations

from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
SAMPLES = Path(__file__).parent / "samples"
