"""The files that come with rmflow, and the operator's own in their stead."""

from importlib import resources
from pathlib import Path


def packaged(name: str) -> Path:
    """Return the path of a file or folder that comes with rmflow: "config/topics.toml".

    It is inside the installed package, or, in a checkout, beside `src/`. Raises
    FileNotFoundError when the installation is broken.
    """
    package = Path(str(resources.files("rmflow")))
    for root in (package / "_data", package.parents[1]):
        if (root / name).exists():
            return root / name
    raise FileNotFoundError(f"{name} is missing from this installation of rmflow; install it again")
