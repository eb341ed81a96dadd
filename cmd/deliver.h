/*
 * Records to a validator, by jt-submit: what it proves comes back.
 */
#ifndef DELIVER_H
#define DELIVER_H

#include "cmd.h"

/* How jt-submit is told where to: its -N, -d, -s and -w; NULL: not given. */
struct deliver {
	const char *network, *dir, *server, *wait;
};
/*
 * Send these objects, and wait. Each jt/proof-record that comes is given to
 * `proven`. Returns jt-submit's exit code, which has said what went wrong.
 */
enum jt_err deliver(const struct deliver *d, struct jt_slice records,
    void (*proven)(struct jt_slice proof));

#endif
