/*
 * The text views, inward: a stream of text cut into documents, each made an
 * object. One document is in memory at a time. See view.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "object/tree.h"
#include "object/view.h"

enum {
	FILL = 65536,
	ZONE = 16384,
	/* A character that JSON has raw and YAML escaped takes 6 bytes instead of 1. */
	JSON_GROWTH = 6,
	KEPT = 1 << 20 /* bytes of work space that outlive a document */
};

struct jt_pack {
	const struct jt_kinds *kinds;
	int fd;
	bool end;         /* of the input */
	bool begun;       /* the first document has been looked for */
	bool json;
	bool broken;
	uint64_t line;    /* of the file, at start */
	uint32_t directives; /* lines with % before the document at start */
	struct jt_buf in; /* start.. is what has not been returned yet */
	size_t start;
	size_t searched;  /* behind start; no newline before it in the line at hand */
	struct jt_buf text, scratch, object;
	msgpack_zone zone;
};

struct jt_pack *
jt_pack_open(const struct jt_kinds *t, int fd)
{
	struct jt_pack *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	if (!msgpack_zone_init(&p->zone, ZONE)) {
		free(p);
		return NULL;
	}
	p->kinds = t;
	p->fd = fd;
	p->line = 1;
	jt_buf_init(&p->in, 2 * JT_PACK_MAX + FILL);
	jt_buf_init(&p->text, JSON_GROWTH * (size_t)JT_PACK_MAX);
	/* Larger than any text can ask for: what is too long is found by its length. */
	jt_buf_init(&p->scratch, 16 * (size_t)JT_PACK_MAX);
	jt_buf_init(&p->object, JT_OBJECT_MAX);
	if (!jt_buf_reserve(&p->in, FILL)) {
		jt_pack_close(p);
		return NULL;
	}
	return p;
}

void
jt_pack_close(struct jt_pack *p)
{
	if (p == NULL)
		return;
	msgpack_zone_destroy(&p->zone);
	jt_buf_free(&p->in);
	jt_buf_free(&p->text);
	jt_buf_free(&p->scratch);
	jt_buf_free(&p->object);
	free(p);
}

static enum jt_err
fill(struct jt_pack *p, struct jt_error *e)
{
	ssize_t n;

	if (p->start > 0) {
		p->in.len -= p->start;
		memmove(p->in.data, p->in.data + p->start, p->in.len);
		p->start = 0;
	}
	if (!jt_buf_reserve(&p->in, FILL))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	do
		n = read(p->fd, p->in.data + p->in.len, FILL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return jt_fail(e, JT_IO, "%s", strerror(errno));
	p->in.len += (size_t)n;
	p->end = n == 0;
	return JT_OK;
}

static void
drop(struct jt_pack *p, size_t len)
{
	p->start += len;
	p->searched = 0;
}

/* The line that begins `at` bytes behind start, its newline included; empty at the end. */
static enum jt_err
next_line(struct jt_pack *p, size_t at, struct jt_slice *line, struct jt_error *e)
{
	if (p->searched < at)
		p->searched = at;
	for (;;) {
		const uint8_t *from = p->in.data + p->start;
		size_t have = p->in.len - p->start;
		const uint8_t *newline = have > p->searched
		    ? memchr(from + p->searched, '\n', have - p->searched) : NULL;
		enum jt_err err;

		if (newline != NULL || p->end) {
			const uint8_t *end = newline != NULL ? newline + 1 : from + have;
			*line = (struct jt_slice){ from + at, (size_t)(end - from) - at };
			p->searched = at + line->len - (newline != NULL); /* it may be asked again */
			return JT_OK;
		}
		p->searched = have;
		if (have - at > JT_PACK_MAX)
			return jt_fail(e, JT_MALFORMED, "line is longer than %u bytes", JT_PACK_MAX);
		if ((err = fill(p, e)) != JT_OK)
			return err;
	}
}

/* "---" or "...", alone or before white space, where no indentation is. */
static bool
is_marker(struct jt_slice line, const char *marker)
{
	return line.len >= 3 && memcmp(line.data, marker, 3) == 0 &&
	    (line.len == 3 || strchr(" \t\r\n", line.data[3]) != NULL);
}

static struct jt_slice
trim(struct jt_slice line)
{
	while (line.len > 0 && memchr(" \t\r\n", line.data[0], 4) != NULL) {
		line.data++;
		line.len--;
	}
	return line;
}

/* Past a byte order mark and white space; then "{" means JSON. */
static enum jt_err
begin(struct jt_pack *p, struct jt_error *e)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };
	struct jt_slice line;
	enum jt_err err = next_line(p, 0, &line, e);

	p->begun = true;
	if (err == JT_OK && line.len >= sizeof mark && memcmp(line.data, mark, sizeof mark) == 0) {
		drop(p, sizeof mark);
		err = next_line(p, 0, &line, e);
	}
	while (err == JT_OK && line.len > 0 && trim(line).len == 0) {
		drop(p, line.len);
		p->line++;
		err = next_line(p, 0, &line, e);
	}
	if (err == JT_OK)
		p->json = trim(line).len > 0 && trim(line).data[0] == '{';
	return err;
}

