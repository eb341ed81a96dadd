/*
 * format DIR [N]: make DIR's store one of format N, as a later or earlier
 * version of the programs would; without N, one without a format.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "state/store.h"

int
main(int argc, char **argv)
{
	struct jt_slice key = jt_slice_text("format");
	struct jt_error e;
	struct jt_store *s;
	uint8_t number[8];
	enum jt_err err;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: format DIR [N]\n");
		return JT_USAGE;
	}
	if ((err = jt_store_open(&s, argv[1], JT_STORE_WRITE, &e)) == JT_OK)
		err = jt_store_begin(s, true, &e);
	if (err == JT_OK && argc == 3) {
		jt_put_be64(number, strtoull(argv[2], NULL, 10));
		err = jt_store_put(s, JT_META, key, (struct jt_slice){ number, sizeof number }, &e);
	} else if (err == JT_OK) {
		err = jt_store_delete(s, JT_META, key, &e);
	}
	if (err == JT_OK)
		err = jt_store_commit(s, &e);
	if (err != JT_OK)
		fprintf(stderr, "format: %s\n", e.text);
	jt_store_close(s);
	return (int)err;
}
