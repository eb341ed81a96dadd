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
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kind/code.h"
#include "sim/sim.h"
#include "vote/without.h"
#include "programs.h"

enum { LINE = 4096 };

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

void
tables_argument(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++)
		fputs(*text == '"' ? "\"\"" : *text == '\\' ? "\\e" : (char[]){ *text, '\0' },
		    stdout);
	putchar('"');
}

void
tables_sentence(const char *help)
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
	tables_sentence(program_named(name)->purpose);
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
		tables_argument(r->help);
		putchar('\n');
	}
}

/* ---- what jt-sim takes ---- */

static void
put_help(const char *const *words, const char *const *help)
{
	for (; *words != NULL; words++, help++) {
		printf(".It Cm %s\n", *words);
		tables_sentence(*help);
	}
}

static void
put_faults(void)
{
	put_help(jt_fault_words, jt_fault_help);
}

static void
put_without(void)
{
	put_help(jt_without_words, jt_without_help);
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
	{ "faults", NULL, put_faults },
	{ "fields", kinds_fields, NULL },
	{ "kind", kinds_help, NULL },
	{ "kinds", NULL, kinds_list },
	{ "other-kinds", NULL, kinds_others },
	{ "other-words", NULL, kinds_other_words },
	{ "programs", put_program, NULL },
	{ "purpose", put_purpose, NULL },
	{ "without", NULL, put_without },
	{ "words", kinds_words, NULL },
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
