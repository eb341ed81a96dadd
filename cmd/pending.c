/* Proof files in the making. See pending.h. */
#include "pending.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"

struct cmd_output *
pending_file(struct pending_files *f)
{
	if (f->count == CMD_OUTPUTS_MAX)
		pending_settle(f);
	return &f->outs[f->count];
}

void
pending_settle(struct pending_files *f)
{
	cmd_output_close_all(f->outs, f->count);
	f->count = 0;
}

void
pending_write(struct cmd_output *out, struct jt_slice record, const struct jt_fold_part *part)
{
	struct jt_pending p = { .record = record };
	struct jt_error e;
	struct jt_buf b;

	if (part != NULL)
		p.fold = *part;
	jt_buf_init(&b, JT_OBJECT_MAX);
	cmd_check(jt_kind_write(&jt_kind_pending, &p, &b, &e), &e);
	cmd_write(out, jt_buf_slice(&b));
	jt_buf_free(&b);
}

bool
pending_is_proof(const char *path)
{
	struct cmd_head head;

	cmd_head_read(&head, path);
	return jt_slice_is(head.kind, jt_kind_pending.name) ||
	    jt_slice_is(head.kind, jt_kind_proof_record.name);
}

/* The parts of an object that both kinds have. Looks at no signature. */
static enum jt_err
read_recorded(const struct jt_object *o, struct jt_recorded *r, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_proof_record p;
	enum jt_err err;

	if (jt_object_is(o, jt_kind_pending.name))
		return jt_pending_check(o, r, zone, e);
	if ((err = jt_kind_read(&jt_kind_proof_record, o, &p, zone, e)) != JT_OK)
		return err;
	r->fold = p.fold;
	return jt_record_read(p.record, &r->record, e);
}

/* Of what was recorded, check off what is among the digests; returns how much that is. */
static size_t
check_off(const struct jt_recorded *r, const struct digests *d, bool *seen)
{
	struct jt_slice all = r->fold.of > 0 ? r->fold.digests
	    : (struct jt_slice){ r->record.record.hash, JT_HASH };
	size_t n = 0, place;

	for (size_t at = 0; at < all.len; at += JT_HASH)
		if (digests_find(d, all.data + at, &place) && !seen[place]) {
			seen[place] = true;
			n++;
		}
	return n;
}

