/* One sum over a stream of objects. See sum.h. */
#include "sum.h"

void
cmd_sum_start(struct jt_hasher *sum)
{
	static const char domain[] = "jt/all/1"; /* its final zero is hashed, too */

	jt_hasher_init(sum);
	jt_hasher_add(sum, domain, sizeof domain);
}

void
cmd_sum_add(struct jt_hasher *sum, const uint8_t id[JT_HASH])
{
	jt_hasher_add(sum, id, JT_HASH);
}
