"""A state machine that drives the simulator, the product and the destinations together, step by step as Hypothesis chooses.

`source` changes the workspace, `fault_steps` plans faults, and `calls` calls the product. `scenarios` does several of these in a
row. `settling` ends a sequence, and `expectations` says what must hold then. `faces` has one machine for each face. `running`
runs them by a seed. `uniform` is what Hypothesis draws from. Not here: tests.

Hypothesis orders the rules by the names of their methods. A renamed rule changes every seeded sequence.
"""
