/* The network's coin: its dealing, and a share of it. See dealing.h. */
#include "dealing.h"

#include <string.h>

bool
cmd_dealing(const struct cmd_network *n, const struct jt_genesis *g, struct jt_dealing *d,
    msgpack_zone *zone)
{
	struct jt_object o;
	struct jt_error e;

	if (jt_hash_is_zero(g->dealing))
		return false;
	if (n->dealing.len == 0)
		die(JT_CONFIG, "%s: has no jt/dealing behind its genesis, which names one", n->path);
	if (jt_object_parse(jt_buf_slice(&n->dealing), &o, &e) != JT_OK ||
	    jt_genesis_dealing(g, &o, d, zone, &e) != JT_OK)
		die(e.code, "%s: #2: %s", n->path, e.text);
	return true;
}

void
cmd_deal(struct jt_pub *pubs, uint32_t count, struct jt_buf *out)
{
	struct jt_deal *d = jt_deal_new();
	struct jt_error e;

	if (d == NULL)
		die(JT_SYSTEM, "out of memory that can be locked");
	cmd_random(d->seed, sizeof d->seed);
	cmd_check(jt_dealing_make(pubs, count, d, out, &e), &e);
	jt_deal_free(d);
}

void
cmd_share_load(const char *path, const struct jt_secret_key *k, const struct jt_dealing *d,
    const uint8_t id[JT_HASH], uint8_t secret[JT_SCALAR], uint32_t *place)
{
	struct jt_coin_public p;
	struct jt_object o;
	struct jt_share s;
	struct jt_error e;
	struct jt_buf file;

	jt_buf_init(&file, JT_SHARE_FILE_MAX);
	cmd_check(jt_file_read(path, &file, &e), &e);
	if (jt_object_parse(jt_buf_slice(&file), &o, &e) != JT_OK ||
	    jt_share_read(&o, &s, &e) != JT_OK)
		die(e.code, "%s: %s", path, e.text);
	if (memcmp(s.coin, id, sizeof s.coin) != 0)
		die(JT_CONFIG, "%s: is of another dealing than the network's", path);
	if (memcmp(s.key, k->pub.key, sizeof s.key) != 0)
		die(JT_CONFIG, "%s: is of another validator than the key", path);
	if (!jt_dealing_place(d, s.key, place))
		die(JT_CONFIG, "%s: is of no validator of the network", path);
	jt_dealing_public(d, &p);
	if (jt_share_open(s.sealed, k, &p, *place, secret, &e) != JT_OK)
		die(e.code, "%s: %s", path, e.text);
	jt_buf_free(&file);
}
