/* SPDX-License-Identifier: MIT */
/* The names are Unicode's (UnicodeData.txt), in small letters. wcwidth(3) goes by the thread's
 * locale. Where C.UTF-8 is not installed, which is a container without any locale, every character
 * counts as one column. */
#include "base/character.h"

#include <locale.h>
#include <wchar.h>

static const struct character {
	uint32_t first, last;
	bool is_blank; /* it takes room */
	const char *name;
} characters[] = {
	{0x85, 0x85, true, "next line"},
	{0xa0, 0xa0, true, "no-break space"},
	{0xad, 0xad, false, "soft hyphen"},
	{0x61c, 0x61c, false, "arabic letter mark"},
	{0x1680, 0x1680, true, "ogham space mark"},
	{0x2000, 0x200a, true, "a typographic space"},
	{0x200b, 0x200b, false, "zero-width space"},
	{0x200c, 0x200c, false, "zero-width non-joiner"},
	{0x200d, 0x200d, false, "zero-width joiner"},
	{0x200e, 0x200e, false, "left-to-right mark"},
	{0x200f, 0x200f, false, "right-to-left mark"},
	{0x2028, 0x2028, true, "line separator"},
	{0x2029, 0x2029, true, "paragraph separator"},
	{0x202a, 0x202e, false, "a control of the direction of text"},
	{0x202f, 0x202f, true, "narrow no-break space"},
	{0x205f, 0x205f, true, "medium mathematical space"},
	{0x2060, 0x2060, false, "word joiner"},
	{0x2061, 0x2064, false, "an invisible operator"},
	{0x2066, 0x2069, false, "a control of the direction of text"},
	{0x3000, 0x3000, true, "ideographic space"},
	{0xfeff, 0xfeff, false, "zero-width no-break space"},
};

static const struct character *find(uint32_t point)
{
	for (size_t i = 0; i < sizeof(characters) / sizeof(*characters); i++) {
		if (point >= characters[i].first && point <= characters[i].last)
			return &characters[i];
	}
	return NULL;
}

const char *character_name(uint32_t point)
{
	const struct character *found = find(point);

	return found != NULL ? found->name : NULL;
}

bool character_is_blank(uint32_t point)
{
	const struct character *found = find(point);

	return found != NULL && found->is_blank;
}

void character_describe(uint32_t point, struct text *out)
{
	const char *name = character_name(point);

	text_printf(out, "U+%04X", (unsigned)point);
	if (name != NULL)
		text_printf(out, " (%s)", name);
}

/* The columns of the character at the start of `bytes`, and its length. */
static size_t measure(const char *bytes, size_t left, size_t *length)
{
	uint32_t point = 0;
	int width = 1;

	*length = text_decode(bytes, left, &point);
	if (*length > 1)
		width = wcwidth((wchar_t)point);
	if (*length == 0)
		*length = 1;
	return width >= 0 ? (size_t)width : 1;
}

static bool is_ascii(const char *bytes, size_t length)
{
	size_t at = 0;

	while (at < length && (unsigned char)bytes[at] < 0x80)
		at++;
	return at == length;
}

/* Step over what fits into `columns`; `*width` is what that takes. */
static size_t step(const char *bytes, size_t length, size_t columns, size_t *width)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = uselocale(utf8); /* 0 changes nothing */
	size_t at = 0, more;

	*width = 0;
	for (size_t used; at < length; at += used) {
		more = measure(bytes + at, length - at, &used);
		if (*width + more > columns)
			break;
		*width += more;
	}
	(void)uselocale(before);
	if (utf8 != (locale_t)0)
		freelocale(utf8);
	return at;
}

size_t character_width(const char *bytes, size_t length)
{
	size_t width;

	if (is_ascii(bytes, length))
		return length;
	(void)step(bytes, length, SIZE_MAX, &width);
	return width;
}

size_t character_fit(const char *bytes, size_t length, size_t columns)
{
	size_t width;

	if (is_ascii(bytes, length))
		return length < columns ? length : columns;
	return step(bytes, length, columns, &width);
}
