/* The peers of jt-peer: the table, what to poll for, and the queues. See peers.h. */
#include "peers.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { QUEUE_MAX = 16 << 20 /* bytes that wait for one peer */ };

void
cmd_peers_init(struct cmd_peers *ps, const uint8_t network[JT_HASH],
    const struct jt_secret_key *key)
{
	*ps = (struct cmd_peers){ .listener_count = 0 };
	jt_link_end_init(&ps->self, network, key->pub.key, key->box);
	if ((ps->list = calloc(CMD_PEERS_MAX, sizeof *ps->list)) == NULL)
		die(JT_SYSTEM, "out of memory");
}

struct cmd_peer *
cmd_peers_add(struct cmd_peers *ps, struct jt_slice name, const uint8_t key[JT_NOISE_KEY])
{
	struct cmd_peer *p = &ps->list[ps->count];

	assert(name.len >= 1 && name.len <= JT_MSG_NAME_MAX);
	if (ps->count == CMD_PEERS_MAX)
		return NULL;
	*p = (struct cmd_peer){ .retry_ms = CMD_RETRY_LEAST_MS, .since = cmd_clock_ms() };
	memcpy(p->name, name.data, name.len);
	memcpy(p->key, key, sizeof p->key);
	cmd_queue_init(&p->queue, QUEUE_MAX);
	ps->count++;
	return p;
}

void
cmd_peer_set_address(struct cmd_peer *p, struct jt_slice address)
{
	free(p->address);
	p->address = address.len > 0 ? strndup((const char *)address.data, address.len) : NULL;
	if (p->address == NULL && address.len > 0)
		die(JT_SYSTEM, "out of memory");
}

struct cmd_peer *
cmd_peers_named(struct cmd_peers *ps, struct jt_slice name)
{
	for (size_t i = 0; i < ps->count; i++)
		if (jt_slice_is(name, ps->list[i].name))
			return &ps->list[i];
	return NULL;
}

struct cmd_peer *
cmd_peers_of_key(struct cmd_peers *ps, const uint8_t key[JT_NOISE_KEY])
{
	for (size_t i = 0; i < ps->count; i++)
		if (memcmp(ps->list[i].key, key, JT_NOISE_KEY) == 0)
			return &ps->list[i];
	return NULL;
}

void
cmd_peers_soon(struct cmd_peers *ps, uint64_t when)
{
	if (when < ps->next)
		ps->next = when;
}

/* ---- poll ---- */

/* All wires there are, always in this order; returns how many. */
static size_t
all_wires(struct cmd_peers *ps, struct cmd_wire **wires)
{
	size_t n = ps->caller_count;

	memcpy(wires, ps->callers, n * sizeof(struct cmd_wire *));
	for (size_t i = 0; i < ps->count; i++) {
		struct cmd_peer *p = &ps->list[i];
		struct cmd_wire *of[] = { p->dial, p->guest, p->session };
		for (size_t k = 0; k < sizeof of / sizeof of[0]; k++)
			if (of[k] != NULL)
				wires[n++] = of[k];
	}
	return n;
}

size_t
cmd_peers_poll(struct cmd_peers *ps, struct pollfd *fds)
{
	struct cmd_wire *wires[CMD_PEERS_FDS];
	size_t n = all_wires(ps, wires);
	bool room = ps->room();

	for (size_t i = 0; i < ps->listener_count; i++)
		*fds++ = (struct pollfd){ ps->crowded ? -1 : ps->listeners[i].fd, POLLIN, 0 };
	for (size_t i = 0; i < n; i++) {
		bool up = wires[i]->link->state >= JT_LINK_OPEN;
		*fds++ = cmd_wire_poll(wires[i], room || !up);
		/* What is in memory already, poll does not see. */
		if (room && up && wires[i]->more)
			ps->next = 0;
	}
	return ps->listener_count + n;
}

void
cmd_peers_polled(struct cmd_peers *ps, const struct pollfd *fds)
{
	struct cmd_wire *wires[CMD_PEERS_FDS];
	size_t n = all_wires(ps, wires);

	for (size_t i = 0; i < ps->listener_count; i++)
		ps->called[i] = fds++->revents != 0;
	for (size_t i = 0; i < n; i++)
		wires[i]->ready = fds++->revents != 0;
}

int
cmd_peers_wait(const struct cmd_peers *ps, uint64_t now)
{
	if (ps->next <= now)
		return 0;
	return ps->next - now > INT_MAX ? INT_MAX : (int)(ps->next - now);
}

void
cmd_peers_work(struct cmd_peers *ps, uint64_t now)
{
	ps->next = UINT64_MAX;
	cmd_callers_accept(ps, now);
	cmd_callers_serve(ps, now);
	for (size_t i = 0; i < ps->count; i++)
		cmd_peer_serve(ps, &ps->list[i], now);
}

/* ---- queues ---- */

static void
put(struct cmd_peer *p, struct cmd_note *n)
{
	if (p->session == NULL || p->lagging || cmd_queue_put(&p->queue, n))
		return;
	cmd_queue_drop(&p->queue);
	p->lagging = true;
	if (!p->slow_told)
		complain(JT_OK, "%s: too slow: what waited for it is dropped", p->name);
	p->slow_told = true;
}

void
cmd_peers_say(struct cmd_peers *ps, struct cmd_peer *to, struct jt_slice object)
{
	struct cmd_note *n = cmd_note(object);

	if (to != NULL)
		put(to, n);
	else
		for (size_t i = 0; i < ps->count; i++)
			put(&ps->list[i], n);
	cmd_note_free(n);
}

size_t
cmd_peers_waiting(const struct cmd_peers *ps)
{
	size_t most = 0;

	for (size_t i = 0; i < ps->count; i++)
		if (ps->list[i].queue.bytes > most)
			most = ps->list[i].queue.bytes;
	return most;
}

bool
cmd_peers_idle(const struct cmd_peers *ps)
{
	for (size_t i = 0; i < ps->count; i++) {
		const struct cmd_peer *p = &ps->list[i];
		if (ps->pipe ? !p->done : p->session != NULL && !p->said_all)
			return false;
	}
	return true;
}

void
cmd_peers_close(struct cmd_peers *ps)
{
	struct cmd_wire *wires[CMD_PEERS_FDS];
	size_t n = all_wires(ps, wires);

	for (size_t i = 0; i < n; i++)
		cmd_wire_close(wires[i]);
	for (size_t i = 0; i < ps->count; i++) {
		cmd_queue_clear(&ps->list[i].queue);
		free(ps->list[i].address);
	}
	for (size_t i = 0; i < ps->listener_count; i++)
		cmd_listener_close(&ps->listeners[i]);
	free(ps->list);
	ps->list = NULL;
	ps->count = ps->caller_count = ps->listener_count = 0;
}
