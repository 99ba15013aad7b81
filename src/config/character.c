/* SPDX-License-Identifier: MIT */
/* The names are Unicode's (UnicodeData.txt), in small letters. */
#include "config/character.h"

#include <stddef.h>

static const struct {
	uint32_t first, last;
	const char *name;
} characters[] = {
	{0x85, 0x85, "next line"},
	{0xa0, 0xa0, "no-break space"},
	{0xad, 0xad, "soft hyphen"},
	{0x61c, 0x61c, "arabic letter mark"},
	{0x1680, 0x1680, "ogham space mark"},
	{0x2000, 0x200a, "a typographic space"},
	{0x200b, 0x200b, "zero-width space"},
	{0x200c, 0x200c, "zero-width non-joiner"},
	{0x200d, 0x200d, "zero-width joiner"},
	{0x200e, 0x200e, "left-to-right mark"},
	{0x200f, 0x200f, "right-to-left mark"},
	{0x2028, 0x2028, "line separator"},
	{0x2029, 0x2029, "paragraph separator"},
	{0x202a, 0x202e, "a control of the direction of text"},
	{0x202f, 0x202f, "narrow no-break space"},
	{0x205f, 0x205f, "medium mathematical space"},
	{0x2060, 0x2060, "word joiner"},
	{0x2061, 0x2064, "an invisible operator"},
	{0x2066, 0x2069, "a control of the direction of text"},
	{0x3000, 0x3000, "ideographic space"},
	{0xfeff, 0xfeff, "zero-width no-break space"},
};

static const char *name_of(uint32_t point)
{
	for (size_t i = 0; i < sizeof(characters) / sizeof(*characters); i++) {
		if (point >= characters[i].first && point <= characters[i].last)
			return characters[i].name;
	}
	return NULL;
}

bool character_is_invisible(uint32_t point)
{
	return name_of(point) != NULL;
}

void character_describe(uint32_t point, struct text *out)
{
	const char *name = name_of(point);

	text_printf(out, "U+%04X", (unsigned)point);
	if (name != NULL)
		text_printf(out, " (%s)", name);
}
