/*
 * jt-check, of hash records: what they prove of the data that was recorded.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/text.h"
#include "check.h"
#include "digest.h"
#include "object/scalar.h"

/* A record that a named proof proved, and the digests in it. */
struct kept {
	struct jt_buf bytes; /* of the proof */
	struct jt_recorded recorded;
};
static struct {
	struct kept *kept;
	size_t count, cap;
} named;

/* ---- words ---- */

static void
add_hex(struct jt_buf *out, const uint8_t *hash)
{
	char text[2 * JT_HASH + 1];

	jt_hex_format(hash, JT_HASH, text);
	jt_buf_add_text(out, text);
}

/* What the recorder said of it, and the earliest time. */
static void
add_record(struct jt_buf *out, const struct jt_recorded *r)
{
	const struct jt_record *record = &r->record.record;
	char time[JT_TIME_TEXT];

	if (check.json) {
		jt_buf_add_text(out, ",\"record\":\"");
		add_hex(out, record->hash);
		jt_buf_add_text(out, "\"");
	}
	if (record->tag.len > 0) {
		jt_buf_add_text(out, check.json ? ",\"tag\":" : ", tag ");
		jt_text_escape(record->tag, true, out);
	}
	if (!jt_hash_is_zero(record->prev)) {
		jt_buf_add_text(out, check.json ? ",\"prev\":\"" : ", prev ");
		add_hex(out, record->prev);
		jt_buf_add_text(out, check.json ? "\"" : "");
	}
	if (!r->has_since)
		return;
	jt_time_format(r->since.time, time);
	jt_buf_addf(out, check.json ? ",\"since\":\"%" PRIu64 "\",\"since_time\":\"%s\"" :
	    ", the record composed not before ledger %" PRIu64 " (%s)", r->since.number, time);
}

enum jt_err
check_pending(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_recorded r;
	enum jt_err err = jt_pending_check(o, &r, zone, e);

	(void)in;
	return err != JT_OK ? err : jt_fail(e, JT_NO, "pending, jt-anchor completes it");
}

/* One digest is named, of more their number. */
static void
add_digests(struct jt_buf *out, const struct jt_recorded *r)
{
	const uint8_t *digest = r->fold.of == 0 ? r->record.record.hash : r->fold.digests.data;
	size_t n = r->fold.of == 0 ? 1 : r->fold.digests.len / JT_HASH;

	if (n == 1) {
		jt_buf_add_text(out, check.json ? ",\"digest\":\"" : "the digest ");
		add_hex(out, digest);
		jt_buf_add_text(out, check.json ? "\"" : " is recorded");
	} else
		jt_buf_addf(out, check.json ? ",\"digests\":\"%zu\",\"of\":\"%" PRIu64 "\"" :
		    "%zu digests of %" PRIu64 " are recorded", n, r->fold.of);
}

/* Keep a copy of a proof that was checked, for the data files. */
static void
keep(const struct jt_object *o)
{
	struct jt_proof_record p;
	struct jt_object copy;
	struct jt_error e;
	struct kept *k;

	if (named.count == named.cap) {
		size_t cap = named.cap ? 2 * named.cap : 64;
		struct kept *more = realloc(named.kept, cap * sizeof *more);

		if (more == NULL)
			die(JT_SYSTEM, "out of memory");
		named.kept = more;
		named.cap = cap;
	}
	k = &named.kept[named.count++];
	jt_buf_init(&k->bytes, JT_OBJECT_MAX);
	if (!jt_buf_add_slice(&k->bytes, o->bytes))
		die(JT_SYSTEM, "out of memory");
	cmd_check(jt_object_parse(jt_buf_slice(&k->bytes), &copy, &e), &e);
	cmd_check(jt_kind_read(&jt_kind_proof_record, &copy, &p, NULL, &e), &e);
	cmd_check(jt_record_read(p.record, &k->recorded.record, &e), &e);
	k->recorded.fold = p.fold;
}

enum jt_err
check_record(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_recorded r;
	struct jt_buf says;
	enum jt_err err = jt_proof_record_check(o, &check.genesis, check.network, &r, zone, e);

	if (err != JT_OK)
		return err;
	jt_buf_init(&says, SIZE_MAX / 2);
	if (check.json)
		jt_buf_add_text(&says, "\"what\":\"record\"");
	add_digests(&says, &r);
	add_record(&says, &r);
	check_say(in->name, r.header.number, &r.header.time, &says);
	if (!check.keep)
		return JT_OK;
	keep(o);
	named.kept[named.count - 1].recorded.header = r.header;
	named.kept[named.count - 1].recorded.since = r.since;
	named.kept[named.count - 1].recorded.has_since = r.has_since;
	return JT_OK;
}

enum jt_err
check_no_record(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_proof_no_record p;
	struct jt_header h;
	struct jt_buf says;
	enum jt_err err = jt_proof_no_record_check(o, &check.genesis, check.network, &p, &h, zone,
	    e);

	if (err != JT_OK)
		return err;
	jt_buf_init(&says, SIZE_MAX / 2);
	jt_buf_add_text(&says, check.json ? "\"what\":\"no-record\",\"digest\":\"" :
	    "there is no direct record of ");
	add_hex(&says, p.hash);
	jt_buf_add_text(&says, check.json ? "\"" : "");
	check_say(in->name, h.number, &h.time, &says);
	return JT_OK;
}

enum jt_err
check_ledger(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_header h, newer;
	struct jt_buf says;
	enum jt_err err = jt_proof_ledger_check(o, &check.genesis, check.network, &h, &newer, zone,
	    e);

	if (err != JT_OK)
		return err;
	jt_buf_init(&says, SIZE_MAX / 2);
	jt_buf_addf(&says, check.json ? "\"what\":\"ledger\",\"newer\":\"%" PRIu64 "\"" :
	    "the header is in the history of ledger %" PRIu64 ", which is certified",
	    newer.number);
	check_counts(&h, &says);
	check_say(in->name, h.number, &h.time, &says);
	return JT_OK;
}

