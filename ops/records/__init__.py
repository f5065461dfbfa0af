"""Records of runs: a directory for each run that changes or proves something.

`keeper` writes the record of a run while it goes on, `seal` enters it into the chain when the run
has ended, `directory` is where they are, and `chain` finds what was edited, removed or reordered.
"""
