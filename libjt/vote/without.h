/*
 * Parts of the vote that can be left out, in tests and in jt-sim alone, to show
 * what each is for: without it some run fails.
 */
#ifndef JT_WITHOUT_H
#define JT_WITHOUT_H

enum jt_without {
	JT_NO_ASK_AGAIN,
	JT_NO_BEYOND,
	JT_NO_CAPS,
	JT_NO_CONE,
	JT_NO_EXPOSED,
	JT_NO_FAIR_SHARE,
	JT_NO_FETCH,
	JT_NO_FLOOR,
	JT_NO_HORIZON,
	JT_NO_JUMP,
	JT_NO_LINKS,
	JT_NO_PARK,
	JT_NO_RECHECK,
	JT_NO_ROUNDS,
	JT_NO_SEEN,
	JT_NO_SELF,
	JT_NO_SETTLE,
	JT_NO_THROUGH,
	JT_NO_TIME,
	JT_NO_WORK,
	JT_WITHOUT
};
/* What is missing without it, a line each. */
extern const char *const jt_without_words[];
extern const char *const jt_without_help[];

/* Is a part left out, by the terms of a voter or an order? */
#define JT_LACKS(terms, part) ((terms)->without >> (part) & 1)

#endif
