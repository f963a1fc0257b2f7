#pragma once

/* How much linear memory all guests of the process have together. */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A memory got so many 64 KiB pages more, or less. Any thread. */
void vm_count_pages(int64_t change);

/* 64 KiB pages of all memories. Any thread. */
uint64_t vm_counted_pages(void);

#ifdef __cplusplus
}
#endif
