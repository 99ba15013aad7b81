/* SPDX-License-Identifier: MIT */
/* The rules are those of libconfig's scanner (lib/scanner.l, 1.5 to 1.8), as one table of bytes and
 * a function for each first byte that needs more than one. What the versions disagree about is
 * taken in the narrow sense: a binary or octal number of 1.8 is here a 0 and a name, so that a file
 * means the same wherever it is read. What libconfig would swallow in silence, a comment or a
 * string without an end, is a word of its own kind and never blank. */
#include "config/lexer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLANK = 1,  /* passed over */
	NAME = 2,   /* begins a name */
	MORE = 4,   /* goes on with one */
	DIGIT = 8,  /* 0-9 */
	SIGN = 16,  /* + - */
	PUNCT = 32, /* a word by itself */
	OTHER = 64, /* begins something: a string, a comment, a fraction */
};

#define LETTER (NAME | MORE)
#define FIGURE (DIGIT | MORE)

static const unsigned char class[256] = {
	[' '] = BLANK,  ['\t'] = BLANK, ['\n'] = BLANK, ['\r'] = BLANK, ['\f'] = BLANK,
	['A'] = LETTER, ['B'] = LETTER, ['C'] = LETTER, ['D'] = LETTER, ['E'] = LETTER,
	['F'] = LETTER, ['G'] = LETTER, ['H'] = LETTER, ['I'] = LETTER, ['J'] = LETTER,
	['K'] = LETTER, ['L'] = LETTER, ['M'] = LETTER, ['N'] = LETTER, ['O'] = LETTER,
	['P'] = LETTER, ['Q'] = LETTER, ['R'] = LETTER, ['S'] = LETTER, ['T'] = LETTER,
	['U'] = LETTER, ['V'] = LETTER, ['W'] = LETTER, ['X'] = LETTER, ['Y'] = LETTER,
	['Z'] = LETTER, ['a'] = LETTER, ['b'] = LETTER, ['c'] = LETTER, ['d'] = LETTER,
	['e'] = LETTER, ['f'] = LETTER, ['g'] = LETTER, ['h'] = LETTER, ['i'] = LETTER,
	['j'] = LETTER, ['k'] = LETTER, ['l'] = LETTER, ['m'] = LETTER, ['n'] = LETTER,
	['o'] = LETTER, ['p'] = LETTER, ['q'] = LETTER, ['r'] = LETTER, ['s'] = LETTER,
	['t'] = LETTER, ['u'] = LETTER, ['v'] = LETTER, ['w'] = LETTER, ['x'] = LETTER,
	['y'] = LETTER, ['z'] = LETTER, ['*'] = LETTER, ['_'] = MORE,   ['0'] = FIGURE,
	['1'] = FIGURE, ['2'] = FIGURE, ['3'] = FIGURE, ['4'] = FIGURE, ['5'] = FIGURE,
	['6'] = FIGURE, ['7'] = FIGURE, ['8'] = FIGURE, ['9'] = FIGURE, ['-'] = SIGN | MORE,
	['+'] = SIGN,   ['='] = PUNCT,  [':'] = PUNCT,  [';'] = PUNCT,  [','] = PUNCT,
	['{'] = PUNCT,  ['}'] = PUNCT,  ['('] = PUNCT,  [')'] = PUNCT,  ['['] = PUNCT,
	[']'] = PUNCT,  ['"'] = OTHER,  ['#'] = OTHER,  ['/'] = OTHER,  ['.'] = OTHER,
	['@'] = OTHER,
};

static bool is(char byte, int classes)
{
	return (class[(unsigned char)byte] & classes) != 0;
}

static const char *skip(const char *at, const char *end, int classes)
{
	while (at < end && is(*at, classes))
		at++;
	return at;
}

static bool has(const char *at, const char *end, char byte)
{
	return at < end && *at == byte;
}

static struct lexer_token take(struct lexer *lexer, enum lexer_kind kind, const char *start,
                               const char *stop)
{
	lexer->at = stop;
	return (struct lexer_token){.kind = kind, .start = start, .length = (size_t)(stop - start)};
}

void lexer_init(struct lexer *lexer, const char *text, size_t length)
{
	*lexer = (struct lexer){.at = text, .end = text + length, .begin = text};
}

static const char *skip_line(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline != NULL ? newline : end;
}

/* The end of a comment at `at`; NULL if there is none to be found, `at` if it is no comment. In
 * "https://host" without quotes it is none, so that the rest of the line is not lost. */
