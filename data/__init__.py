"""What gouji ships as data: forms, samples, manifests. Code asks here for their places."""

from __future__ import annotations

from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
VOCABULARY = Path(__file__).parent / "vocabulary.yaml"
STATEMENTS = Path(__file__).parent / "statements.yaml"
RECONCILIATION = Path(__file__).parent / "reconciliation.yaml"
CONTRACT = Path(__file__).parent / "contract"
SAMPLES = Path(__file__).parent / "samples"
RADICALS = Path(__file__).parent / "radicals.tsv"
GOLD = Path(__file__).parent / "gold" / "manifest.json"
