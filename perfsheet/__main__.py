"""python -m perfsheet: the same as the command `perfsheet`."""

from .cli import main

main()
