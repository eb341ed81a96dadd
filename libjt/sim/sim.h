/*
 * A simulated vote: any number of voters in one process, every message of
 * whom waits until the schedule delivers it, and the invariants checked at
 * every step. A run follows from its terms and its seed alone.
 *
 * Signatures and the coin are modelled, or real: a model's id is what signs a
 * block, and its coin of a round is a hash that only f+1 shares reveal. What
 * schedulers may know of it is said in schedule.c.
 */
#ifndef JT_SIM_H
#define JT_SIM_H

#include "sim/run.h"

/* What goes wrong on purpose. */
enum jt_fault {
	/* schedules: how the next message is chosen */
	JT_SIM_FIFO,      /* in order, with random delays */
	JT_SIM_LIFO,      /* the newest first */
	JT_SIM_SLOW,      /* f correct voters get everything late */
	JT_SIM_AIM,       /* blocks of the elected leader come last */
	JT_SIM_LATECOIN,  /* the share that reveals a coin comes last */
	JT_SIM_PARTITION, /* two halves that hear nothing of each other for a while */
	JT_SIM_DUPLICATE, /* messages come twice and out of order */
	/* voters: how they behave */
	JT_SIM_CRASH,     /* stop for good */
	JT_SIM_RESTART,   /* stop, and begin again from the log */
	JT_SIM_LOST,      /* stop, and begin again without the log */
	JT_SIM_TWINS,     /* two or three blocks of one round, each to some */
	JT_SIM_CONES,     /* chains of blocks that are hidden for long, each for some */
	JT_SIM_FACES,     /* to each half of the others another self */
	JT_SIM_WITHHOLD,  /* blocks go to f+1 others alone */
	JT_SIM_BADSHARE,  /* shares of the coin that are wrong, or none */
	JT_SIM_SILENT,    /* no answers to requests and hellos */
	JT_SIM_LIES,      /* blocks that are wrong about their parents */
	JT_SIM_STALE,     /* old blocks again and again */
	JT_SIM_FLOOD,     /* requests without end */
	JT_SIM_HELLO,     /* hellos that lie */
	/* the vote itself, to show what it is for */
	JT_SIM_KNOWN,     /* leaders in turn instead of the coin */
	JT_SIM_BEYOND,    /* one faulty voter more than the vote bears */
	JT_FAULTS
};
extern const char *const jt_fault_words[];
extern const char *const jt_fault_help[];

struct jt_sim_terms {
	uint32_t n;
	uint64_t seed;
	uint32_t faults;          /* a mask of 1 << enum jt_fault */
	uint32_t bad[JT_FAULTS];  /* voters with this fault; 0: as many as go in */
	uint32_t items;           /* payload objects, given to correct voters */
	uint64_t messages;        /* stop after so many; 0: when all is done */
	uint64_t kill_at;         /* RESTART: only once, at this write or message of the voter's; or 0 */
	uint32_t leaders;
	bool real;                /* signatures and coin */
	enum jt_mutant mutant;
	uint32_t without;         /* a mask of 1 << enum jt_without */
	/* Each event of the run as it happens; may be NULL. */
	void (*record)(void *ctx, const struct jt_event *e);
	void *ctx;
};

#define JT_SIM_WAVES 64   /* more count as these */
#define JT_SIM_ROUNDS 256

struct jt_sim_result {
	bool broken;              /* an invariant did not hold: `why` */
	char why[160];
	const char *law;          /* the same without its numbers */
	uint64_t messages, blocks;
	uint32_t rounds;          /* the highest */
	uint64_t cuts;
	uint64_t kills;           /* voters that stopped, for a while or for good */
	/* Leader slots, at the first correct voter who decided them: */
	uint64_t slots, committed, skipped;
	uint64_t waves[JT_SIM_WAVES + 1]; /* [0]: directly; [k]: by a leader with [k-1] */
	uint64_t waited[JT_SIM_ROUNDS + 1]; /* by rounds from the slot to the decision */
	/* Flips of the coin, each for a slot, until one elects a leader who is committed at once. */
	uint64_t flips[JT_SIM_ROUNDS + 1];
	uint32_t undecided;       /* leader slots that wait at once, at most */
};

/*
 * JT_OK with r filled in, also when it is broken; JT_SYSTEM when memory ran
 * out, JT_USAGE for terms that cannot be.
 */
enum jt_err jt_sim_run(const struct jt_sim_terms *t, struct jt_sim_result *r,
    struct jt_error *e);

/* A mixture of faults that a vote must bear, drawn from the seed. */
void jt_sim_mix(struct jt_sim_terms *t);

#endif
