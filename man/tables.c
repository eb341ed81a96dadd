/*
 * Tables of the manual, from the tables of the code: not installed.
 *
 *	tables PAGE
 *
 * prints the page with each of its fragments made anew. A fragment stands
 * between the lines
 *
 *	.\" table: NAME ARGUMENT...
 *	.\" end
 *
 * `make man-tables' puts the output in the page's place; a test compares.
 */
#include "tables.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all/kinds.h"
#include "kind/tx.h"
#include "programs.h"

enum {
	LINE = 4096,
	WORDS = 64 /* of a fragment's line */
};

void
tables_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("tables: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(JT_BUG);
}

/* ---- mdoc ---- */

void
tables_literal(const char *text)
{
	if (text[0] == '.' || text[0] == '\'')
		fputs("\\&", stdout);
	for (; *text != '\0'; text++)
		fputs(*text == '\\' ? "\\e" : (char[]){ *text, '\0' }, stdout);
	putchar('\n');
}

/* One argument of a macro, never taken for a macro itself. */
static void
put_argument(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++)
		fputs(*text == '"' ? "\"\"" : *text == '\\' ? "\\e" : (char[]){ *text, '\0' },
		    stdout);
	putchar('"');
}

/* A line of help as a sentence of its own. */
static void
put_sentence(const char *help)
{
	char first[] = { (char)toupper((unsigned char)help[0]), '\0' };

	printf("%s%s%s.\n", help[0] == '.' ? "\\&" : "", first, help + 1);
}

/* ---- programs ---- */

static const struct cmd_row *
program_named(const char *name)
{
	for (const struct cmd_row *r = cmd_programs; r->name != NULL; r++)
		if (strcmp(r->name, name) == 0)
			return r;
	tables_die("no program %s", name);
}

static void
put_purpose(const char *name)
{
	printf(".Nd %s\n", program_named(name)->purpose);
}

static void
put_program(const char *name)
{
	printf(".It Xr %s 1\n", name);
	put_sentence(program_named(name)->purpose);
}

/* ---- kinds ---- */

static void
put_kinds(void)
{
	puts(".It Sy Kind Ta Sy Is Ta Sy What it says");
	for (size_t i = 0; i < jt_all_kinds.count; i++) {
		const struct jt_kind *k = jt_all_kinds.rows[i];
		printf(".It Cm jt/%s Ta \"%s\" Ta ", k->name,
		    k->flags & JT_KIND_TRANSACTION ? "transaction" :
		    k->flags & JT_KIND_SIGNED ? "signed" :
		    k->flags & JT_KIND_SECRET ? "secret" :
		    k->flags & JT_KIND_NAMELESS ? "no id" : "unsigned");
		put_argument(k->help);
		putchar('\n');
	}
}

static const char *
type_text(const struct jt_field *f)
{
	static const char *const names[] = {
		[JT_UINT] = "number", [JT_TIME] = "time", [JT_COINS] = "SWT",
		[JT_AMOUNT] = "amount", [JT_ASSET] = "asset", [JT_TEXT] = "text",
		[JT_BYTES] = "bytes", [JT_FIXED] = "", [JT_ADDRESS] = "account",
		[JT_WORD] = "word", [JT_WORDS] = "words", [JT_OBJECT] = "object",
		[JT_MAP] = "map", [JT_LIST] = "list"
	};
	static char text[32];

	if (f->type != JT_FIXED)
		return names[f->type];
	snprintf(text, sizeof text, "%" PRIu64 " bytes", f->max);
	return text;
}

