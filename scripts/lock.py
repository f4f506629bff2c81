"""Writes requirements/constraints.txt: the exact version of every package that gouji and its extras resolve to.

    .venv/bin/python scripts/lock.py           keep the versions that are locked, add and drop what pyproject.toml asks
    .venv/bin/python scripts/lock.py --upgrade take the newest versions that pyproject.toml allows

Asks pip to resolve without installing anything, so the result is the same on every machine that sees the same index.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "constraints.txt"
EXTRAS = "train,cluster,dev"
HEADER = "# Every package at the version that gouji is tested with. Made by scripts/lock.py; do not edit.\n"


def resolve(keep: Path | None) -> dict[str, str]:
    """Ask pip what it would install for gouji with all extras: name -> version, without local version labels."""
    command = [sys.executable, "-m", "pip", "install", "-qq", "--dry-run", "--ignore-installed", "--report", "-"]
    if keep is not None:
        command += ["-c", str(keep)]
    output = subprocess.run([*command, f".[{EXTRAS}]"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = (item["metadata"] for item in json.loads(output)["install"])
    # "2.13.0+cpu" names one build of 2.13.0; the lock must hold on machines that have another.
    return {item["name"].lower().replace("_", "-"): item["version"].partition("+")[0] for item in found}


def main() -> None:
    """Resolve and write the lock file."""
    upgrade = "--upgrade" in sys.argv[1:]
    versions = resolve(LOCK if LOCK.exists() and not upgrade else None)
    versions.pop("gouji", None)
    LOCK.write_text(HEADER + "".join(f"{name}=={version}\n" for name, version in sorted(versions.items())))


if __name__ == "__main__":
    main()