static const char *skip_comment(const char *begin, const char *at, const char *end)
{
	const char *close;

	if (*at == '#' || (*at == '/' && has(at + 1, end, '/') && !(at > begin && at[-1] == ':')))
		return skip_line(at, end);
	if (*at != '/' || !has(at + 1, end, '*'))
		return at;
	close = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
	return close != NULL ? close + 2 : NULL;
}

/* The end of the literal that opens at `at`, past its quote; NULL if it has none before `end`. */
static const char *skip_string(const char *at, const char *end)
{
	for (at++; at < end; at++) {
		if (*at == '"')
			return at + 1;
		if (*at == '\\' && at + 1 < end)
			at++;
	}
	return NULL;
}

static struct lexer_token next_string(struct lexer *lexer, const char *start)
{
	const char *stop = skip_string(start, lexer->end);

	return stop != NULL ? take(lexer, LEXER_STRING, start, stop)
	                    : take(lexer, LEXER_OPEN_STRING, start, lexer->end);
}

static bool is_boolean(const char *start, size_t length)
{
	return (length == 4 && strncasecmp(start, "true", 4) == 0) ||
	       (length == 5 && strncasecmp(start, "false", 5) == 0);
}

static struct lexer_token next_name(struct lexer *lexer, const char *start)
{
	const char *stop = skip(start, lexer->end, MORE);
	bool boolean = is_boolean(start, (size_t)(stop - start));

	return take(lexer, boolean ? LEXER_BOOLEAN : LEXER_NAME, start, stop);
}

/* Past "e+10", or where it was if that is not what stands there. */
static const char *skip_exponent(const char *at, const char *end)
{
	const char *digits = at;

	if (!has(at, end, 'e') && !has(at, end, 'E'))
		return at;
	digits++;
	if (digits < end && is(*digits, SIGN))
		digits++;
	return digits < end && is(*digits, DIGIT) ? skip(digits, end, DIGIT) : at;
}

static const char *skip_suffix(const char *at, const char *end)
{
	if (has(at, end, 'L'))
		at++;
	return has(at, end, 'L') && at[-1] == 'L' ? at + 1 : at;
}

