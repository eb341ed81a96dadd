/*
 * Kinds for tests of the views: each type once required and once optional,
 * lists of everything, objects inside objects. The real table of kinds is
 * above this layer, and no real kind uses all of it.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stddef.h>

#include "object/kind.h"
#include "object/signed.h"

#define SAMPLE_TEXT_MAX 400
#define SAMPLE_BYTES_MAX 100

struct sample_pair {
	uint8_t account[JT_ACCOUNT];
	uint64_t weight;
};
struct sample_inner {
	struct jt_slice note;
	uint64_t number;
	struct jt_list parts; /* of struct sample_pair */
};
struct sample_triple { /* a tuple of what has structure of its own */
	struct sample_inner map;
	struct jt_list texts;
	struct jt_slice object;
};
struct sample {
	struct jt_slice must_object;
	struct jt_amount amount, must_amount;
	struct jt_asset asset, must_asset;
	struct jt_slice bytes, must_bytes, text, must_text, object;
	struct jt_list maps, numbers, objects, pairs, sorted, texts, times, triples;
	struct sample_inner map, must_map;
	uint64_t coins, must_coins, time, must_time, uint, must_uint, small;
	uint64_t word, must_word, words, must_words;
	uint8_t address[JT_ACCOUNT], must_address[JT_ACCOUNT], hash[32], must_hash[32];
};

static const char *const sample_word_list[] = { "accepted", "no", "paid", "refused", NULL };

#define SAMPLE_FIELD(type_, name_, kind_, ...) \
	{ .name = #name_, .type = (kind_), .offset = offsetof(type_, name_), \
	    .help = "for tests", __VA_ARGS__ }

static const struct jt_field sample_pair_fields[] = {
	SAMPLE_FIELD(struct sample_pair, account, JT_ADDRESS, .flags = 0),
	SAMPLE_FIELD(struct sample_pair, weight, JT_UINT, .max = 65535),
};
static const struct jt_schema sample_pair_schema =
    JT_SCHEMA(JT_FORM_TUPLE, struct sample_pair, sample_pair_fields);

static const struct jt_field sample_inner_fields[] = {
	SAMPLE_FIELD(struct sample_inner, note, JT_TEXT, .flags = JT_OPTIONAL, .max = 20),
	SAMPLE_FIELD(struct sample_inner, number, JT_UINT, .flags = JT_OPTIONAL),
	SAMPLE_FIELD(struct sample_inner, parts, JT_LIST, .flags = JT_OPTIONAL, .max = 4,
	    .sub = &sample_pair_schema),
};
static const struct jt_schema sample_inner_schema =
    JT_SCHEMA(JT_FORM_MAP, struct sample_inner, sample_inner_fields);

/* Elements that are written bare. */
static const struct jt_field sample_bare_text[] = {
	{ .name = "text", .type = JT_TEXT, .max = SAMPLE_TEXT_MAX, .help = "for tests" } };
static const struct jt_field sample_bare_uint[] = {
	{ .name = "number", .type = JT_UINT, .help = "for tests" } };
static const struct jt_field sample_bare_time[] = {
	{ .name = "time", .type = JT_TIME, .help = "for tests" } };
static const struct jt_field sample_bare_object[] = {
	{ .name = "object", .type = JT_OBJECT, .max = JT_OBJECT_MAX, .help = "for tests" } };
static const struct jt_schema sample_text_schema =
    JT_SCHEMA(JT_FORM_PLAIN, struct jt_slice, sample_bare_text);
static const struct jt_schema sample_uint_schema =
    JT_SCHEMA(JT_FORM_PLAIN, uint64_t, sample_bare_uint);
static const struct jt_schema sample_time_schema =
    JT_SCHEMA(JT_FORM_PLAIN, uint64_t, sample_bare_time);
static const struct jt_schema sample_object_schema =
    JT_SCHEMA(JT_FORM_PLAIN, struct jt_slice, sample_bare_object);

static const struct jt_field sample_triple_fields[] = {
	SAMPLE_FIELD(struct sample_triple, map, JT_MAP, .sub = &sample_inner_schema),
	SAMPLE_FIELD(struct sample_triple, texts, JT_LIST, .max = 3, .sub = &sample_text_schema),
	SAMPLE_FIELD(struct sample_triple, object, JT_OBJECT, .max = JT_OBJECT_MAX),
};
static const struct jt_schema sample_triple_schema =
    JT_SCHEMA(JT_FORM_TUPLE, struct sample_triple, sample_triple_fields);

#define MAY(name_, kind_, ...) \
	SAMPLE_FIELD(struct sample, name_, kind_, .flags = JT_OPTIONAL, __VA_ARGS__)
