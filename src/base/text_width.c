/* SPDX-License-Identifier: MIT */
/* wcwidth(3) goes by the thread's locale. Where C.UTF-8 is not installed, which is a container
 * without any locale, every character counts as one column. */
#include "base/text_width.h"

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

#include "base/text.h"

struct locales {
	locale_t utf8; /* 0: there is none */
	locale_t before;
};

static struct locales enter_utf8(void)
{
	struct locales locales = {.utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0)};

	if (locales.utf8 != (locale_t)0)
		locales.before = uselocale(locales.utf8);
	return locales;
}

static void leave(const struct locales *locales)
{
	if (locales->utf8 == (locale_t)0)
		return;
	(void)uselocale(locales->before);
	freelocale(locales->utf8);
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
	struct locales locales = enter_utf8();
	size_t taken = 0;
	size_t at = 0;

	while (at < length) {
		size_t bytes_of_it;
		size_t more = measure(bytes + at, length - at, &bytes_of_it);

		if (taken + more > columns)
			break;
		taken += more;
		at += bytes_of_it;
	}
	leave(&locales);
	*width = taken;
	return at;
}

size_t text_width(const char *bytes, size_t length)
{
	size_t width;

	if (is_ascii(bytes, length))
		return length;
	(void)step(bytes, length, SIZE_MAX, &width);
	return width;
}

size_t text_width_fit(const char *bytes, size_t length, size_t columns)
{
	size_t width;

	if (is_ascii(bytes, length))
		return length < columns ? length : columns;
	return step(bytes, length, columns, &width);
}
