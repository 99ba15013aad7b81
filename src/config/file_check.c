/* SPDX-License-Identifier: MIT */
/* The words of a file are read once. What would make nonsense of all that follows (a lost quote, a
 * template that was never rendered, the marks of a merge) is reported at its first occurrence,
 * replaced in place, and the words are read again. What else is found (comments, brackets,
 * characters that look like a blank) is kept until then, and reported and blanked or closed. */
#include "config/file_check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/character.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/file_quotes.h"
#include "config/lexer.h"

#define DEPTH_MAX    1000 /* brackets within brackets; far above what a spec can mean */
#define PROBLEMS_MAX 1000 /* a file with more is not a configuration */
#define REPAIRS_MAX  10   /* faults that need a repair before the rest is given up */
#define OPEN_MAX     4    /* brackets reported of one file that leaves more open */

enum problem_kind { OPEN_COMMENT, ENDS_NO_COMMENT, CLOSES_NOTHING, INVISIBLE, TOO_DEEP };

struct problem {
	enum problem_kind kind;
	size_t offset;
};

/* One reading of the words. */
struct reading {
	struct file_text *file_text;
	struct file_quotes quotes;
	struct problem *problems;
	size_t problem_count;
	size_t problem_capacity;
	size_t *open; /* brackets, outermost first */
	size_t depth;
	size_t open_capacity;
	bool in_comment; /* the file ends in one */
	bool is_hopeless;
};

static void keep_problem(struct reading *reading, enum problem_kind kind, const char *at)
{
	if (reading->problem_count == PROBLEMS_MAX) {
		reading->is_hopeless = true;
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
	if (reading->depth == DEPTH_MAX) {
		keep_problem(reading, TOO_DEEP, at);
		reading->is_hopeless = true;
		return;
	}
	reading->open = mem_grow(reading->open, &reading->open_capacity, reading->depth + 1,
	                         sizeof(*reading->open));
	reading->open[reading->depth++] = (size_t)(at - reading->file_text->text);
}

/* What stands open within the bracket that is closed here is for the grammar to report. */
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

/* Report the first `width` bytes of what goes to `end`, all of which is replaced. */
static void repair_words(struct reading *reading, const char *sentence, const char *start,
                         size_t width, const char *end)
{
	struct file_text *file_text = reading->file_text;

	file_text_set_repair(file_text, sentence, start, start + width);
	file_text->repair.fill_to = (size_t)(end - file_text->text);
}

static const char *line_end(const struct reading *reading, const char *at)
{
	const struct file_text *file_text = reading->file_text;

	return file_text->text + file_text_line_end(file_text, (size_t)(at - file_text->text));
}

/* An include that is none, with its path, or its line if there is no quote to end it. */
static void note_bad_include(struct reading *reading, const struct lexer_token *token)
{
	static const char word[] = "@include";
	const char *path = token->start + sizeof(word) - 1;
	const char *end = line_end(reading, token->start);
	const char *close;
	const char *sentence = "the path of an include stands in double quotes: @include \"FILE\"";

	path += strspn(path, " \t");
	if (*path == '"') {
		sentence = "an include stands on a line of its own: @include \"FILE\"";
		close = memchr(path + 1, '"', (size_t)(end - path - 1));
		if (close == NULL)
			sentence = "unterminated string: the closing quote of the path is missing";
		else
			end = close + 1;
		if (close != NULL && path == token->start + sizeof(word) - 1 &&
		    lexer_begins_line(reading->file_text->text, token->start))
			sentence = "a blank stands between @include and its path";
	} else if (path == end) {
		sentence = "a path stands behind @include, on the same line: @include \"FILE\"";
	} else if (strcspn(path, "*?[") < (size_t)(end - path)) {
		sentence = "an include names one file, in double quotes, and is no pattern; the "
			   "drop-ins FILE.d/*.conf are read by themselves";
	}
	repair_words(reading, sentence, token->start, sizeof(word) - 1, end);
}

/* Seven of "<", "=", ">" or "|" that begin a line. Neither side of a conflict is read. */
static bool note_merge_mark(struct reading *reading, const char *at)
{
	const char *text = reading->file_text->text;
	const char *end = *at == '<' ? strstr(at, "\n>>>>>>>") : NULL;

	if (strchr("<=>|", *at) == NULL || (at > text && at[-1] != '\n') ||
	    strspn(at, (char[]){*at, '\0'}) != 7)
		return false;
	repair_words(reading, "a merge conflict; resolve it and delete its marks", at, 7,
	             line_end(reading, end != NULL ? end + 1 : at));
	return true;
}

static bool note_template(struct reading *reading, const char *at)
{
	static const char *const marks[][2] = {{"{{", "}}"}, {"{%", "%}"}, {"{#", "#}"}};
	const char *end = line_end(reading, at);
	const char *close;

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks) - (at[1] == '#'); i++) {
		if (strncmp(at, marks[i][0], 2) != 0)
			continue;
		close = memmem(at + 2, (size_t)(end - at - 2), marks[i][1], 2);
		repair_words(reading, "the file is a template; render it first", at, 2,
		             close != NULL ? close + 2 : end);
		return true;
	}
	return false;
}

