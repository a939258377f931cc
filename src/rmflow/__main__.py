"""`python -m rmflow` is `rmflow`."""

from rmflow.cli import main

main()