static int hex_digit(char byte)
{
	if (is(byte, DIGIT))
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* Past the digits of "0x…", or NULL if it is no such number. */
static const char *skip_hex(const char *at, const char *end)
{
	const char *digits = at + 2;

	if (!has(at, end, '0') || (!has(at + 1, end, 'x') && !has(at + 1, end, 'X')))
		return NULL;
	while (digits < end && hex_digit(*digits) >= 0)
		digits++;
	return digits > at + 2 ? digits : NULL;
}

/* A number, or a stray sign. A lone '.' is a number to libconfig, and 0; it is stray to us. */
static struct lexer_token next_number(struct lexer *lexer, const char *start)
{
	const char *whole = is(*start, SIGN) ? start + 1 : start;
	const char *stop = skip_hex(start, lexer->end);
	const char *mantissa;
	bool digits;

	if (stop != NULL)
		return take(lexer, LEXER_INTEGER, start, skip_suffix(stop, lexer->end));
	mantissa = skip(whole, lexer->end, DIGIT);
	digits = mantissa > whole;
	stop = mantissa;
	if (has(stop, lexer->end, '.')) {
		stop = skip(stop + 1, lexer->end, DIGIT);
		digits = digits || stop > mantissa + 1;
	}
	if (!digits)
		return take(lexer, LEXER_STRAY, start, stop > start ? stop : start + 1);
	if (skip_exponent(stop, lexer->end) > stop || stop > mantissa)
		return take(lexer, LEXER_FLOAT, start, skip_exponent(stop, lexer->end));
	return take(lexer, LEXER_INTEGER, start, skip_suffix(stop, lexer->end));
}

static struct lexer_token next_replaced(struct lexer *lexer, const char *start)
{
	const char *stop = start;

	while (has(stop, lexer->end, LEXER_REPLACED_BYTE))
		stop++;
	return take(lexer, LEXER_REPLACED, start, stop);
}

static struct lexer_token next_stray(struct lexer *lexer, const char *start)
{
	const char *stop = start + 1;

	while (stop < lexer->end && !is(*stop, ~MORE) && *stop != LEXER_REPLACED_BYTE)
		stop++;
	return take(lexer, LEXER_STRAY, start, stop);
}

bool lexer_begins_line(const char *begin, const char *at)
{
	while (at > begin && (at[-1] == ' ' || at[-1] == '\t'))
		at--;
	return at == begin || at[-1] == '\n';
}

/* `@include "path"` from the start of its line on; the path ends on that line. */
static struct lexer_token next_include(struct lexer *lexer, const char *start)
{
	static const char word[] = "@include";
	const char *quote, *stop;

	if (!lexer_begins_line(lexer->begin, start) ||
	    (size_t)(lexer->end - start) < sizeof(word) ||
	    memcmp(start, word, sizeof(word) - 1) != 0)
		return next_stray(lexer, start);
	quote = start + sizeof(word) - 1;
	while (quote < lexer->end && (*quote == ' ' || *quote == '\t'))
		quote++;
	if (quote == start + sizeof(word) - 1 || !has(quote, lexer->end, '"'))
		return next_stray(lexer, start);
	stop = skip_string(quote, skip_line(quote, lexer->end));
	return stop != NULL ? take(lexer, LEXER_INCLUDE, quote, stop) : next_stray(lexer, start);
}

struct lexer_token lexer_next(struct lexer *lexer)
{
	const char *at = lexer->at;
	const char *past;

	for (;;) {
		at = skip(at, lexer->end, BLANK);
		if (at == lexer->end)
			return take(lexer, LEXER_END, at, at);
		if (*at != '#' && *at != '/')
			break;
		past = skip_comment(lexer->begin, at, lexer->end);
		if (past == NULL)
			return take(lexer, LEXER_OPEN_COMMENT, at, lexer->end);
		if (past == at)
			break;
		if (lexer->keeps_comments)
			return take(lexer, LEXER_COMMENT, at, past);
		at = past;
	}
	if (*at == '"')
		return next_string(lexer, at);
	if (is(*at, PUNCT))
		return take(lexer, LEXER_PUNCTUATION, at, at + 1);
	if (is(*at, NAME))
		return next_name(lexer, at);
	if (is(*at, DIGIT | SIGN) || *at == '.')
		return next_number(lexer, at);
	if (*at == '@')
		return next_include(lexer, at);
	if (*at == LEXER_REPLACED_BYTE)
		return next_replaced(lexer, at);
	return next_stray(lexer, at);
}

bool lexer_precedes_equals(struct lexer lexer)
{
	struct lexer_token token = lexer_next(&lexer);

	return token.kind == LEXER_PUNCTUATION &&
	       (*token.start == '=' || (*token.start == ':' && token.start[1] != '/'));
}

/* Undo one escape; the bytes it took, 0 if there is no such escape. Those that only libconfig 1.8
 * knows (\a \b \v) are a backslash and a letter to 1.5, which no operator can have meant. */
static size_t unescape(const char *at, const char *end, char *byte)
{
	static const char letters[] = "nrtf\\\"";
	static const char bytes[] = "\n\r\t\f\\\"";
	const char *found = end - at >= 2 && at[1] != '\0' ? strchr(letters, at[1]) : NULL;

	if (found != NULL) {
		*byte = bytes[found - letters];
		return 2;
	}
	if (end - at < 4 || (at[1] != 'x' && at[1] != 'X') || hex_digit(at[2]) < 0 ||
	    hex_digit(at[3]) < 0)
		return 0;
	*byte = (char)(hex_digit(at[2]) * 16 + hex_digit(at[3]));
	return 4;
}

size_t lexer_string_copy(const struct lexer_token *token, char *bytes, const char **wrong)
{
	const char *at = token->start + 1;
	const char *end = token->start + token->length - 1;
	size_t filled = 0;

	while (at < end) {
		size_t taken = 1;

		bytes[filled] = *at;
		if (*at == '\\')
			taken = unescape(at, end, &bytes[filled]);
		if (taken == 0)
			break;
		filled++;
		at += taken;
	}
	*wrong = at < end ? at : NULL;
	return filled;
}

/* The text goes on with what is no digit, be it a NUL. */
bool lexer_integer_value(const struct lexer_token *token, int64_t *value)
{
	bool is_negative = *token->start == '-';
	bool is_hex = skip_hex(token->start, token->start + token->length) != NULL;
	uint64_t bits;

	errno = 0;
	bits = strtoull(token->start + is(*token->start, SIGN), NULL, is_hex ? 16 : 10);
	if (errno != 0 || bits > (uint64_t)INT64_MAX + is_negative)
		return false;
	*value = is_negative ? (int64_t)(0 - bits) : (int64_t)bits;
	return true;
}