/* ---- data files ---- */

bool
check_called_proof(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && strcmp(path + len - 4, ".jtp") == 0;
}

bool
check_is_data(const char *path, bool among_proofs)
{
	struct cmd_head head;
	bool proven;
	char *proof;

	if (strcmp(path, "-") == 0)
		return false;
	cmd_head_read(&head, path);
	if (!head.regular)
		return false;
	proof = cmd_proof_path(path);
	proven = access(proof, F_OK) == 0;
	free(proof);
	/* Whoever put a proof in the place of the data has not proven anything. */
	if (proven || (among_proofs && !check_called_proof(path)))
		return true;
	return !head.object;
}

static void
say_data(const char *path, const uint8_t digest[JT_HASH], const struct jt_recorded *r)
{
	char time[JT_TIME_TEXT], network[2 * JT_HASH + 1];
	struct jt_buf line;

	jt_buf_init(&line, SIZE_MAX / 2);
	if (check.json) {
		jt_buf_add_text(&line, "\"what\":\"bytes\",\"digest\":\"");
		add_hex(&line, digest);
		jt_buf_add_text(&line, "\"");
		add_record(&line, r);
		check_say(path, r->header.number, &r->header.time, &line);
		return;
	}
	jt_time_format(r->header.time, time);
	jt_hex_format(check.network, JT_HASH, network);
	check_name(path, &line);
	jt_buf_addf(&line, ": proven: these bytes existed not after ledger %" PRIu64
	    " (%s) of network %.*s (%.16s...)", r->header.number, time, (int)check.name.len,
	    (const char *)check.name.data, network);
	add_record(&line, r);
	if (!jt_buf_add_text(&line, "\n"))
		die(JT_SYSTEM, "out of memory");
	cmd_print_slice(&check.out, jt_buf_slice(&line));
	jt_buf_free(&line);
}

/* Of the proofs that were named, the one of the earliest ledger. */
static const struct jt_recorded *
find_named(const uint8_t digest[JT_HASH])
{
	const struct jt_recorded *best = NULL;

	for (size_t i = 0; i < named.count; i++) {
		const struct jt_recorded *r = &named.kept[i].recorded;

		if ((best == NULL || r->header.number < best->header.number) &&
		    jt_recorded_has(r, digest))
			best = r;
	}
	return best;
}

/* The proof beside the file: does one of its records have this digest? *why when none. */
static bool
prove_beside(const char *proof, const uint8_t digest[JT_HASH], struct jt_recorded *r,
    struct jt_reader *reader, msgpack_zone *zone, struct jt_error *why)
{
	struct jt_object o;
	struct jt_error e;
	enum jt_err err;

	jt_fail(why, JT_NO, "%s is of other bytes", proof);
	while ((err = jt_reader_next(reader, &o, &e)) == JT_OK && o.bytes.len > 0) {
		msgpack_zone_clear(zone);
		if (jt_object_is(&o, jt_kind_pending.name)) {
			err = jt_pending_check(&o, r, zone, &e);
			if (err == JT_OK && jt_recorded_has(r, digest))
				jt_fail(why, JT_NO, "%s is pending, jt-anchor completes it", proof);
		} else if (jt_object_is(&o, jt_kind_proof_record.name)) {
			err = jt_proof_record_check(&o, &check.genesis, check.network, r, zone, &e);
			if (err == JT_OK && jt_recorded_has(r, digest))
				return true;
		} else
			err = jt_fail(&e, JT_MALFORMED, "jt/%.*s, expected jt/proof-record",
			    (int)o.kind.len, (const char *)o.kind.data);
		if (err != JT_OK)
			break;
	}
	if (err != JT_OK)
		jt_fail(why, err, "%s: %s", proof, e.text);
	return false;
}

static void
check_beside(const char *path, bool empty, const uint8_t digest[JT_HASH])
{
	char *proof = cmd_proof_path(path);
	struct jt_reader reader;
	struct jt_recorded r;
	struct jt_error why;
	msgpack_zone zone;
	int fd = open(proof, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && empty) {
		complain(JT_NOINPUT, named.count > 0 ? "%s: empty, and in no proof that was named" :
		    "%s: empty, no object to work on", path);
	} else if (fd < 0 && errno == ENOENT) {
		complain(JT_NO, named.count > 0 ?
		    "%s: not proven: is in no proof that was named, and there is no %s" :
		    "%s: not proven: there is no %s", path, proof);
	} else if (fd < 0) {
		complain(jt_err_of(errno, JT_NOINPUT), "%s: not proven: %s: %s", path, proof,
		    strerror(errno));
	} else if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE)) {
		die(JT_SYSTEM, "out of memory");
	} else {
		jt_reader_init(&reader, fd, proof);
		if (prove_beside(proof, digest, &r, &reader, &zone, &why))
			say_data(path, digest, &r);
		else
			complain(why.code, "%s: not proven: %s", path, why.text);
		jt_reader_free(&reader);
		msgpack_zone_destroy(&zone);
		close(fd);
	}
	free(proof);
}

void
check_data(const char *path)
{
	const struct jt_recorded *r;
	uint8_t digest[JT_HASH];
	struct jt_error e;
	int fd = cmd_open(path);
	bool empty;

	cmd_check(cmd_digest_fd(fd, path, digest, &e), &e);
	empty = lseek(fd, 0, SEEK_CUR) == 0;
	close(fd);
	if ((r = find_named(digest)) != NULL)
		say_data(path, digest, r);
	else
		check_beside(path, empty, digest);
}
