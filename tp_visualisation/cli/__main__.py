"""`python -m tp_visualisation.cli` is `tpvis`."""

from tp_visualisation.cli import main

main()