static void note_stray(struct reading *reading, const struct lexer_token *token)
{
	static const char word[] = "@include";
	uint32_t point;

	if (strncmp(token->start, word, sizeof(word) - 1) == 0)
		note_bad_include(reading, token);
	else if (!note_merge_mark(reading, token->start) &&
	         text_decode(token->start, token->length, &point) > 0 &&
	         character_is_invisible(point))
		keep_problem(reading, INVISIBLE, token->start);
}

static void note_punctuation(struct reading *reading, const char *at)
{
	if (!note_merge_mark(reading, at) && !(*at == '{' && note_template(reading, at)))
		note_bracket(reading, at);
}

/* The end of a comment that did not begin; a schedule without quotes begins so too. The slash may
 * as well begin a comment, which is then to stay one. */
static bool ends_comment(const char *at)
{
	return strncmp(at, "*/", 2) == 0 && !isdigit((unsigned char)at[2]) && at[2] != '/' &&
	       at[2] != '*';
}

static void note_word(struct reading *reading, const struct lexer_token *token)
{
	const char *at = token->start;

	if (token->kind == LEXER_PUNCTUATION) {
		note_punctuation(reading, at);
	} else if (token->kind == LEXER_INCLUDE) {
		note_include(reading, token);
	} else if (token->kind == LEXER_STRAY) {
		note_stray(reading, token);
	} else if (token->kind == LEXER_OPEN_COMMENT) {
		reading->in_comment = true;
		keep_problem(reading, OPEN_COMMENT, at);
	} else if (token->kind == LEXER_NAME && ends_comment(at)) {
		keep_problem(reading, ENDS_NO_COMMENT, at);
	}
}

static void read_words(struct reading *reading)
{
	struct file_text *file_text = reading->file_text;
	struct lexer lexer;
	struct lexer_token token;

	file_text->include_count = 0;
	reading->problem_count = reading->depth = 0;
	reading->in_comment = reading->is_hopeless = false;
	file_text->repair = (struct file_text_repair){0};
	reading->quotes = (struct file_quotes){.file_text = file_text};
	lexer_init(&lexer, file_text->text, file_text->length);
	do {
		token = lexer_next(&lexer);
		file_quotes_note(&reading->quotes, &token);
		note_word(reading, &token);
	} while (token.kind != LEXER_END && !reading->is_hopeless &&
	         file_text->repair.sentence == NULL);
}

/* Behind the last repair that is tried nothing is left. */
static void repair(struct reading *reading, struct faults *faults, bool is_last)
{
	struct file_text *file_text = reading->file_text;
	const struct file_text_repair *found = &file_text->repair;

	file_text_report(file_text, faults, found->start, found->end - found->start,
	                 found->sentence);
	if (is_last)
		file_text_fill(file_text, found->fill_from, file_text->length, ' ');
	else
		file_text_fill(file_text, found->fill_from, found->fill_to, found->fill);
}

static void read_and_repair(struct reading *reading, struct faults *faults)
{
	read_words(reading);
	for (int repairs = 0; reading->file_text->repair.sentence != NULL && !reading->is_hopeless;
	     repairs++) {
		repair(reading, faults, repairs == REPAIRS_MAX);
		read_words(reading);
	}
}