/* The help, and what it does not say yet: form, order, bounds, words. */
static void
put_meaning(const struct jt_field *f)
{
	bool bounded = f->type == JT_UINT || f->type == JT_LIST;
	bool sized = f->type == JT_TEXT || f->type == JT_BYTES || f->type == JT_OBJECT;
	struct jt_buf b = { .max = LINE };

	jt_buf_add_text(&b, f->help);
	if (f->type == JT_LIST && f->sub->form == JT_FORM_TUPLE && strchr(f->help, '[') == NULL) {
		for (size_t i = 0; i < f->sub->count; i++)
			jt_buf_addf(&b, "%s%s", i > 0 ? ", " : "; each is [",
			    f->sub->fields[i].name);
		jt_buf_add_text(&b, "]");
	}
	if (f->type == JT_LIST && f->sub->form == JT_FORM_PLAIN)
		jt_buf_addf(&b, "; elements: %s", type_text(&f->sub->fields[0]));
	if ((f->flags & JT_SORTED) && strstr(f->help, "ascending") == NULL)
		jt_buf_add_text(&b, "; ascending");
	if (f->max != 0 && f->max != JT_OBJECT_MAX && (bounded || sized))
		jt_buf_addf(&b, "; at most %" PRIu64 "%s", f->max, sized ? " bytes" : "");
	if (f->words == jt_code_words)
		jt_buf_add_text(&b, ", of jt-ledger(5)");
	else if (f->words != NULL && strstr(f->help, f->words[0]) == NULL)
		for (size_t i = 0; f->words[i] != NULL; i++)
			jt_buf_addf(&b, "%s%s", i > 0 ? ", " : f->type == JT_WORD ? "; one of " :
			    "; any of ", f->words[i]);
	jt_buf_add(&b, "", 1);
	if (b.failed)
		tables_die("%s: too much to say", f->name);
	put_argument((const char *)b.data);
	putchar('\n');
	jt_buf_free(&b);
}

/* A row for each field; behind a map's ".name", behind a list's "[].name". */
static void
put_fields(const struct jt_schema *s, const char *before, size_t from)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];

		if (f->offset < from)
			continue;
		printf(".It Cm %s%s Ta \"%s\" Ta \"%s\" Ta ", before, f->name, type_text(f),
		    f->flags & JT_OPTIONAL ? "opt" : "");
		put_meaning(f);
		if (f->sub != NULL && f->sub->form != JT_FORM_PLAIN)
			put_fields(f->sub, f->type == JT_LIST ? "[]." : ".", 0);
	}
}

static const struct jt_kind *
kind_named(const char *name)
{
	const struct jt_kind *k = jt_kind_named(&jt_all_kinds, jt_slice_text(name));

	if (k == NULL)
		tables_die("no kind jt/%s", name);
	return k;
}

/* A field that all transactions have: its place is in the struct they begin with. */
static bool
is_common(const struct jt_field *f)
{
	return f->offset < sizeof(struct jt_tx);
}

/* The common fields, from the table of the first transaction. */
static const struct jt_schema *
common_fields(void)
{
	static struct jt_field rows[WORDS];
	static struct jt_schema s = { .form = JT_FORM_MAP, .fields = rows };
	const struct jt_schema *first = NULL;

	for (size_t i = 0; first == NULL; i++)
		if (jt_all_kinds.rows[i]->flags & JT_KIND_TRANSACTION)
			first = jt_all_kinds.rows[i]->schema;
	s.count = 0;
	for (size_t i = 0; i < first->count; i++)
		if (is_common(&first->fields[i]))
			rows[s.count++] = first->fields[i];
	return &s;
}

static void
put_field_table(const char *name)
{
	puts(".It Sy Field Ta Sy Type Ta Ta Sy Meaning");
	if (strcmp(name, "transaction") == 0)
		put_fields(common_fields(), "", 0);
	else if (kind_named(name)->flags & JT_KIND_TRANSACTION)
		put_fields(kind_named(name)->schema, "", sizeof(struct jt_tx));
	else
		put_fields(kind_named(name)->schema, "", 0);
}

/* ---- the words of a command line ---- */

static const char *
word_for(const struct jt_field *f)
{
	static const char *const names[] = {
		[JT_UINT] = "NUMBER", [JT_TIME] = "TIME", [JT_COINS] = "SWT",
		[JT_AMOUNT] = "AMOUNT", [JT_ASSET] = "ASSET", [JT_TEXT] = "TEXT",
		[JT_BYTES] = "HEX", [JT_FIXED] = "HEX", [JT_ADDRESS] = "ACCOUNT",
		[JT_WORD] = "WORD", [JT_WORDS] = "WORD,...", [JT_OBJECT] = "", [JT_MAP] = "",
		[JT_LIST] = ""
	};

	return names[f->type];
}

