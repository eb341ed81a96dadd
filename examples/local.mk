# Add an example: one line dist_examples_SCRIPTS (runs) or dist_examples_DATA (is read).
dist_examples_SCRIPTS += %D%/ci-anchor
dist_examples_SCRIPTS += %D%/quickstart
dist_examples_SCRIPTS += %D%/voters
dist_examples_DATA += %D%/payments.csv
