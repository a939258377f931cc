"""Write anew what is made from the program: `python docs/generate.py`."""

from pathlib import Path

from rmflow.adapters.matrix import matrix
from rmflow.adapters.registry import kinds, settings_of
from rmflow.config.reference import reference
from rmflow.config.sample import sample

ROOT = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    (ROOT / "config/programme.toml").write_text(sample(settings_of, kinds), encoding="utf-8")
    (ROOT / "docs/configuration.md").write_text(reference(settings_of, kinds), encoding="utf-8")
    (ROOT / "docs/backends").mkdir(exist_ok=True)
    (ROOT / "docs/backends/index.md").write_text(matrix(), encoding="utf-8")
