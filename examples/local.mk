# Add an example: one line dist_examples_SCRIPTS (runs) or dist_examples_DATA (is read).
dist_examples_SCRIPTS += %D%/ci-anchor
dist_examples_SCRIPTS += %D%/quickstart
dist_examples_SCRIPTS += %D%/voters
dist_examples_DATA += %D%/payments.csv

# Folders as supervisors want them.
systemddir = $(examplesdir)/systemd
dist_systemd_DATA = %D%/systemd/jt-node@.service
runitdir = $(examplesdir)/runit
dist_runit_SCRIPTS = %D%/runit/finish %D%/runit/run
s6dir = $(examplesdir)/s6
dist_s6_SCRIPTS = %D%/s6/finish %D%/s6/run
dist_s6_DATA = %D%/s6/notification-fd
