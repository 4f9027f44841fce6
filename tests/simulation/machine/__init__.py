"""A state machine that drives the simulator, the product and the destinations together, step by step as Hypothesis chooses.

`promises` says what must hold, `source` changes the workspace, `trouble` plans faults, `calls` calls the product and settles,
`faces` has one machine for each face, `running` runs them by a seed. Not here: tests.
"""