static void
put_word(const struct jt_field *f)
{
	printf(".It Cm %s= Ns Ar ", f->name);
	if (f->type != JT_LIST)
		printf("%s", word_for(f));
	for (size_t i = 0; f->type == JT_LIST && i < f->sub->count; i++)
		printf("%s%s%s", i > 0 ? ":" : "", word_for(&f->sub->fields[i]),
		    i + 1 == f->sub->count ? ",..." : "");
	putchar('\n');
	put_sentence(f->help);
}

static void
put_words(const char *name)
{
	bool all = strcmp(name, "transaction") == 0;
	const struct jt_schema *s = all ? common_fields() : kind_named(name)->schema;

	for (size_t i = 0; i < s->count; i++)
		if (all || !is_common(&s->fields[i]))
			put_word(&s->fields[i]);
}

static void
put_kind_help(const char *name)
{
	put_sentence(kind_named(name)->help);
}

/* ---- result codes ---- */

static void
put_codes(const char *outcome)
{
	puts(".It Sy Code Ta Sy Number Ta Sy Meaning");
	for (size_t i = 0; i < JT_CODES; i++) {
		const struct jt_code_row *r = &jt_code_rows[i];
		if (strcmp(jt_outcome_words[r->outcome], outcome) != 0)
			continue;
		printf(".It Cm %s Ta \"%zu\" Ta ", r->name, i);
		put_argument(r->help);
		putchar('\n');
	}
}

/* ---- pages ---- */

static void
no_argument(const char *none, void (*put)(void))
{
	if (none != NULL)
		tables_die("%s: not expected", none);
	put();
}

/* With an argument: once for each. */
static const struct {
	const char *name;
	void (*each)(const char *argument);
	void (*alone)(void);
} fragments[] = {
	{ "codes", put_codes, NULL },
	{ "dump", NULL, dump_bytes },
	{ "dump-id", NULL, dump_id },
	{ "dump-view", dump_view, NULL },
	{ "fields", put_field_table, NULL },
	{ "kind", put_kind_help, NULL },
	{ "kinds", NULL, put_kinds },
	{ "programs", put_program, NULL },
	{ "purpose", put_purpose, NULL },
	{ "words", put_words, NULL },
};

static void
put_fragment(char *line)
{
	char *name = strtok(line, " "), *argument;

	for (size_t i = 0; i < sizeof fragments / sizeof fragments[0]; i++) {
		if (name == NULL || strcmp(fragments[i].name, name) != 0)
			continue;
		argument = strtok(NULL, " ");
		if (fragments[i].alone != NULL) {
			no_argument(argument, fragments[i].alone);
			return;
		}
		for (; argument != NULL; argument = strtok(NULL, " "))
			fragments[i].each(argument);
		return;
	}
	tables_die("no table \"%s\"", name != NULL ? name : "");
}

int
main(int argc, char **argv)
{
	static const char begin[] = ".\\\" table: ", end[] = ".\\\" end\n";
	char line[LINE];
	bool skip = false;
	FILE *page;

	if (argc != 2 || (page = fopen(argv[1], "r")) == NULL)
		tables_die("usage: tables PAGE");
	while (fgets(line, sizeof line, page) != NULL) {
		skip = skip && strcmp(line, end) != 0;
		if (skip)
			continue;
		fputs(line, stdout);
		if (strncmp(line, begin, sizeof begin - 1) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		put_fragment(line + sizeof begin - 1);
		skip = true;
	}
	if (skip)
		tables_die("%s: a table without its end", argv[1]);
	if (ferror(page) || fclose(page) != 0 || fflush(stdout) != 0)
		tables_die("%s: cannot be copied", argv[1]);
	return 0;
}
