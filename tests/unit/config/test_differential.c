/* SPDX-License-Identifier: MIT */
/* Our grammar beside libconfig's own parser, of 1.5 to 1.8, whichever is here: texts are damaged at
 * random and read by both. Where both take one, they agree on every value; where they differ, it is
 * for a reason on a short list.
 *
 * DIFFERENTIAL_COUNT and DIFFERENTIAL_SEED in the environment choose how many, and which. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "support/differential.h"

#define COUNT      20000
#define EDITS_MAX  4
#define ITEMS(row) (sizeof(row) / sizeof(*(row)))

static const char *const seeds[] = {
	"a = 1; b = \"x\"; c = { d = true; e = ( 1, 2, \"y\" ); };\n",
	"name : \"x\" \"y\" other = 0x1F, last = -12L # end\n",
	"l = ( { id = 1; s = \"a\\\"b\\\\\"; }, { id = 2; f = 1.5e3; } );\n",
	"/* one */ g = { h = { i = 5; } } // two\nj = FALSE; k = ( );\n",
	"id = 42; name = \"Mode: Finance\"; indexing_cron = \"0 6 * * *\";\n",
	"t = 3000000000L; u = .5; v = 5.; x = 2.5e-999; w = ( ( ), { } );\n",
};

static uint64_t state_of_random;

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators"). */
static size_t draw(size_t below)
{
	state_of_random ^= state_of_random >> 12;
	state_of_random ^= state_of_random << 25;
	state_of_random ^= state_of_random >> 27;
	return (size_t)((state_of_random * UINT64_C(2685821657736338717)) >> 33) % below;
}

static void damage(struct text *text)
{
	static const char bytes[] = "\"\"\\;;==::,,{}()#/*.- \n\t019xLaeE_@";
	size_t at = draw(text->length);
	char byte = bytes[draw(sizeof(bytes) - 1)];

	switch (draw(3)) {
	case 0:
		text->bytes[at] = byte;
		break;
	case 1:
		text_add_char(text, '\0');
		memmove(text->bytes + at + 1, text->bytes + at, text->length - at - 1);
		text->bytes[at] = byte;
		break;
	default:
		memmove(text->bytes + at, text->bytes + at + 1, text->length - at - 1);
		text_truncate(text, text->length - 1);
	}
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtoull(value, NULL, 10) : otherwise;
}

static void mutants_are_read_alike(void **state)
{
	uint64_t count = number_of("DIFFERENTIAL_COUNT", COUNT);
	uint64_t seed = number_of("DIFFERENTIAL_SEED", (uint64_t)time(NULL));
	const char *reason;
	int differ = 0;

	(void)state;
	print_message("DIFFERENTIAL_SEED=%" PRIu64 "\n", seed);
	state_of_random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (size_t i = 0; i < ITEMS(seeds); i++)
		assert_true(differential_compare(seeds[i], &reason) &&
		            strcmp(reason, "values") == 0);
	for (uint64_t i = 0; i < count && differ < 10; i++) {
		struct text text = {0};

		text_add(&text, seeds[draw(ITEMS(seeds))]);
		for (size_t edits = 1 + draw(EDITS_MAX); edits > 0; edits--)
			damage(&text);
		text_add_char(&text, '\n'); /* libconfig 1.5 needs one behind a comment */
		differ += !differential_compare(text.bytes, &reason);
		text_clear(&text);
	}
	assert_int_equal(differ, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutants_are_read_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
