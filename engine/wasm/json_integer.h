#pragma once

/* The engine's reader of JSON makes each number a double. Small integers
   become integers here, as those in a program's text are: what is computed with
   them, and properties that they name, take the short paths.

   Included by the translated module, below its accesses to memory. */

#include <stdbool.h>
#include <stdint.h>
#include <wasm-rt.h>

/* Reads the number of a JSON text from `begin` to `end`, where it is known to
   be one. False when it is not an integer of at most nine digits; -0 is none.
 */
static inline bool vm_read_small_integer(const wasm_rt_memory_t* memory,
                                         uint32_t begin, uint32_t end,
                                         uint64_t* value) {
  const uint32_t most_digits = 9;
  uint32_t number = 0;
  const bool negative = i32_load8_u(memory, begin) == '-';
  begin += negative;
  if (end - begin > most_digits)
    return false;
  for (; begin != end; ++begin) {
    const uint32_t digit = i32_load8_u(memory, begin) - '0';
    if (digit > 9)
      return false;
    number = 10 * number + digit;
  }
  if (negative && number == 0)
    return false;
  /* An integer's tag is 0, so its value is the lower half alone. */
  *value = negative ? (uint32_t)-number : number;
  return true;
}
