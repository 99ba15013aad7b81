/* SPDX-License-Identifier: MIT */
/* First the bytes are made a text: what is no UTF-8 is told and becomes an underscore, which hurts
 * neither in a string nor in a name; many NULs (a crash of the machine leaves them) become blanks.
 * Then the words are read once. A file that ends within a string has lost a quote somewhere above:
 * from there on inside and outside are exchanged, so the culprit is the first string that runs over
 * its line and into a word. It is told, gets its quote at the end of its line, and the words are
 * read again. What else is found (comments, brackets) is kept until the strings are right, then
 * told and blanked or closed. */
#include "config/file_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/lexer.h"

#define TOLD_MAX  10 /* faults of one kind of bytes that are told of one file */
#define MENDS_MAX 5  /* strings that are closed before the rest is given up */
#define OPEN_MAX  4  /* brackets told of one file that leaves more open */

enum problem_kind { OPEN_COMMENT, CLOSES_NOTHING, STRAY_INCLUDE, TOO_DEEP };

struct problem {
	enum problem_kind kind;
	size_t offset;
};

/* One reading of the words. */
struct reading {
	struct file_text *file_text;
	struct problem *problems;
	size_t problem_count;
	size_t problem_capacity;
	size_t *open; /* brackets, outermost first */
	size_t depth;
	size_t open_capacity;
	const char *chain;       /* of strings that touch, the first that is more than a line */
	const char *suspect;     /* the string that seems to have lost its quote */
	const char *open_string; /* the file ends in it */
	bool in_comment;         /* the file ends in one */
	bool hopeless;
};

/* places and bytes */

void file_text_init(struct file_text *file_text, const char *name, char *bytes, size_t length)
{
	size_t mark = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	*file_text = (struct file_text){
		.name = name,
		.text = bytes + mark,
		.bytes = bytes,
		.length = length - mark,
	};
	file_text->closers = mem_dup("");
	file_text->cursor.line = 1;
}

void file_text_clear(struct file_text *file_text)
{
	if (file_text->bytes != NULL)
		mem_wipe(file_text->text, file_text->length);
	free(file_text->bytes);
	free(file_text->includes);
	free(file_text->closers);
	*file_text = (struct file_text){0};
}

struct fault_place file_text_place(struct file_text *file_text, size_t offset, size_t width)
{
	const char *newline;

	if (offset < file_text->cursor.offset) {
		file_text->cursor.line_start = 0;
		file_text->cursor.line = 1;
	}
	while ((newline = memchr(file_text->text + file_text->cursor.line_start, '\n',
	                         offset - file_text->cursor.line_start)) != NULL) {
		file_text->cursor.line_start = (size_t)(newline - file_text->text) + 1;
		file_text->cursor.line++;
	}
	file_text->cursor.offset = offset;
	return (struct fault_place){
		.file = file_text->name,
		.line = file_text->cursor.line,
		.column = (int)(offset - file_text->cursor.line_start) + 1,
		.width = (int)width,
		.source = file_text->text + file_text->cursor.line_start,
	};
}

static size_t line_end(const struct file_text *file_text, size_t offset)
{
	const char *newline = memchr(file_text->text + offset, '\n', file_text->length - offset);
	size_t end = newline != NULL ? (size_t)(newline - file_text->text) : file_text->length;

	return end > offset && file_text->text[end - 1] == '\r' ? end - 1 : end;
}

static void blank(struct file_text *file_text, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (file_text->text[i] != '\n' && file_text->text[i] != '\r')
			file_text->text[i] = ' ';
	}
}

static void leave_out(struct file_text *file_text)
{
	blank(file_text, 0, file_text->length);
	file_text->include_count = 0;
}

static void tell(struct file_text *file_text, struct faults *faults, size_t offset, size_t width,
                 const char *sentence)
{
	struct fault_place place = file_text_place(file_text, offset, width);

	faults_add(faults, FAULT_ERROR, &place, "%s", sentence);
}

/* the bytes */