#define MUST(name_, kind_, ...) SAMPLE_FIELD(struct sample, name_, kind_, .flags = 0, __VA_ARGS__)
#define LIST(name_, max_, sub_) MAY(name_, JT_LIST, .max = (max_), .sub = &(sub_))
static const struct jt_field sample_fields[] = {
	MAY(address, JT_ADDRESS, .max = 0),
	MAY(amount, JT_AMOUNT, .max = 0),
	MAY(asset, JT_ASSET, .max = 0),
	MAY(bytes, JT_BYTES, .max = SAMPLE_BYTES_MAX),
	MAY(coins, JT_COINS, .max = 0),
	MAY(hash, JT_FIXED, .max = 32),
	MAY(map, JT_MAP, .sub = &sample_inner_schema),
	LIST(maps, 5, sample_inner_schema),
	MUST(must_address, JT_ADDRESS, .max = 0),
	MUST(must_amount, JT_AMOUNT, .max = 0),
	MUST(must_asset, JT_ASSET, .max = 0),
	MUST(must_bytes, JT_BYTES, .max = SAMPLE_BYTES_MAX),
	MUST(must_coins, JT_COINS, .max = 0),
	MUST(must_hash, JT_FIXED, .max = 32),
	MUST(must_map, JT_MAP, .sub = &sample_inner_schema),
	MUST(must_object, JT_OBJECT, .max = JT_OBJECT_MAX),
	MUST(must_text, JT_TEXT, .max = SAMPLE_TEXT_MAX),
	MUST(must_time, JT_TIME, .max = 0),
	MUST(must_uint, JT_UINT, .max = 0),
	MUST(must_word, JT_WORD, .words = sample_word_list),
	MUST(must_words, JT_WORDS, .words = sample_word_list),
	LIST(numbers, 1000, sample_uint_schema),
	MAY(object, JT_OBJECT, .max = JT_OBJECT_MAX),
	LIST(objects, 3, sample_object_schema),
	LIST(pairs, 5, sample_pair_schema),
	MAY(small, JT_UINT, .max = 64),
	SAMPLE_FIELD(struct sample, sorted, JT_LIST, .flags = JT_OPTIONAL | JT_SORTED, .max = 5,
	    .sub = &sample_pair_schema),
	MAY(text, JT_TEXT, .max = JT_OBJECT_MAX),
	LIST(texts, 5, sample_text_schema),
	MAY(time, JT_TIME, .max = 0),
	LIST(times, 3, sample_time_schema),
	LIST(triples, 3, sample_triple_schema),
	MAY(uint, JT_UINT, .max = 0),
	MAY(word, JT_WORD, .words = sample_word_list),
	MAY(words, JT_WORDS, .words = sample_word_list),
};
static const struct jt_schema sample_schema =
    JT_SCHEMA(JT_FORM_MAP, struct sample, sample_fields);

/* A small one, as transactions are. */
struct sample_pay {
	struct jt_amount amount;
	struct jt_slice memo;
	uint64_t seq;
	struct jt_list signers;
	uint8_t to[JT_ACCOUNT];
};
static const struct jt_field sample_pay_fields[] = {
	SAMPLE_FIELD(struct sample_pay, amount, JT_AMOUNT, .max = 0),
	SAMPLE_FIELD(struct sample_pay, memo, JT_TEXT, .flags = JT_OPTIONAL,
	    .max = SAMPLE_TEXT_MAX),
	SAMPLE_FIELD(struct sample_pay, seq, JT_UINT, .max = 1000),
	SAMPLE_FIELD(struct sample_pay, signers, JT_LIST, .flags = JT_OPTIONAL | JT_SORTED,
	    .max = 5, .sub = &sample_pair_schema),
	SAMPLE_FIELD(struct sample_pay, to, JT_ADDRESS, .max = 0),
};
static const struct jt_schema sample_pay_schema =
    JT_SCHEMA(JT_FORM_MAP, struct sample_pay, sample_pay_fields);

struct sample_key {
	struct jt_slice name, seed;
	uint8_t salt[16];
};
static const struct jt_field sample_key_fields[] = {
	SAMPLE_FIELD(struct sample_key, name, JT_TEXT, .max = 20),
	SAMPLE_FIELD(struct sample_key, salt, JT_FIXED, .max = 16),
	SAMPLE_FIELD(struct sample_key, seed, JT_BYTES, .max = 64),
};
static const struct jt_schema sample_key_schema =
    JT_SCHEMA(JT_FORM_MAP, struct sample_key, sample_key_fields);

#define KIND(name_, flags_, schema_) \
	{ .name = (name_), .version = 1, .flags = (flags_), .schema = &(schema_), .help = "for tests" }
static const struct jt_kind sample_all = KIND("all", JT_KIND_SIGNED, sample_schema);
static const struct jt_kind sample_at = KIND("at", JT_KIND_NAMELESS, sample_inner_schema);
static const struct jt_kind sample_bare = KIND("bare", 0, sample_inner_schema);
static const struct jt_kind sample_key = KIND("key", JT_KIND_SECRET, sample_key_schema);
static const struct jt_kind sample_pay =
    KIND("pay", JT_KIND_SIGNED | JT_KIND_TRANSACTION, sample_pay_schema);
static const struct jt_kind *const sample_rows[] = { &sample_all, &sample_at, &sample_bare,
	&sample_key, &sample_pay };
static const struct jt_kinds sample_kinds = { sample_rows, 5 };

#endif
