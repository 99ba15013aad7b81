/* SPDX-License-Identifier: MIT */
/* Sixty libraries come with libcurl, and what their linking and their initialisers have touched is
 * most of what a small installation holds in memory. It is of no more use after the start, and the
 * kernel has it in its cache anyway: whatever is needed once more is mapped in again.
 *
 * Only what nobody has written to may go: of a segment that the linker has put addresses into there
 * is no other copy. */
#include "daemon/daemon_internal.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

static bool has_written_code(const ElfW(Dyn) * entry)
{
	for (; entry->d_tag != DT_NULL; entry++) {
		if (entry->d_tag == DT_TEXTREL ||
		    (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0))
			return true;
	}
	return false;
}

static void drop_segment(uintptr_t start, size_t length)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = start / page * page;

	/* It is advice, and it may be declined. */
	(void)madvise((void *)first, start + length - first, MADV_DONTNEED);
}

static int drop_object(struct dl_phdr_info *object, size_t size, void *data)
{
	(void)size;
	(void)data;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &object->dlpi_phdr[i];

		if (header->p_type == PT_DYNAMIC &&
		    has_written_code((const void *)(object->dlpi_addr + header->p_vaddr)))
			return 0;
	}
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &object->dlpi_phdr[i];

		if (header->p_type == PT_LOAD && (header->p_flags & PF_W) == 0)
			drop_segment(object->dlpi_addr + header->p_vaddr, header->p_memsz);
	}
	return 0;
}

void daemon_pages_drop(void)
{
	(void)dl_iterate_phdr(drop_object, NULL);
}