static bool refuse_utf16(struct file_text *file_text, struct faults *faults)
{
	const char *text = file_text->text;
	bool utf16 = file_text->length >= 2 &&
	             (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0 ||
	              (text[0] == '\0') != (text[1] == '\0'));

	if (!utf16)
		return false;
	faults_add(faults, FAULT_ERROR, &(struct fault_place){.file = file_text->name},
	           "the file looks like UTF-16; save it as UTF-8");
	leave_out(file_text);
	return true;
}

static void replace_nul(struct file_text *file_text, struct faults *faults)
{
	char *end = file_text->text + file_text->length;
	char *at = file_text->text;
	int told = 0;

	while ((at = memchr(at, '\0', (size_t)(end - at))) != NULL) {
		char *start = at;

		while (at < end && *at == '\0')
			*at++ = ' ';
		if (at - start == 1)
			*start = '_';
		if (told++ < TOLD_MAX)
			tell(file_text, faults, (size_t)(start - file_text->text),
			     (size_t)(at - start), at - start == 1 ? "NUL byte" : "NUL bytes");
	}
}

static bool is_broken_at(const struct file_text *file_text, size_t at)
{
	size_t left = file_text->length - at;

	return left > 0 && text_utf8_error(file_text->text + at, left < 4 ? left : 4) == 0;
}

/* All are replaced before the first is told, so that the lines that are shown are clean. */
static void replace_invalid(struct file_text *file_text, struct faults *faults)
{
	struct fault_place place;
	struct {
		size_t start, end;
		unsigned char first;
	} found[TOLD_MAX];
	size_t at = 0, count = 0;

	while ((at += text_utf8_error(file_text->text + at, file_text->length - at)) <
	       file_text->length) {
		if (count < TOLD_MAX) {
			found[count].start = at;
			found[count].first = (unsigned char)file_text->text[at];
		}
		while (is_broken_at(file_text, at))
			file_text->text[at++] = '_';
		if (count < TOLD_MAX)
			found[count++].end = at;
	}
	for (size_t i = 0; i < count; i++) {
		place = file_text_place(file_text, found[i].start, found[i].end - found[i].start);
		faults_add(faults, FAULT_ERROR, &place,
		           "invalid UTF-8 (byte 0x%02x); save the file as UTF-8", found[i].first);
	}
}

/* A comment runs to a line feed: without this, one old line end would swallow what follows. */
static void replace_returns(struct file_text *file_text, struct faults *faults)
{
	char *end = file_text->text + file_text->length;
	char *at = file_text->text;
	bool told = false;

	while ((at = memchr(at, '\r', (size_t)(end - at))) != NULL) {
		if (at + 1 == end || at[1] == '\n') {
			at++;
			continue;
		}
		if (!told)
			tell(file_text, faults, (size_t)(at - file_text->text), 1,
			     "carriage return without a line feed after it");
		told = true;
		*at = '\n';
	}
}

/* the words */

static void keep_problem(struct reading *reading, enum problem_kind kind, const char *at)
{
	if (reading->problem_count == SHEET_PROBLEMS_MAX) {
		reading->hopeless = true;
		return;
	}
	reading->problems = mem_grow(reading->problems, &reading->problem_capacity,
	                             reading->problem_count + 1, sizeof(*reading->problems));
	reading->problems[reading->problem_count++] = (struct problem){
		.kind = kind,
		.offset = (size_t)(at - reading->file_text->text),
	};
}

static char closer_of(char opener)
{
	return opener == '(' ? ')' : opener == '[' ? ']' : '}';
}

static void open_bracket(struct reading *reading, const char *at)
{
	if (reading->depth == SHEET_DEPTH_MAX) {
		keep_problem(reading, TOO_DEEP, at);
		reading->hopeless = true;
		return;
	}
	reading->open = mem_grow(reading->open, &reading->open_capacity, reading->depth + 1,
	                         sizeof(*reading->open));
	reading->open[reading->depth++] = (size_t)(at - reading->file_text->text);
}

