# Add a program: one line bin_PROGRAMS (its source is PROGRAM.c); what several of them share goes to cmd_shared.
