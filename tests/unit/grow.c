/*
 * A ledger whose map is small: it grows by itself while ledgers are closed, and
 * what is closed is what a ledger with the usual map has. A reader that began
 * with the small map follows.
 */
#include <sys/wait.h>

#include "network.h"
#include "state/table.h"
#include "tap.h"
#include "tempdir.h"

enum { ACCOUNTS = 300, LEDGERS = 120, PAYMENTS = 40, SMALL = 1 << 18 };

static struct network net;
static struct jt_error error;

static size_t
map_of(const struct jt_ledger *l)
{
	MDB_envinfo info;

	mdb_env_info(l->store->env, &info);
	return info.me_mapsize;
}

/* Another process that opens the ledger with a small map, and reads when told to. */
static pid_t
start_reader(const char *dir, const int ask[2], const int answer[2])
{
	struct jt_store *s = NULL;
	struct jt_slice key, value;
	uint64_t newest;
	char go;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	close(ask[1]);
	network_must(jt_store_open_sized(&s, dir, JT_STORE_READ, SMALL, &error), &error);
	while (read(ask[0], &go, 1) == 1) {
		network_must(jt_store_begin(s, false, &error), &error);
		network_must(jt_store_last(s, JT_HEADERS, &key, &value, &error), &error);
		newest = jt_get_be64(key.data);
		jt_store_abort(s);
		if (write(answer[1], &newest, sizeof newest) != sizeof newest)
			_exit(74);
	}
	_exit(0);
}

static uint64_t
ask_reader(const int ask[2], const int answer[2])
{
	uint64_t newest = UINT64_MAX;

	if (write(ask[1], "?", 1) != 1 || read(answer[0], &newest, sizeof newest) != sizeof newest)
		return UINT64_MAX;
	return newest;
}

/* The ledger's next payments, each by another account. */
static void
make_payments(uint64_t number, struct jt_buf *stream)
{
	jt_buf_clear(stream);
	for (uint32_t i = 0; i < PAYMENTS; i++) {
		uint64_t turn = number * PAYMENTS + i, from = turn % ACCOUNTS;

		network_pay(&net, (uint32_t)from, 1 + turn / ACCOUNTS,
		    net.initial[(from + number) % ACCOUNTS].account, 1 + i, stream);
	}
}

int
main(void)
{
	struct jt_ledger usual, small;
	struct jt_buf stream = { .max = SIZE_MAX / 2 };
	int ask[2], answer[2], status = -1, read_well = 0;
	uint64_t differ = 0;
	const char *dir;
	pid_t reader;

	tempdir_make();
	dir = tempdir_path("small");
	network_make(&net, 1, ACCOUNTS, true);
	network_open(&net, tempdir_path("usual"), &usual);
	network_open(&net, dir, &small);
	jt_store_close(small.store);
	network_must(jt_store_open_sized(&small.store, dir, JT_STORE_WRITE, SMALL, &error), &error);
	is_int(map_of(&small), SMALL, "a small map");
	network_need(pipe(ask) == 0 && pipe(answer) == 0, "no pipe");
	reader = start_reader(dir, ask, answer);
	for (uint64_t i = 1; i <= LEDGERS; i++) {
		make_payments(i, &stream);
		network_close(&net, &usual, jt_buf_slice(&stream));
		network_close(&net, &small, jt_buf_slice(&stream));
		network_must(jt_ledger_commit(&usual, &error), &error);
		network_must(jt_ledger_commit(&small, &error), &error);
		differ += memcmp(usual.head_id, small.head_id, JT_HASH) != 0;
		read_well += ask_reader(ask, answer) == i;
	}
	is_int(usual.head.number, LEDGERS, "ledgers are closed");
	is_int(usual.head.transactions.count, PAYMENTS, "with all payments");
	is_int(differ, 0, "the same ones under the small map");
	ok(map_of(&small) >= 16 * SMALL, "which grew to %zu bytes", map_of(&small));
	is_int(read_well, LEDGERS, "a reader's map follows each time");
	close(ask[1]);
	waitpid(reader, &status, 0);
	is_int(status, 0, "and ends well");
	jt_ledger_close(&usual);
	jt_ledger_close(&small);
	jt_buf_free(&stream);
	network_free(&net);
	return done_testing();
}