/* What stands open within the bracket that is closed here is for the grammar to tell. */
static void close_bracket(struct reading *reading, const char *at)
{
	for (size_t depth = reading->depth; depth > 0; depth--) {
		if (closer_of(reading->file_text->text[reading->open[depth - 1]]) == *at) {
			reading->depth = depth - 1;
			return;
		}
	}
	keep_problem(reading, CLOSES_NOTHING, at);
}

static void note_bracket(struct reading *reading, const char *at)
{
	if (*at == '(' || *at == '[' || *at == '{')
		open_bracket(reading, at);
	else if (*at == ')' || *at == ']' || *at == '}')
		close_bracket(reading, at);
}

static void note_include(struct reading *reading, const struct lexer_token *token)
{
	struct file_text *file_text = reading->file_text;

	file_text->includes = mem_grow(file_text->includes, &file_text->include_capacity,
	                               file_text->include_count + 1, sizeof(*file_text->includes));
	file_text->includes[file_text->include_count++] = (struct file_text_include){
		.start = (size_t)(token->start - file_text->text),
		.length = token->length,
	};
}

/* Whether a word goes on where a string ends; the text is NUL-ended. */
static bool runs_into_word(const char *at)
{
	if (*at == '/')
		return at[1] != '/' && at[1] != '*';
	return *at != '\0' && strchr(" \t\r\n\f;,)}]#\"", *at) == NULL;
}

static void note_string(struct reading *reading, const struct lexer_token *token)
{
	const char *past = token->start + token->length;

	if (reading->suspect != NULL)
		return;
	if (reading->chain == NULL && memchr(token->start, '\n', token->length) != NULL)
		reading->chain = token->start;
	if (reading->chain != NULL && runs_into_word(past))
		reading->suspect = reading->chain;
	if (*past != '"')
		reading->chain = NULL;
}

static void note_stray(struct reading *reading, const struct lexer_token *token)
{
	static const char word[] = "@include";

	if (strncmp(token->start, word, sizeof(word) - 1) == 0)
		keep_problem(reading, STRAY_INCLUDE, token->start);
}

static void note_word(struct reading *reading, const struct lexer_token *token)
{
	switch (token->kind) {
	case LEXER_STRING:
		note_string(reading, token);
		break;
	case LEXER_PUNCTUATION:
		note_bracket(reading, token->start);
		break;
	case LEXER_INCLUDE:
		note_include(reading, token);
		break;
	case LEXER_STRAY:
		note_stray(reading, token);
		break;
	case LEXER_OPEN_STRING:
		reading->open_string = token->start;
		break;
	case LEXER_OPEN_COMMENT:
		reading->in_comment = true;
		keep_problem(reading, OPEN_COMMENT, token->start);
		break;
	case LEXER_END:
	case LEXER_NAME:
	case LEXER_INTEGER:
	case LEXER_FLOAT:
	case LEXER_BOOLEAN:
		break;
	}
}

static void read_words(struct reading *reading)
{
	struct file_text *file_text = reading->file_text;
	struct lexer lexer;
	struct lexer_token token;

	file_text->include_count = 0;
	reading->problem_count = reading->depth = 0;
	reading->chain = reading->suspect = reading->open_string = NULL;
	reading->in_comment = reading->hopeless = false;
	lexer_init(&lexer, file_text->text, file_text->length);
	do {
		token = lexer_next(&lexer);
		note_word(reading, &token);
	} while (token.kind != LEXER_END && !reading->hopeless);
}

/* telling and mending */

/* Where the quote belongs: before what usually ends a line. */
static size_t quote_place(const struct file_text *file_text, size_t start)
{
	size_t at = line_end(file_text, start);

	while (at > start + 1 && strchr(" \t;,)}]", file_text->text[at - 1]) != NULL)
		at--;
	return at;
}

static void insert_quote(struct file_text *file_text, size_t at)
{
	char *bytes = mem_alloc(file_text->length + 2, 1);

	memcpy(bytes, file_text->text, at);
	bytes[at] = '"';
	memcpy(bytes + at + 1, file_text->text + at, file_text->length - at);
	/* A backslash before the new quote would take its meaning. */
	if (at > 0 && bytes[at - 1] == '\\')
		bytes[at - 1] = ' ';
	mem_wipe(file_text->text, file_text->length);
	free(file_text->bytes);
	file_text->bytes = file_text->text = bytes;
	file_text->length++;
}

