"""`python -m ops.records` is `runs`."""

from ops.records.command import main

if __name__ == "__main__":
    main(prog_name="runs")
