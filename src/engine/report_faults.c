/* SPDX-License-Identifier: MIT */
/* Each fault is a record that points at its line, and one more says what happens now. */
#include "engine/report.h"

#include "base/text.h"
#include "log/log.h"

static void log_fault(const struct fault_entry *entry)
{
	struct log_record record = {.event = entry->level == FAULT_ERROR ? EVENT_CONFIG_REJECTED
	                                                                 : EVENT_CONFIG_WARNING,
	                            .config_file = entry->file,
	                            .config_line = entry->line,
	                            .reason = entry->text};
	struct text message = {0};

	fault_add_place(entry->file, entry->line, entry->column, &message);
	text_add(&message, entry->text);
	log_text(&record, &message);
}

void report_faults(const struct faults *faults, const char *path, bool warnings,
                   const char *refused)
{
	size_t errors_shown = 0;

	for (size_t i = 0; i < faults->count; i++) {
		bool is_error = faults->entries[i].level == FAULT_ERROR;

		errors_shown += is_error;
		if (is_error || warnings)
			log_fault(&faults->entries[i]);
	}
	if (refused != NULL) {
		struct log_record record = {.event = EVENT_CONFIG_REJECTED, .config_file = path};
		struct text message = {0};

		text_printf(&message, "%s: %zu error%s", path, faults->errors,
		            faults->errors == 1 ? "" : "s");
		if (faults->errors > errors_shown)
			text_printf(&message, " (%zu not shown)", faults->errors - errors_shown);
		text_printf(&message, "; %s", refused);
		log_text(&record, &message);
	}
}
