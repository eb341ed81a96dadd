/* Values of fields as people write them. See value.h. */
#include "value.h"

#include <stdlib.h>
#include <string.h>

#include "object/view.h"

/*
 * The same few names come again and again in a table: remember what they
 * stood for, one name for each value of a small hash.
 */
enum { REMEMBERED = 1024, NAME_MAX_BYTES = 1024 };

static struct {
	char *name;
	uint8_t account[JT_ACCOUNT];
} remembered[REMEMBERED];

static enum jt_err
account_named(const char *name, uint8_t account[JT_ACCOUNT], struct jt_error *e)
{
	size_t h = 5381;
	enum jt_err err;

	for (const char *c = name; *c != '\0'; c++)
		h = h * 33 + (unsigned char)*c;
	h %= REMEMBERED;
	if (remembered[h].name != NULL && strcmp(remembered[h].name, name) == 0) {
		memcpy(account, remembered[h].account, JT_ACCOUNT);
		return JT_OK;
	}
	if ((err = cmd_account(name, account, e)) != JT_OK)
		return err;
	free(remembered[h].name);
	remembered[h].name = strdup(name);
	memcpy(remembered[h].account, account, JT_ACCOUNT);
	return JT_OK;
}

/* The account that text[at..end) names, as an address. */
static enum jt_err
resolve_name(struct jt_slice text, size_t at, size_t end, struct jt_buf *out,
    struct jt_error *e)
{
	char address[JT_ADDRESS_TEXT], name[NAME_MAX_BYTES];
	uint8_t account[JT_ACCOUNT];
	enum jt_err err;

	if (end - at >= sizeof name)
		return jt_fail(e, JT_USAGE, "too long");
	if (memchr(text.data + at, '\0', end - at) != NULL)
		return jt_fail(e, JT_USAGE, "a name with a zero byte");
	memcpy(name, text.data + at, end - at);
	name[end - at] = '\0';
	if ((err = account_named(name, account, e)) != JT_OK)
		return err;
	jt_address_format(account, address);
	jt_buf_add_text(out, address);
	return JT_OK;
}

/*
 * Names in place of addresses: "alice", "alice:1,net/bank:2", "12.50CNY/gate".
 * In a list a name ends at ':' or ',', in an asset it begins behind '/'.
 */
static enum jt_err
resolve(const struct jt_field *f, struct jt_slice text, struct jt_buf *out, struct jt_error *e)
{
	enum jt_type type = f->type == JT_LIST ? f->sub->fields[0].type : f->type;
	bool asset = type == JT_AMOUNT || type == JT_ASSET;
	const char *stop = f->type == JT_LIST ? asset ? "," : ":," : "";
	enum jt_err err;

	if (type != JT_ADDRESS && !asset) {
		jt_buf_add_slice(out, text);
		return JT_OK;
	}
	for (size_t at = 0, end; at < text.len; at = end) {
		/* What comes before the name. */
		for (; asset && at < text.len && (at == 0 || text.data[at - 1] != '/'); at++)
			jt_buf_add(out, &text.data[at], 1);
		for (end = at; end < text.len && memchr(stop, text.data[end], strlen(stop)) == NULL;)
			end++;
		if (end > at && (err = resolve_name(text, at, end, out, e)) != JT_OK)
			return jt_fail_in(e, "%s", f->name);
		/* And behind it, up to the next element. */
		for (bool more = true; more && end < text.len; end++) {
			more = text.data[end] != ',';
			jt_buf_add(out, &text.data[end], 1);
		}
	}
	return JT_OK;
}

enum jt_err
cmd_field_value(const struct jt_field *f, struct jt_slice text, void *out,
    msgpack_zone *zone, struct jt_error *e)
{
	struct jt_buf resolved;
	uint8_t *copy;
	enum jt_err err;

	jt_buf_init(&resolved, CMD_VALUE_MAX);
	err = resolve(f, text, &resolved, e);
	if (err == JT_OK && resolved.failed)
		err = jt_fail(e, JT_USAGE, "%s: too long", f->name);
	if (err == JT_OK) {
		copy = msgpack_zone_malloc(zone, resolved.len + 1);
		if (copy == NULL)
			die(JT_SYSTEM, "out of memory");
		if (resolved.len > 0)
			memcpy(copy, resolved.data, resolved.len);
		err = jt_parse_field(f, (struct jt_slice){ copy, resolved.len }, out, zone, e);
	}
	/* A number of 0 says what a field left out says; an account or a hash does not. */
	if (err == JT_OK && (f->type == JT_ADDRESS || f->type == JT_FIXED) &&
	    jt_field_left_out(f, out))
		err = jt_fail(e, JT_USAGE, "%s: all zeros stand for none, which is left out",
		    f->name);
	jt_buf_free(&resolved);
	return err;
}
