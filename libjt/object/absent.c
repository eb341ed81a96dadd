/* Schemas: fields by name, and which of them are absent. See schema.h. */
#include "object/asset.h"
#include "object/schema.h"

bool
jt_field_absent(const struct jt_field *f, const void *in)
{
	const uint8_t *at = (const uint8_t *)in + f->offset;
	size_t size;

	switch (f->type) {
	case JT_TEXT:
	case JT_BYTES:
	case JT_OBJECT:
		return ((const struct jt_slice *)(const void *)at)->len == 0;
	case JT_LIST:
		return ((const struct jt_list *)(const void *)at)->count == 0;
	case JT_AMOUNT:
		return ((const struct jt_amount *)(const void *)at)->units == 0;
	case JT_ASSET:
		return ((const struct jt_asset *)(const void *)at)->code[0] == '\0';
	case JT_FIXED:
		size = (size_t)f->max;
		break;
	case JT_ADDRESS:
		size = JT_ACCOUNT;
		break;
	case JT_MAP:
		for (size_t i = 0; i < f->sub->count; i++)
			if (!jt_field_absent(&f->sub->fields[i], at))
				return false;
		return true;
	default:
		return *(const uint64_t *)(const void *)at == 0;
	}
	for (size_t i = 0; i < size; i++)
		if (at[i] != 0)
			return false;
	return true;
}

bool
jt_field_left_out(const struct jt_field *f, const void *in)
{
	return (f->flags & JT_OPTIONAL) && jt_field_absent(f, in);
}

const struct jt_field *
jt_schema_field(const struct jt_schema *s, struct jt_slice name)
{
	for (size_t i = 0; i < s->count; i++)
		if (jt_slice_is(name, s->fields[i].name))
			return &s->fields[i];
	return NULL;
}
