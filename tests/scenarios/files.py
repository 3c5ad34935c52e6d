"""Writes scenario files for the loader's tests."""

from pathlib import Path

HEAD = """\
version: 1
name: A story
description: What it guards.
gateway: sslcommerz
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def with_steps(*steps: str, head: str = HEAD, tail: str = "") -> str:
    """Write a scenario of these steps, a line each; the first stands in line 6 after the usual head."""
    return f"{head}steps:\n" + "".join(f"  - {step}\n" for step in steps) + tail