enum jt_err
pending_has(const char *path, const struct digests *d, struct jt_error *e)
{
	bool *seen = calloc(d->count, sizeof *seen);
	struct jt_recorded r = { .has_since = false };
	struct jt_reader reader;
	struct jt_object o;
	msgpack_zone zone;
	size_t left = d->count;
	int fd = cmd_open(path);
	enum jt_err err = JT_OK;

	if (seen == NULL || !msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	jt_reader_init(&reader, fd, path);
	while (left > 0 && (err = jt_reader_next(&reader, &o, e)) == JT_OK && o.bytes.len > 0) {
		msgpack_zone_clear(&zone);
		if ((err = read_recorded(&o, &r, &zone, e)) != JT_OK)
			break;
		left -= check_off(&r, d, seen);
	}
	jt_reader_free(&reader);
	msgpack_zone_destroy(&zone);
	free(seen);
	close(fd);
	if (err != JT_OK)
		return jt_fail_in(e, "%s", path);
	return left == 0 ? JT_OK : jt_fail(e, JT_NO, "%s: exists, and is of other bytes", path);
}

/* ---- proofs from elsewhere ---- */

void
pending_learn(struct pending_source *s, struct jt_slice proof)
{
	struct jt_proof_record p;
	struct jt_record_copy copy;
	struct pending_proof *new;
	struct jt_object o;
	struct jt_error e;

	if (s->count == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 16;
		struct pending_proof *more = realloc(s->proofs, cap * sizeof *more);

		if (more == NULL)
			die(JT_SYSTEM, "out of memory");
		s->proofs = more;
		s->cap = cap;
	}
	new = &s->proofs[s->count++];
	jt_buf_init(&new->proof, JT_OBJECT_MAX);
	if (!jt_buf_add_slice(&new->proof, proof))
		die(JT_SYSTEM, "out of memory");
	cmd_check(jt_object_parse(proof, &o, &e), &e);
	cmd_check(jt_kind_read(&jt_kind_proof_record, &o, &p, NULL, &e), &e);
	cmd_check(jt_record_read(p.record, &copy, &e), &e);
	memcpy(new->id, copy.id, JT_HASH);
}

void
pending_forget(struct pending_source *s)
{
	while (s->count > 0)
		jt_buf_free(&s->proofs[--s->count].proof);
	free(s->proofs);
	*s = (struct pending_source){ .prover = NULL };
}

/* The proof of a record that was learned, with a part of a fold in it. JT_NO: there is none. */
static enum jt_err
prove_learned(const struct pending_source *s, const struct jt_recorded *r, struct jt_buf *out,
    struct jt_error *e)
{
	struct jt_proof_record p;
	struct jt_object o;
	enum jt_err err;
	size_t i;

	for (i = 0; i < s->count; i++)
		if (memcmp(s->proofs[i].id, r->record.id, JT_HASH) == 0)
			break;
	if (i == s->count)
		return jt_fail(e, JT_NO, "no ledger holds it");
	if ((err = jt_object_parse(jt_buf_slice(&s->proofs[i].proof), &o, e)) != JT_OK ||
	    (err = jt_kind_read(&jt_kind_proof_record, &o, &p, NULL, e)) != JT_OK)
		return err;
	p.fold = r->fold;
	return jt_kind_write(&jt_kind_proof_record, &p, out, e);
}

/* JT_NO: never; JT_AGAIN: not yet, *held when a ledger has it that is not certified. */
static enum jt_err
prove(const struct pending_source *s, const struct jt_recorded *r, struct jt_buf *out,
    bool *held, struct jt_error *e)
{
	enum jt_err err;

	if (s->network != NULL && memcmp(r->record.record.network, s->network, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "its record is of another network");
	err = prove_learned(s, r, out, e);
	if (err == JT_NO && s->prover != NULL)
		err = jt_prove_record(s->prover, r->record.record.hash, r->record.id, 0, &r->fold, out,
		    e);
	*held = err == JT_AGAIN;
	return err == JT_NO ? jt_fail(e, JT_AGAIN, "no ledger holds its record yet") : err;
}

/* ---- completing ---- */

/* One file being gone through. */
struct completing {
	const struct pending_source *source;
	void (*unsent)(struct jt_slice record, bool held);
	struct cmd_output *out;
	bool changed;
	struct jt_buf proof;
	enum jt_err worst;
	struct jt_error why;
};

/* The first reason counts, but for one that may go away by itself. */
static void
keep_why(struct completing *c, const struct jt_error *e)
{
	if (c->worst == JT_OK || c->why.code == JT_AGAIN)
		c->why = *e;
	c->worst = e->code;
}

/* The proof of a pending object, if the ledger has one; else the object as it is. */
static void
complete_one(struct completing *c, const struct jt_object *o, msgpack_zone *zone)
{
	struct jt_recorded r = { .has_since = false };
	struct jt_error e;
	enum jt_err err = jt_pending_check(o, &r, zone, &e);
	bool held = false;

	jt_buf_clear(&c->proof);
	if (err == JT_OK)
		err = prove(c->source, &r, &c->proof, &held, &e);
	if (err == JT_OK) {
		c->changed = true;
		cmd_write(c->out, jt_buf_slice(&c->proof));
		return;
	}
	cmd_write(c->out, o->bytes);
	keep_why(c, &e);
	if (err == JT_AGAIN && c->unsent != NULL)
		c->unsent(r.record.object, held);
}

static void
complete_all(struct completing *c, struct jt_reader *reader)
{
	struct jt_object o;
	struct jt_error e;
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	while ((err = jt_reader_next(reader, &o, &e)) == JT_OK && o.bytes.len > 0) {
		msgpack_zone_clear(&zone);
		if (jt_object_is(&o, jt_kind_pending.name))
			complete_one(c, &o, &zone);
		else
			cmd_write(c->out, o.bytes);
	}
	if (err != JT_OK)
		keep_why(c, &e);
	msgpack_zone_destroy(&zone);
}

enum jt_err
pending_complete(struct pending_files *files, const char *path, const struct pending_source *s,
    void (*unsent)(struct jt_slice record, bool held), struct jt_error *e)
{
	struct completing c = { .source = s, .unsent = unsent, .out = pending_file(files) };
	struct jt_reader reader;
	int fd = cmd_open(path);

	jt_buf_init(&c.proof, JT_OBJECT_MAX);
	cmd_output_open(c.out, path);
	jt_reader_init(&reader, fd, path);
	complete_all(&c, &reader);
	jt_reader_free(&reader);
	close(fd);
	/* A file that cannot be read to its end stays as it is. */
	if (c.changed && (c.worst == JT_OK || c.worst == JT_AGAIN || c.worst == JT_NO))
		files->count++;
	else
		cmd_output_drop(c.out);
	jt_buf_free(&c.proof);
	if (c.worst == JT_OK)
		return JT_OK;
	*e = c.why;
	return jt_fail_in(e, "%s", path);
}
