/* SPDX-License-Identifier: MIT */
/* The words of a file are read once. What would make nonsense of all that follows (a lost quote, a
 * template that was never rendered, the marks of a merge) is reported at its first occurrence,
 * replaced in place, and the words are read again. What else is found (comments, brackets,
 * characters that look like a blank) is only counted until then; where there is any, the words are
 * read once more, and each is reported and blanked. */
#include "config/file_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/character.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/lexer.h"

#define DEPTH_MAX    1000 /* brackets within brackets; far above what a spec can mean */
#define PROBLEMS_MAX 1000 /* a file with more is not a configuration */
#define REPAIRS_MAX  10   /* faults that need a repair before the rest is given up */
#define OPEN_MAX     4    /* brackets reported of one file that leaves more open */

/* One reading of the words. */
struct reading {
	struct file_text *file_text;
	struct faults *faults; /* where problems are reported; NULL: a repair may follow */
	struct file_quotes quotes;
	size_t problems;
	const char *open[DEPTH_MAX]; /* brackets, outermost first */
	size_t depth;
	bool in_comment; /* the file ends in one */
	bool is_hopeless;
};

static void note_problem(struct reading *reading, const struct file_text_repair *problem)
{
	if (++reading->problems > PROBLEMS_MAX)
		reading->is_hopeless = true;
	else if (reading->faults != NULL)
		file_text_repair(reading->file_text, reading->faults, problem);
}

/* What is to be blanked, all of which is reported. */
static struct file_text_repair blank(const char *sentence, const char *at, size_t width)
{
	return (struct file_text_repair){
		.sentence = sentence,
		.start = at,
		.end = at + width,
		.fill_from = at,
		.fill_to = at + width,
		.fill = ' ',
	};
}

static const char openers[] = "([{";
static const char closers[] = ")]}";

static char closer_of(char opener)
{
	return closers[strchr(openers, opener) - openers];
}

static void open_bracket(struct reading *reading, const char *at)
{
	struct file_text_repair problem;

	if (reading->depth < DEPTH_MAX) {
		reading->open[reading->depth++] = at;
		return;
	}
	problem = blank("brackets are nested too deep", at, 1);
	note_problem(reading, &problem);
	reading->is_hopeless = true;
}

/* The separator behind a line's first bracket would be one too many as well. */
static void note_closer(struct reading *reading, const char *at)
{
	char *sentence = mem_printf("'%c' closes nothing in this file; is its '%c' missing?", *at,
	                            openers[strchr(closers, *at) - closers]);
	struct file_text_repair problem = blank(sentence, at, 1);

	problem.fill_to += at[1] == ';' && lexer_begins_line(reading->file_text->text, at);
	note_problem(reading, &problem);
	free(sentence);
}

/* What stands open within the bracket that is closed here is for the grammar to report. */
static void close_bracket(struct reading *reading, const char *at)
{
	for (size_t depth = reading->depth; depth > 0; depth--) {
		if (closer_of(*reading->open[depth - 1]) == *at) {
			reading->depth = depth - 1;
			return;
		}
	}
	note_closer(reading, at);
}

static void note_include(struct reading *reading, const struct lexer_token *token)
{
	struct file_text *file_text = reading->file_text;

	file_text->includes = mem_room(file_text->includes, &file_text->include_capacity,
	                               file_text->include_count + 1);
	file_text->includes[file_text->include_count++] = *token;
}

/* Let the first `width` bytes of what goes to `end` be reported, all of which is replaced. */
static void repair_words(struct reading *reading, const char *sentence, const char *start,
                         size_t width, const char *end)
{
	file_text_set_repair(reading->file_text, sentence, start, start + width)->fill_to = end;
}

/* An include that is none, with its path, or its line if there is no quote to end it. */
static void note_bad_include(struct reading *reading, const struct lexer_token *token)
{
	static const char word[] = "@include";
	const char *path = token->start + sizeof(word) - 1;
	const char *end = file_text_line_end(reading->file_text, token->start);
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

	if ((at > text && at[-1] != '\n') || strchr("<=>|", *at) == NULL ||
	    strspn(at, (char[]){*at, '\0'}) != 7)
		return false;
	repair_words(reading, "a merge conflict; resolve it and delete its marks", at, 7,
	             file_text_line_end(reading->file_text, end != NULL ? end + 1 : at));
	return true;
}

