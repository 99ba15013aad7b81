/* SPDX-License-Identifier: MIT */
/* SipHash-2-4 against the vectors of its authors: key 00 01 … 0f, messages of 0 to 63 bytes
 * 00 01 02 …, in one piece and cut anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>

#include "base/siphash.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* vectors.h of the reference implementation, read least significant byte first. */
static const uint64_t vectors[] = {
	UINT64_C(0x726fdb47dd0e0e31), UINT64_C(0x74f839c593dc67fd), UINT64_C(0x0d6c8009d9a94f5a),
	UINT64_C(0x85676696d7fb7e2d), UINT64_C(0xcf2794e0277187b7), UINT64_C(0x18765564cd99a68d),
	UINT64_C(0xcbc9466e58fee3ce), UINT64_C(0xab0200f58b01d137), UINT64_C(0x93f5f5799a932462),
	UINT64_C(0x9e0082df0ba9e4b0), UINT64_C(0x7a5dbbc594ddb9f3), UINT64_C(0xf4b32f46226bada7),
	UINT64_C(0x751e8fbc860ee5fb), UINT64_C(0x14ea5627c0843d90), UINT64_C(0xf723ca908e7af2ee),
	UINT64_C(0xa129ca6149be45e5), UINT64_C(0x3f2acc7f57c29bdb), UINT64_C(0x699ae9f52cbe4794),
	UINT64_C(0x4bc1b3f0968dd39c), UINT64_C(0xbb6dc91da77961bd), UINT64_C(0xbed65cf21aa2ee98),
	UINT64_C(0xd0f2cbb02e3b67c7), UINT64_C(0x93536795e3a33e88), UINT64_C(0xa80c038ccd5ccec8),
	UINT64_C(0xb8ad50c6f649af94), UINT64_C(0xbce192de8a85b8ea), UINT64_C(0x17d835b85bbb15f3),
	UINT64_C(0x2f2e6163076bcfad), UINT64_C(0xde4daaaca71dc9a5), UINT64_C(0xa6a2506687956571),
	UINT64_C(0xad87a3535c49ef28), UINT64_C(0x32d892fad841c342), UINT64_C(0x7127512f72f27cce),
	UINT64_C(0xa7f32346f95978e3), UINT64_C(0x12e0b01abb051238), UINT64_C(0x15e034d40fa197ae),
	UINT64_C(0x314dffbe0815a3b4), UINT64_C(0x027990f029623981), UINT64_C(0xcadcd4e59ef40c4d),
	UINT64_C(0x9abfd8766a33735c), UINT64_C(0x0e3ea96b5304a7d0), UINT64_C(0xad0c42d6fc585992),
	UINT64_C(0x187306c89bc215a9), UINT64_C(0xd4a60abcf3792b95), UINT64_C(0xf935451de4f21df2),
	UINT64_C(0xa9538f0419755787), UINT64_C(0xdb9acddff56ca510), UINT64_C(0xd06c98cd5c0975eb),
	UINT64_C(0xe612a3cb9ecba951), UINT64_C(0xc766e62cfcadaf96), UINT64_C(0xee64435a9752fe72),
	UINT64_C(0xa192d576b245165a), UINT64_C(0x0a8787bf8ecb74b2), UINT64_C(0x81b3e73d20b49b6f),
	UINT64_C(0x7fa8220ba3b2ecea), UINT64_C(0x245731c13ca42499), UINT64_C(0xb78dbfaf3a8d83bd),
	UINT64_C(0xea1ad565322a1a0b), UINT64_C(0x60e61c23a3795013), UINT64_C(0x6606d7e446282b93),
	UINT64_C(0x6ca4ecb15c5f91e1), UINT64_C(0x9f626da15c9625f3), UINT64_C(0xe51b38608ef25f57),
	UINT64_C(0x958a324ceb064572),
};

static void fill(unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (unsigned char)i;
}

static uint64_t digest(const unsigned char *key, const unsigned char *message, size_t length,
                       size_t cut)
{
	struct siphash hash;

	siphash_init(&hash, key);
	siphash_add(&hash, message, cut);
	siphash_add(&hash, message + cut, length - cut);
	return siphash_end(&hash);
}

static void matches_the_reference(void **state)
{
	unsigned char key[SIPHASH_KEY_SIZE], message[COUNT(vectors)];

	(void)state;
	fill(key, sizeof(key));
	fill(message, sizeof(message));
	for (size_t length = 0; length < COUNT(vectors); length++) {
		for (size_t cut = 0; cut <= length; cut++) {
			uint64_t got = digest(key, message, length, cut);

			if (got != vectors[length])
				fail_msg("%zu bytes, cut at %zu: %016" PRIx64, length, cut, got);
		}
	}
}

static void an_int_is_eight_bytes(void **state)
{
	unsigned char key[SIPHASH_KEY_SIZE];
	struct siphash hash;

	(void)state;
	fill(key, sizeof(key));
	siphash_init(&hash, key);
	siphash_add_int(&hash, UINT64_C(0x0706050403020100));
	assert_true(siphash_end(&hash) == vectors[8]);
}

static void every_key_bit_matters(void **state)
{
	unsigned char key[SIPHASH_KEY_SIZE], message[4];

	(void)state;
	fill(key, sizeof(key));
	fill(message, sizeof(message));
	for (unsigned bit = 0; bit < sizeof(key) * 8; bit++) {
		key[bit / 8] ^= (unsigned char)(1u << bit % 8);
		assert_true(digest(key, message, sizeof(message), 0) != vectors[4]);
		key[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
}

/* The same for many words, at once and byte by byte. */
static void a_sum_has_a_key_of_zeros(void **state)
{
	static const unsigned char zeros[SIPHASH_KEY_SIZE];
	unsigned char message[1003];

	(void)state;
	fill(message, sizeof(message));
	assert_true(siphash_of(NULL, 0) == siphash_of(message, 0));
	for (size_t length = 0; length <= sizeof(message); length += 59) {
		struct siphash hash;

		siphash_init(&hash, zeros);
		for (size_t i = 0; i < length; i++)
			siphash_add(&hash, &message[i], 1);
		assert_true(siphash_of(message, length) == siphash_end(&hash));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_the_reference),
		cmocka_unit_test(an_int_is_eight_bytes),
		cmocka_unit_test(every_key_bit_matters),
		cmocka_unit_test(a_sum_has_a_key_of_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
