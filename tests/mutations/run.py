"""Make every mutation in a copy of the project and run the test that has to notice.

`python tests/mutations/run.py [WORDS]` takes those with these words in their names; `--write`
writes docs/mutations.md and runs nothing. Ends with 1 if a mutation survives.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from mutations import MUTATIONS, PAGE, ROOT, Mutation, page

_COPIED = ("src", "tests", "config", "templates", "pyproject.toml")
_TESTS_FAILED = 1  # pytest's exit code; anything else is no verdict about the mutation


def main() -> None:
    """Run, or write the page."""
    words = " ".join(sys.argv[1:])
    if words == "--write":
        PAGE.write_text(page(), encoding="utf-8")
        return
    chosen = [mutation for mutation in MUTATIONS if words in mutation.name]
    truth = _tested(None, sorted({mutation.test for mutation in chosen}))
    if truth.returncode != 0:
        raise SystemExit(f"{truth.stdout}\nThe tests fail without any mutation; mend that first.")
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        survivors = sum(not killed for killed in workers.map(_is_killed, chosen))
    print(f"{len(chosen)} mutations, {survivors} survived")
    raise SystemExit(1 if survivors else 0)


def _is_killed(mutation: Mutation) -> bool:
    code = _tested(mutation, [mutation.test]).returncode
    said = {0: "SURVIVED", _TESTS_FAILED: "killed"}.get(code, f"no verdict ({code})")
    print(f"{said:<10} {mutation.name}  ({mutation.test})", flush=True)
    return code == _TESTS_FAILED


def _tested(mutation: Mutation | None, tests: Iterable[str]) -> subprocess.CompletedProcess[str]:
    """Run these tests in a copy with this mutation, up to the first failure."""
    with TemporaryDirectory(prefix="mutation-") as folder:
        copy = Path(folder)
        for name in _COPIED:
            _copy(ROOT / name, copy / name)
        if mutation is not None:
            (copy / mutation.file).write_text(mutation.text(), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        # Before the installed package: the copy is what is tested, in child processes, too.
        environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
        return subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, check=False, text=True
        )


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(
            source, target, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
        )
    else:
        shutil.copy2(source, target)


if __name__ == "__main__":
    main()
