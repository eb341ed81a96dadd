# Add an example: one line dist_examples_SCRIPTS (runs) or dist_examples_DATA (is read).