static enum jt_err
next_json(struct jt_pack *p, size_t *len, uint64_t *lines, struct jt_error *e)
{
	struct jt_slice line;
	enum jt_err err;

	*lines = 1;
	while ((err = next_line(p, 0, &line, e)) == JT_OK) {
		*len = line.len;
		if (line.len == 0 || trim(line).len > 0)
			return JT_OK;
		drop(p, line.len);
		p->line++;
	}
	return err;
}

/* The length of the document at start, and its lines; 0 when there is none. */
static enum jt_err
next_yaml(struct jt_pack *p, size_t *len, uint64_t *lines, struct jt_error *e)
{
	bool content = false;
	struct jt_slice line;
	enum jt_err err;

	*len = 0;
	*lines = 0;
	p->directives = 0;
	while ((err = next_line(p, *len, &line, e)) == JT_OK && line.len > 0) {
		struct jt_slice words = trim(line);
		bool begins = is_marker(line, "---"), ends = is_marker(line, "...");

		if (begins && content)
			break;
		if (*len + line.len > JT_PACK_MAX)
			return jt_fail(e, JT_MALFORMED, "document is longer than %u bytes",
			    JT_PACK_MAX);
		*len += line.len;
		++*lines;
		if (ends && content)
			break;
		/* Directives stay with the document that they are for. */
		if (!content && line.data[0] == '%')
			p->directives++;
		else if (!ends && words.len > 0 && words.data[0] != '#')
			content = true;
		else if (!content && *len == line.len) {
			drop(p, *len);
			p->line++;
			*len = *lines = 0;
		}
	}
	if (!content && p->directives == 0)
		*len = 0;
	return err;
}

static enum jt_err
make_object(struct jt_pack *p, struct jt_slice text, uint64_t *line, struct jt_error *e)
{
	struct jt_node *root;
	struct jt_object o;
	enum jt_err err;

	jt_buf_clear(&p->object);
	jt_buf_clear(&p->scratch);
	jt_buf_clear(&p->text);
	if (p->json) {
		if ((err = jt_json_prepare(text, &p->text, e)) != JT_OK)
			return err;
		text = jt_buf_slice(&p->text);
	} else if (p->directives > 1) /* libyaml compares each with each */
		return jt_fail(e, JT_MALFORMED, "more than one directive");
	if ((err = jt_tree_read(text, p->json, line, &p->zone, &root, e)) != JT_OK)
		return err;
	*line = root->line;
	err = jt_tree_object(p->kinds, root, line, &p->zone, &p->scratch, &p->object, e);
	if (err != JT_OK)
		return err;
	*line = root->line;
	if ((err = jt_object_parse(jt_buf_slice(&p->object), &o, e)) != JT_OK)
		return err;
	return jt_kind_check(p->kinds, &o, e);
}

/* One huge document must not leave its memory to all that follow. */
static void
give_back(struct jt_pack *p)
{
	msgpack_zone_clear(&p->zone);
	if (p->scratch.cap > KEPT)
		jt_buf_free(&p->scratch);
	if (p->text.cap > KEPT)
		jt_buf_free(&p->text);
}

enum jt_err
jt_pack_next(struct jt_pack *p, struct jt_buf *out, bool *end, bool *broken, struct jt_error *e)
{
	uint64_t lines = 0, line;
	struct jt_slice text;
	size_t len = 0;
	enum jt_err err = JT_OK;

	*end = *broken = false;
	if (p->broken) {
		*broken = true;
		return jt_fail(e, JT_MALFORMED, "line %" PRIu64 ": cannot be read on", p->line);
	}
	if (!p->begun)
		err = begin(p, e);
	if (err == JT_OK)
		err = p->json ? next_json(p, &len, &lines, e) : next_yaml(p, &len, &lines, e);
	line = p->line;
	if (err != JT_OK) {
		*broken = p->broken = true;
		return err == JT_MALFORMED ? jt_fail_in(e, "line %" PRIu64, line) : err;
	}
	if (len == 0) {
		*end = true;
		return JT_OK;
	}
	text = (struct jt_slice){ p->in.data + p->start, len };
	err = make_object(p, text, &line, e);
	if (err == JT_OK && !jt_buf_add_slice(out, jt_buf_slice(&p->object)))
		err = jt_fail(e, JT_SYSTEM, "object does not fit");
	give_back(p);
	drop(p, len);
	p->line += lines;
	if (err == JT_MALFORMED)
		return jt_fail_in(e, "line %" PRIu64, line);
	*broken = p->broken = err != JT_OK;
	return err;
}
