/* Text to a tree of words, by libyaml's events. See tree.h. */
#include "object/tree.h"

#include <string.h>
#include <yaml.h>

#include "object/scalar.h"

struct builder {
	yaml_parser_t parser;
	struct jt_slice text;
	bool json;
	uint64_t first; /* line of the file at which the text begins */
	uint64_t *line; /* where the error is */
	uint32_t nodes;
	msgpack_zone *zone;
	struct jt_error *e;
};

static enum jt_err
bad(struct builder *b, size_t line, const char *what)
{
	*b->line = b->first + line;
	return jt_fail(b->e, JT_MALFORMED, "%s", what);
}

/* What libyaml says: without a mark of its own when the bytes are no text. */
static enum jt_err
parser_error(struct builder *b)
{
	const yaml_parser_t *p = &b->parser;
	const uint8_t *at = b->text.data, *end = at + p->problem_offset;
	size_t line = 0;

	if (p->error == YAML_MEMORY_ERROR)
		return jt_fail(b->e, JT_SYSTEM, "out of memory");
	if (p->error != YAML_READER_ERROR)
		return bad(b, p->problem_mark.line, p->problem);
	while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		at++;
		line++;
	}
	return bad(b, line, p->problem);
}

static enum jt_err
next_event(struct builder *b, yaml_event_t *event)
{
	return yaml_parser_parse(&b->parser, event) ? JT_OK : parser_error(b);
}

static enum jt_err
add_node(struct builder *b, const yaml_event_t *event, enum jt_node_type type,
    struct jt_node **out)
{
	struct jt_node *n;

	if (b->nodes++ == JT_TREE_NODES)
		return bad(b, event->start_mark.line, "more words than an object can hold");
	if ((n = msgpack_zone_malloc(b->zone, sizeof *n)) == NULL)
		return jt_fail(b->e, JT_SYSTEM, "out of memory");
	*n = (struct jt_node){ .type = type, .line = b->first + event->start_mark.line };
	*out = n;
	return JT_OK;
}

/*
 * In JSON a word without quotes is a number; true, false and null stand for
 * nothing that an object can hold, and -1 and 1e3 are no numbers of ours.
 */
static bool
is_json_number(struct jt_slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!(text.data[i] >= '0' && text.data[i] <= '9') &&
		    (text.data[i] != '.' || i == 0))
			return false;
	return text.len > 0;
}

static enum jt_err
take_scalar(struct builder *b, const yaml_event_t *event, struct jt_node **out)
{
	const yaml_char_t *value = event->data.scalar.value;
	size_t len = event->data.scalar.length;
	enum jt_err err = add_node(b, event, JT_NODE_SCALAR, out);
	uint8_t *text;

	if (err != JT_OK)
		return err;
	if ((text = msgpack_zone_malloc_no_align(b->zone, len + 1)) == NULL)
		return jt_fail(b->e, JT_SYSTEM, "out of memory");
	memcpy(text, value, len);
	(*out)->text = (struct jt_slice){ text, len };
	if (!b->json || event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return JT_OK;
	(*out)->bare = true;
	if (is_json_number((*out)->text))
		return JT_OK;
	*b->line = (*out)->line;
	return len == 0 ? jt_fail(b->e, JT_MALFORMED, "a value is missing") :
	    jt_expected(b->e, "a string in quotes or a number", (*out)->text);
}

static enum jt_err take_node(struct builder *b, yaml_event_t *event, unsigned depth,
    struct jt_node **out);

/* The children up to the end of a list or map, as a chain. */
static enum jt_err
take_children(struct builder *b, yaml_event_type_t end, unsigned depth, struct jt_node *parent)
{
	struct jt_node **tail = &parent->child;

	for (;;) {
		yaml_event_t event;
		enum jt_err err = next_event(b, &event);
		bool last, key = parent->type == JT_NODE_MAP && parent->count % 2 == 0;
		size_t line;

		if (err != JT_OK)
			return err;
		last = event.type == end;
		line = event.start_mark.line;
		if (!last)
			err = take_node(b, &event, depth, tail);
		yaml_event_delete(&event);
		if (last || err != JT_OK)
			return err;
		if (key && (*tail)->type != JT_NODE_SCALAR)
			return bad(b, line, "expected the name of a field, not a list or map");
		tail = &(*tail)->next;
		parent->count++;
	}
}

/* The node that begins with this event; its children by further events. */
static enum jt_err
take_node(struct builder *b, yaml_event_t *event, unsigned depth, struct jt_node **out)
{
	const yaml_char_t *anchor, *tag;
	enum jt_err err;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	case YAML_ALIAS_EVENT:
		return bad(b, event->start_mark.line, "aliases are not taken");
	default:
		return bad(b, event->start_mark.line, "expected a word, a list or a map");
	}
	if (anchor != NULL)
		return bad(b, event->start_mark.line, "anchors are not taken");
	if (tag != NULL)
		return bad(b, event->start_mark.line, "tags are not taken");
	if (event->type == YAML_SCALAR_EVENT)
		return take_scalar(b, event, out);
	if (depth == 0)
		return bad(b, event->start_mark.line, "nested too deep");
	if (event->type == YAML_SEQUENCE_START_EVENT) {
		err = add_node(b, event, JT_NODE_LIST, out);
		return err != JT_OK ? err :
		    take_children(b, YAML_SEQUENCE_END_EVENT, depth - 1, *out);
	}
	err = add_node(b, event, JT_NODE_MAP, out);
	return err != JT_OK ? err : take_children(b, YAML_MAPPING_END_EVENT, depth - 1, *out);
}

/* One event that is structure, not content. */
static enum jt_err
take_event(struct builder *b, yaml_event_type_t type, const char *otherwise)
{
	yaml_event_t event;
	enum jt_err err = next_event(b, &event);

	if (err != JT_OK)
		return err;
	if (event.type != type)
		err = bad(b, event.start_mark.line, otherwise);
	else if (type == YAML_DOCUMENT_START_EVENT && event.data.document_start.tag_directives.start !=
	    event.data.document_start.tag_directives.end)
		err = bad(b, event.start_mark.line, "%TAG is not taken");
	yaml_event_delete(&event);
	return err;
}

static enum jt_err
take_document(struct builder *b, struct jt_node **root)
{
	yaml_event_t event;
	enum jt_err err;

	if ((err = take_event(b, YAML_STREAM_START_EVENT, "no text")) != JT_OK ||
	    (err = take_event(b, YAML_DOCUMENT_START_EVENT, "no document")) != JT_OK ||
	    (err = next_event(b, &event)) != JT_OK)
		return err;
	err = take_node(b, &event, JT_TREE_DEPTH, root);
	yaml_event_delete(&event);
	if (err == JT_OK)
		err = take_event(b, YAML_DOCUMENT_END_EVENT, "expected the end of the document");
	if (err == JT_OK)
		err = take_event(b, YAML_STREAM_END_EVENT, "expected the end of the document");
	return err;
}

enum jt_err
jt_tree_read(struct jt_slice text, bool json, uint64_t *line, msgpack_zone *zone,
    struct jt_node **root, struct jt_error *e)
{
	struct builder b = { .text = text, .json = json, .first = *line, .line = line,
		.zone = zone, .e = e };
	enum jt_err err;

	if (!yaml_parser_initialize(&b.parser))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&b.parser, text.data, text.len);
	err = take_document(&b, root);
	yaml_parser_delete(&b.parser);
	return err;
}
