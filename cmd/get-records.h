/* jt-get, of hash records. */
#ifndef GET_RECORDS_H
#define GET_RECORDS_H

#include "ledger/records.h"
#include "servers.h"

/* HASH [N]: each record as it came and a jt/result that tells where it is, to `put`. */
void get_record(struct jt_ledger *l, char *const *words, void (*put)(struct jt_slice bytes));
/* The same from a server: what it proves, which is the first of them. */
void ask_record(struct cmd_servers *s, char *const *words, void (*put)(struct jt_slice bytes));
/* [tag=TAG] [prev=HASH]: all records, or those that have what the words say. */
void get_records(struct jt_ledger *l, char *const *words, void (*put)(struct jt_slice bytes));

#endif
