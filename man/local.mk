# Add a page: one line dist_man_MANS.
