# Add a page: one line dist_man_MANS.
dist_man_MANS += %D%/jt.1
dist_man_MANS += %D%/jt.7
dist_man_MANS += %D%/jt-ledger.5
dist_man_MANS += %D%/jt-object.5
dist_man_MANS += %D%/jt-anchor.1
dist_man_MANS += %D%/jt-certify.1
dist_man_MANS += %D%/jt-check.1
dist_man_MANS += %D%/jt-close.1
dist_man_MANS += %D%/jt-deal.1
dist_man_MANS += %D%/jt-draw.1
dist_man_MANS += %D%/jt-explain.1
dist_man_MANS += %D%/jt-genesis.1
dist_man_MANS += %D%/jt-get.1
dist_man_MANS += %D%/jt-hub.1
dist_man_MANS += %D%/jt-id.1
dist_man_MANS += %D%/jt-keygen.1
dist_man_MANS += %D%/jt-listen.1
dist_man_MANS += %D%/jt-liar.1
dist_man_MANS += %D%/jt-merge.1
dist_man_MANS += %D%/jt-pack.1
dist_man_MANS += %D%/jt-net.1
dist_man_MANS += %D%/jt-node.1
dist_man_MANS += %D%/jt-peer.1
dist_man_MANS += %D%/jt-prove.1
dist_man_MANS += %D%/jt-replay.1
dist_man_MANS += %D%/jt-show.1
dist_man_MANS += %D%/jt-sign.1
dist_man_MANS += %D%/jt-sim.1
dist_man_MANS += %D%/jt-status.1
dist_man_MANS += %D%/jt-submit.1
dist_man_MANS += %D%/jt-tx.1
dist_man_MANS += %D%/jt-verify.1
dist_man_MANS += %D%/jt-vote.1

# The tables in the pages come from those of the code; tests/0003-manual.bats
# compares, and after a change of the code `make man-tables' writes them anew.
check_PROGRAMS += %D%/tables
%C%_tables_SOURCES = %D%/tables.c %D%/tables.h %D%/dump.c %D%/kinds.c
man-tables: %D%/tables
	@for page in $(dist_man_MANS); do \
		%D%/tables "$(srcdir)/$$page" > page.new || exit 1; \
		cmp -s page.new "$(srcdir)/$$page" || cat page.new > "$(srcdir)/$$page"; \
	done; rm -f page.new
.PHONY: man-tables

# One file completes all programs; bash looks for it by the program's name.
EXTRA_DIST += %D%/jt.bash
completionsdir = $(datadir)/bash-completion/completions
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(completionsdir)"
	$(INSTALL_DATA) "$(srcdir)/%D%/jt.bash" "$(DESTDIR)$(completionsdir)/jt"
	@for p in $(bin_PROGRAMS); do \
		test $${p##*/} = jt || \
		    $(LN_S) -f jt "$(DESTDIR)$(completionsdir)/$${p##*/}" || exit 1; \
	done
uninstall-local:
	@for p in $(bin_PROGRAMS); do rm -f "$(DESTDIR)$(completionsdir)/$${p##*/}"; done