/* The bytes of the characters from `offset` on that cannot be seen. */
static size_t invisible_length(const struct file_text *file_text, size_t offset)
{
	size_t at = offset;
	uint32_t point = 0;
	size_t length;

	do {
		length = text_decode(file_text->text + at, file_text->length - at, &point);
		at += length > 0 && character_is_invisible(point) ? length : 0;
	} while (length > 0 && character_is_invisible(point));
	return at - offset;
}

static bool is_word_byte(char byte)
{
	return byte == '_' || byte == '-' || isalnum((unsigned char)byte);
}

/* Where an operator cannot see what it is, the code point says it. A word that it divides is none
 * any more. */
static void report_invisible(struct file_text *file_text, struct faults *faults, size_t offset)
{
	struct text sentence = {0};
	uint32_t point = 0;
	size_t length = text_decode(file_text->text + offset, file_text->length - offset, &point);
	size_t start = offset;
	size_t end = offset + invisible_length(file_text, offset);

	if (length == 0 || !character_is_invisible(point))
		return;
	character_describe(point, &sentence);
	text_add(&sentence, character_is_blank(point) ? " outside of a string; write a blank for it"
	                                              : " outside of a string; delete it");
	file_text_report(file_text, faults, offset, length, sentence.bytes);
	text_clear(&sentence);
	while (start > 0 && is_word_byte(file_text->text[start - 1]))
		start--;
	if (start == offset || end == file_text->length || !is_word_byte(file_text->text[end])) {
		file_text_fill(file_text, offset, end, ' ');
		return;
	}
	while (end < file_text->length && is_word_byte(file_text->text[end]))
		end++;
	file_text_fill(file_text, start, end, LEXER_REPLACED_BYTE);
}

/* The separator behind a line's first bracket would be one too many as well. */
static void report_closer(struct file_text *file_text, struct faults *faults, size_t offset)
{
	const char *text = file_text->text;
	char opener = text[offset] == ')' ? '(' : text[offset] == ']' ? '[' : '{';
	bool has_separator = text[offset + 1] == ';' && lexer_begins_line(text, text + offset);
	struct text sentence = {0};

	text_printf(&sentence, "'%c' closes nothing in this file; is its '%c' missing?",
	            text[offset], opener);
	file_text_report(file_text, faults, offset, 1, sentence.bytes);
	text_clear(&sentence);
	file_text_fill(file_text, offset, offset + 1 + has_separator, ' ');
}

static void report_problem(struct file_text *file_text, struct faults *faults,
                           const struct problem *problem)
{
	switch (problem->kind) {
	case OPEN_COMMENT:
		file_text_report(file_text, faults, problem->offset, 2,
		                 "unterminated comment: its '*/' is missing");
		file_text_fill(file_text, problem->offset, file_text->length, ' ');
		break;
	case ENDS_NO_COMMENT:
		file_text_report(file_text, faults, problem->offset, 2,
		                 "this ends no comment: a comment ends at its first '*/'");
		file_text_fill(file_text, problem->offset, problem->offset + 2, ' ');
		break;
	case CLOSES_NOTHING:
		report_closer(file_text, faults, problem->offset);
		break;
	case INVISIBLE:
		report_invisible(file_text, faults, problem->offset);
		break;
	case TOO_DEEP:
		file_text_report(file_text, faults, problem->offset, 1,
		                 "brackets are nested too deep");
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

void file_check(struct file_text *file_text, struct faults *faults)
{
	struct reading reading = {.file_text = file_text};

	if (!file_text_check_bytes(file_text, faults))
		return;
	read_and_repair(&reading, faults);
	if (!reading.is_hopeless)
		close_brackets(&reading, faults);
	for (size_t i = 0; i < reading.problem_count; i++)
		report_problem(file_text, faults, &reading.problems[i]);
	if (file_text->include_count > 0)
		file_text_keep(file_text);
	if (reading.is_hopeless) {
		file_text_fill(file_text, 0, file_text->length, ' ');
		file_text->include_count = 0;
	}
	free(reading.problems);
	free(reading.open);
}
