/*
 * jt-verify: pass on the signed objects whose signatures are all valid, in
 * their order, and the kinds that are not signed. The others get a line, and
 * go to --refused.
 *
 * Verifying a signature takes fifty times longer than everything else here.
 * With -T the main thread reads, gathers batches in a ring, and writes what is
 * done in the order it came; workers take batches from the ring. When the
 * input runs dry, what was gathered is finished and written first, so that a
 * batch never waits for the next object to come.
 *
 * In a validator it verifies twice: what clients bring (--voted), and what the
 * vote hands to the closer, but for what came by this validator's own door
 * (--own), which was verified there.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "all/kinds.h"
#include "cmd.h"
#include "object/signed.h"
#include "state/header.h"

enum {
	THREADS_MAX = 256,
	BATCH_OBJECTS = 32,
	BATCH_BYTES = 65536, /* enough: the batch is closed */
	REFUSED = CMD_OPT_OWN,
	OWN
};

static const struct cmd_option options[] = {
	{ 'T', "threads", "N", "verify in N threads" },
	{ OWN, "own", "PUB", "pass on what came in parts of this validator as it is" },
	{ REFUSED, "refused", "FILE", "write the objects that are not valid to FILE" },
	CMD_OUTPUT,
	CMD_VOTED,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-verify",
	.synopsis = "[-T N] [-o FILE] [--own PUB] [--refused FILE] [--voted] [FILE...]",
	.options = options,
};

struct item {
	size_t offset, len; /* in the batch's bytes */
	const char *name;   /* of its file, and its number there */
	uint64_t index;
	bool is_signed;
	struct jt_error error; /* code JT_OK: valid */
};
struct batch {
	struct jt_buf bytes;
	size_t count;
	bool done;
	struct item items[BATCH_OBJECTS];
};

static struct cmd_output out, refused;
static bool keep_refused;
static struct cmd_input in;
static unsigned told; /* lines about others' objects */
static uint8_t own_key[JT_KEY];
static bool has_own;
static bool part_own; /* what is read now came in a part of its own */

/* Shared by the threads; lock holds for all but the batches themselves. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;     /* taken < filled, or stop */
static pthread_cond_t progress = PTHREAD_COND_INITIALIZER; /* a batch is done */
static struct batch *ring;
static size_t ring_size, filled, taken, written; /* batches so far */
static bool stop;

/* Must this object be verified? Parts say whose the objects behind them are. */
static bool
must_verify(const struct jt_object *o, const struct jt_kind *row)
{
	struct jt_part part = { .count = 0 };
	struct jt_error e;
	msgpack_zone zone;

	if (row == &jt_kind_cut)
		part_own = false;
	if (row == &jt_kind_part && has_own) {
		if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
			die(JT_SYSTEM, "out of memory");
		cmd_check(jt_kind_read(row, o, &part, &zone, &e), &e);
		msgpack_zone_destroy(&zone);
		part_own = memcmp(part.author, own_key, JT_KEY) == 0;
	}
	return (row->flags & JT_KIND_SIGNED) && !part_own;
}

static void
verify(const struct jt_object *o, msgpack_zone *zone, struct jt_error *e)
{
	struct jt_signed s;

	msgpack_zone_clear(zone);
	e->code = JT_OK;
	if (jt_signed_decode(o, &s, zone, e) == JT_OK)
		jt_signed_verify(o, &s, e);
}

static void
pass_on(const struct jt_slice bytes, const char *name, uint64_t index,
    const struct jt_error *e)
{
	if (e->code == JT_OK) {
		cmd_write(&out, bytes);
		return;
	}
	if (in.foreign)
		complain_foreign(&told, "%s:#%llu: %s", name, (unsigned long long)index, e->text);
	else
		complain(e->code, "%s:#%llu: %s", name, (unsigned long long)index, e->text);
	if (keep_refused)
		cmd_write(&refused, bytes);
}