static bool note_template(struct reading *reading, const char *at)
{
	static const char *const marks[][2] = {{"{{", "}}"}, {"{%", "%}"}, {"{#", "#}"}};
	const char *end = file_text_line_end(reading->file_text, at);
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

/* Behind the characters that cannot be seen. */
static const char *skip_invisible(const char *at, const char *end)
{
	uint32_t point = 0;
	size_t length = text_decode(at, (size_t)(end - at), &point);

	while (length > 0 && character_name(point) != NULL) {
		at += length;
		length = text_decode(at, (size_t)(end - at), &point);
	}
	return at;
}

static bool is_word_byte(char byte)
{
	return byte == '_' || byte == '-' || isalnum((unsigned char)byte);
}

/* Where an operator cannot see what it is, the code point says it. A word that it divides is none
 * any more. */
static void note_invisible(struct reading *reading, const char *at, uint32_t point, size_t length)
{
	const struct file_text *file_text = reading->file_text;
	struct text sentence = {0};
	struct file_text_repair problem;

	character_describe(point, &sentence);
	text_printf(&sentence, " outside of a string; %s it",
	            character_is_blank(point) ? "write a blank for" : "delete");
	problem = blank(sentence.bytes, at, length);
	problem.fill_to = skip_invisible(at, file_text_end(file_text));
	if (at > file_text->text && is_word_byte(at[-1]) && is_word_byte(*problem.fill_to)) {
		while (problem.fill_from > file_text->text && is_word_byte(problem.fill_from[-1]))
			problem.fill_from--;
		while (is_word_byte(*problem.fill_to))
			problem.fill_to++;
		problem.fill = LEXER_REPLACED_BYTE;
	}
	note_problem(reading, &problem);
	text_clear(&sentence);
}

static void note_stray(struct reading *reading, const struct lexer_token *token)
{
	static const char word[] = "@include";
	const char *at = token->start;
	uint32_t point = 0;
	size_t length = text_decode(at, (size_t)(file_text_end(reading->file_text) - at), &point);

	if (strncmp(at, word, sizeof(word) - 1) == 0)
		note_bad_include(reading, token);
	else if (!note_merge_mark(reading, at) && length > 0 && character_name(point) != NULL)
		note_invisible(reading, at, point, length);
}

static void note_punctuation(struct reading *reading, const char *at)
{
	if (note_merge_mark(reading, at) || (*at == '{' && note_template(reading, at)))
		return;
	if (strchr(openers, *at) != NULL)
		open_bracket(reading, at);
	else if (strchr(closers, *at) != NULL)
		close_bracket(reading, at);
}

static void note_open_comment(struct reading *reading, const char *at)
{
	struct file_text_repair problem = blank("unterminated comment: its '*/' is missing", at, 2);

	problem.fill_to = file_text_end(reading->file_text);
	reading->in_comment = true;
	note_problem(reading, &problem);
}

/* The end of a comment that did not begin; a schedule without quotes begins so too. The slash may
 * as well begin a comment, which is then to stay one. */
static void note_name(struct reading *reading, const char *at)
{
	struct file_text_repair problem;

	if (strncmp(at, "*/", 2) != 0 || isdigit((unsigned char)at[2]) || at[2] == '/' ||
	    at[2] == '*')
		return;
	problem = blank("this ends no comment: a comment ends at its first '*/'", at, 2);
	note_problem(reading, &problem);
}

static void note_word(struct reading *reading, const struct lexer_token *token)
{
	if (token->kind == LEXER_PUNCTUATION)
		note_punctuation(reading, token->start);
	else if (token->kind == LEXER_INCLUDE)
		note_include(reading, token);
	else if (token->kind == LEXER_STRAY)
		note_stray(reading, token);
	else if (token->kind == LEXER_OPEN_COMMENT)
		note_open_comment(reading, token->start);
	else if (token->kind == LEXER_NAME)
		note_name(reading, token->start);
}

/* Up to the first word that needs a repair. `faults` NULL: problems are not reported. */
static void read_words(struct reading *reading, struct faults *faults)
{
	struct file_text *file_text = reading->file_text;
	struct lexer lexer;
	struct lexer_token token;

	file_text->include_count = 0;
	file_text->repair.sentence = NULL;
	reading->faults = faults;
	reading->quotes = (struct file_quotes){.file_text = file_text};
	reading->problems = reading->depth = 0;
	reading->in_comment = reading->is_hopeless = false;
	lexer_init(&lexer, file_text->text, file_text->length);
	do {
		token = lexer_next(&lexer);
		if (faults == NULL)
			file_quotes_note(&reading->quotes, &token);
		note_word(reading, &token);
	} while (token.kind != LEXER_END && !reading->is_hopeless &&
	         file_text->repair.sentence == NULL);
}

/* Behind the last repair that is tried nothing is left. */
static void repair(struct reading *reading, struct faults *faults, bool is_last)
{
	struct file_text_repair *found = &reading->file_text->repair;

	if (is_last) {
		found->fill_to = file_text_end(reading->file_text);
		found->fill = ' ';
	}
	file_text_repair(reading->file_text, faults, found);
}

static void read_and_repair(struct reading *reading, struct faults *faults)
{
	read_words(reading, NULL);
	for (int repairs = 0; reading->file_text->repair.sentence != NULL && !reading->is_hopeless;
	     repairs++) {
		repair(reading, faults, repairs == REPAIRS_MAX);
		read_words(reading, NULL);
	}
}

/* An open comment has hidden the closing brackets; that they are missing is no second fault. */
static void close_brackets(struct reading *reading, struct faults *faults)
{
	struct file_text *file_text = reading->file_text;
	char *missing = mem_alloc(reading->depth + 1, 1);

	for (size_t i = 0; i < reading->depth; i++) {
		const char *at = reading->open[i];

		missing[reading->depth - 1 - i] = closer_of(*at);
		if (i < OPEN_MAX && !reading->in_comment)
			faults_add(faults, FAULT_ERROR, file_text_place(file_text, at, 1),
			           "'%c' is never closed", *at);
	}
	free(file_text->closers);
	file_text->closers = missing;
}

void file_text_check(struct file_text *file_text, struct faults *faults)
{
	struct reading reading = {.file_text = file_text};

	if (!file_text_check_bytes(file_text, faults))
		return;
	read_and_repair(&reading, faults);
	if (!reading.is_hopeless)
		close_brackets(&reading, faults);
	if (reading.problems > 0)
		read_words(&reading, faults);
	if (file_text->include_count > 0)
		file_text_keep(file_text);
	if (reading.is_hopeless) {
		file_text_fill(file_text, file_text->text, file_text_end(file_text), ' ');
		file_text->include_count = 0;
	}
}