/* The string to blame for what was read: a text that seems to be clean, but for a string that runs
 * over its line and into a word, has lost two quotes, or one and a comment sign took another. */
static const char *blame(const struct reading *reading, int mends)
{
	if (reading->hopeless)
		return NULL;
	return mends < MENDS_MAX && reading->suspect != NULL ? reading->suspect
	                                                     : reading->open_string;
}

static void mend_strings(struct reading *reading, struct faults *faults)
{
	struct file_text *file_text = reading->file_text;
	const char *string;

	for (int mends = 0; (string = blame(reading, mends)) != NULL; mends++) {
		size_t start = (size_t)(string - file_text->text);
		size_t end = quote_place(file_text, start);

		tell(file_text, faults, start, end - start,
		     "unterminated string: its closing quote is missing");
		if (mends < MENDS_MAX)
			insert_quote(file_text, end);
		else
			blank(file_text, start, file_text->length);
		read_words(reading);
	}
}

/* Whole words are blanked, so that what follows stays inside or outside of a string. */
static void tell_include(struct file_text *file_text, struct faults *faults, size_t start)
{
	size_t end = start + sizeof("@include") - 1;
	struct lexer lexer;
	struct lexer_token path;

	lexer_init(&lexer, file_text->text + end, file_text->length - end);
	path = lexer_next(&lexer);
	tell(file_text, faults, start, end - start,
	     "an include stands on a line of its own: @include \"file\"");
	blank(file_text, start, end);
	if (path.kind == LEXER_STRING)
		blank(file_text, (size_t)(path.start - file_text->text),
		      (size_t)(path.start - file_text->text) + path.length);
}

static void tell_problem(struct file_text *file_text, struct faults *faults,
                         const struct problem *problem)
{
	char bracket = file_text->text[problem->offset];
	struct fault_place place;

	switch (problem->kind) {
	case OPEN_COMMENT:
		tell(file_text, faults, problem->offset, 2,
		     "unterminated comment: its '*/' is missing");
		blank(file_text, problem->offset, file_text->length);
		break;
	case CLOSES_NOTHING:
		place = file_text_place(file_text, problem->offset, 1);
		faults_add(faults, FAULT_ERROR, &place, "'%c' closes nothing in this file",
		           bracket);
		file_text->text[problem->offset] = ' ';
		break;
	case STRAY_INCLUDE:
		tell_include(file_text, faults, problem->offset);
		break;
	case TOO_DEEP:
		tell(file_text, faults, problem->offset, 1, "brackets are nested too deep");
		break;
	}
}

/* An open comment has hidden the closing brackets; that they are missing is no second fault. */
static void close_brackets(struct reading *reading, struct faults *faults)
{
	struct file_text *file_text = reading->file_text;
	char *closers = mem_alloc(reading->depth + 1, 1);

	for (size_t i = 0; i < reading->depth; i++) {
		size_t offset = reading->open[i];
		struct fault_place place = file_text_place(file_text, offset, 1);

		closers[reading->depth - 1 - i] = closer_of(file_text->text[offset]);
		if (i < OPEN_MAX && !reading->in_comment)
			faults_add(faults, FAULT_ERROR, &place, "'%c' is never closed",
			           file_text->text[offset]);
	}
	free(file_text->closers);
	file_text->closers = closers;
}

void file_text_check(struct file_text *file_text, struct faults *faults)
{
	struct reading reading = {.file_text = file_text};

	if (refuse_utf16(file_text, faults))
		return;
	replace_invalid(file_text, faults);
	replace_nul(file_text, faults);
	replace_returns(file_text, faults);
	read_words(&reading);
	mend_strings(&reading, faults);
	if (!reading.hopeless)
		close_brackets(&reading, faults);
	for (size_t i = 0; i < reading.problem_count; i++)
		tell_problem(file_text, faults, &reading.problems[i]);
	if (reading.hopeless)
		leave_out(file_text);
	free(reading.problems);
	free(reading.open);
}