static void
open_zone(msgpack_zone *zone)
{
	if (!msgpack_zone_init(zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
}

static void
verify_alone(void)
{
	const struct jt_kind *row;
	struct jt_object o;
	msgpack_zone zone;

	open_zone(&zone);
	while (cmd_next(&in, &o, &row)) {
		struct jt_error e = { .code = JT_OK };

		if (must_verify(&o, row))
			verify(&o, &zone, &e);
		pass_on(o.bytes, in.name, in.reader.index, &e);
	}
	msgpack_zone_destroy(&zone);
}

static void
verify_batch(struct batch *b, msgpack_zone *zone)
{
	for (size_t i = 0; i < b->count; i++) {
		struct item *it = &b->items[i];
		struct jt_object o;

		it->error.code = JT_OK;
		if (it->is_signed && jt_object_parse((struct jt_slice){
		    b->bytes.data + it->offset, it->len }, &o, &it->error) == JT_OK)
			verify(&o, zone, &it->error);
	}
}

static void *
run_worker(void *arg)
{
	msgpack_zone *zone = arg;

	pthread_mutex_lock(&lock);
	for (;;) {
		struct batch *b;

		while (taken == filled && !stop)
			pthread_cond_wait(&work, &lock);
		if (taken == filled)
			break;
		b = &ring[taken++ % ring_size];
		pthread_mutex_unlock(&lock);
		verify_batch(b, zone);
		pthread_mutex_lock(&lock);
		b->done = true;
		pthread_cond_signal(&progress);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

/* The oldest batch, out; false when it is not done and `wait` is unset. */
static bool
write_oldest(bool wait)
{
	struct batch *b = &ring[written % ring_size];
	bool done;

	pthread_mutex_lock(&lock);
	while (!b->done && wait)
		pthread_cond_wait(&progress, &lock);
	done = b->done;
	pthread_mutex_unlock(&lock);
	if (!done)
		return false;
	for (size_t i = 0; i < b->count; i++)
		pass_on((struct jt_slice){ b->bytes.data + b->items[i].offset, b->items[i].len },
		    b->items[i].name, b->items[i].index, &b->items[i].error);
	b->count = 0;
	b->done = false;
	jt_buf_clear(&b->bytes);
	written++;
	return true;
}

static void
submit(void)
{
	pthread_mutex_lock(&lock);
	filled++;
	pthread_cond_signal(&work);
	pthread_mutex_unlock(&lock);
}

/* The batch being gathered, too. */
static void
catch_up(void)
{
	if (ring[filled % ring_size].count > 0)
		submit();
	while (written < filled)
		write_oldest(true);
}

static void
gather(void)
{
	const struct jt_kind *row;
	struct jt_object o;

	in.catch_up = catch_up;
	while (cmd_next(&in, &o, &row)) {
		struct batch *b = &ring[filled % ring_size];

		b->items[b->count++] = (struct item){ .offset = b->bytes.len, .len = o.bytes.len,
			.name = in.name, .index = in.reader.index, .is_signed = must_verify(&o, row) };
		if (!jt_buf_add_slice(&b->bytes, o.bytes))
			die(JT_SYSTEM, "out of memory");
		if (b->count < BATCH_OBJECTS && b->bytes.len < BATCH_BYTES && !cmd_dry(&in))
			continue;
		submit();
		while (written < filled &&
		    write_oldest(filled - written == ring_size || cmd_dry(&in)))
			continue;
	}
	catch_up();
}

static void
verify_together(size_t threads)
{
	pthread_t *ids = calloc(threads, sizeof *ids);
	msgpack_zone *zones = calloc(threads, sizeof *zones);
	sigset_t all, before;

	ring_size = 4 * threads;
	ring = calloc(ring_size, sizeof *ring);
	if (ids == NULL || zones == NULL || ring == NULL)
		die(JT_SYSTEM, "out of memory");
	for (size_t i = 0; i < ring_size; i++)
		jt_buf_init(&ring[i].bytes, BATCH_BYTES + JT_OBJECT_MAX);
	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; i < threads; i++) {
		open_zone(&zones[i]);
		if (pthread_create(&ids[i], NULL, run_worker, &zones[i]) != 0)
			die(JT_SYSTEM, "no thread %zu of %zu", i + 1, threads);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	gather();
	pthread_mutex_lock(&lock);
	stop = true;
	pthread_cond_broadcast(&work);
	pthread_mutex_unlock(&lock);
	for (size_t i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		msgpack_zone_destroy(&zones[i]);
	}
	for (size_t i = 0; i < ring_size; i++)
		jt_buf_free(&ring[i].bytes);
	free(ring);
	free(zones);
	free(ids);
}

static void
take_own(const char *path)
{
	struct jt_pub pub;
	struct jt_error e;

	cmd_check(cmd_pub_load(path, &pub, &e), &e);
	if (pub.role != JT_ROLE_VALIDATOR)
		die(JT_USAGE, "%s: expected a validator's key, found one of role %s", path,
		    jt_roles[pub.role]);
	memcpy(own_key, pub.key, JT_KEY);
	has_own = true;
}

int
main(int argc, char **argv)
{
	const char *path = NULL, *refused_path = NULL, *own = NULL;
	bool voted = false;
	size_t threads = 1;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'T')
			threads = (size_t)cmd_value_number(1, THREADS_MAX);
		else if (c == 'o')
			path = cmd_value;
		else if (c == CMD_OPT_VOTED)
			voted = true;
		else
			*(c == OWN ? &own : &refused_path) = cmd_value;
	}
	if (own != NULL)
		take_own(own);
	cmd_output_open(&out, path);
	keep_refused = refused_path != NULL;
	if (keep_refused)
		cmd_output_open(&refused, refused_path);
	cmd_input_open(&in, cmd_operands);
	in.foreign = in.together = voted;
	if (threads == 1)
		verify_alone();
	else
		verify_together(threads);
	return cmd_end();
}
