#pragma once

/* Runtime support for the translated engine: traps, linear memory, tables, and
   the signals that end a guest. Takes the place of wabt's own wasm-rt-impl,
   which keeps its trap buffer and its signal stack once per process.

   A thread enters the guest below a trap frame (`vm_trap_frame`). A trap jumps
   to the innermost frame of the thread and runs no C++ destructor on its way,
   so nothing between the frame and the guest may own anything. */

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wasm-rt.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Trap codes beside those of `wasm_rt_trap_t`. */
enum {
  /* The watchdog ended the guest. */
  VM_TRAP_KILLED = 100,
};

/* Sent by the watchdog, with the number of the run in `si_value`, to a thread
   whose guest does not poll. */
#define VM_SIGNAL_KILL (SIGRTMIN + 5)

/* Where a trap of this thread lands. */
struct vm_trap_frame {
  sigjmp_buf target;
  struct vm_trap_frame* previous;
};

/* What the signal handlers know of a thread. */
struct vm_thread {
  /* The innermost trap frame; null outside of the guest. */
  struct vm_trap_frame* top;
  /* The reservation of the instance that runs. */
  char* memory_begin;
  char* memory_end;
  /* The native stack's lower end and the guard pages below it. */
  char* stack_low;
  size_t stack_guard;
  /* 1 while translated code runs, 0 in host code. Only in translated code can
     the thread be stopped anywhere. */
  volatile sig_atomic_t in_guest;
  /* The run in progress; 0 between runs. */
  volatile uint32_t run;
  /* The run that a kill asked to end while host code ran. */
  volatile uint32_t killed_run;
  /* Where the next memory that a module allocates goes, and its cap. */
  uint32_t next_max_pages;
};

extern __thread struct vm_thread vm_this_thread;

/* Enters a trap frame: 0 at once, and the trap's code after a trap. The signal
   mask is not saved: the handlers run with an empty one. */
#define VM_TRAP_ENTER(frame)                                             \
  ((frame)->previous = vm_this_thread.top, vm_this_thread.top = (frame), \
   sigsetjmp((frame)->target, 0))

/* Leaves the frame that was entered last, without a trap. */
#define VM_TRAP_LEAVE(frame) (vm_this_thread.top = (frame)->previous)

/* Leaves the innermost trap frame with a code. */
WASM_RT_NO_RETURN void vm_trap(int code);

/* Marks that translated code runs from here on; a kill that waited for the end
   of host code traps now. */
static inline void vm_to_guest(void) {
  vm_this_thread.in_guest = 1;
  if (vm_this_thread.killed_run != 0) {
    uint32_t killed = vm_this_thread.killed_run;
    vm_this_thread.killed_run = 0;
    if (killed == vm_this_thread.run)
      vm_trap(VM_TRAP_KILLED);
  }
}

/* Marks that host code runs from here on. */
static inline void vm_to_host(void) {
  vm_this_thread.in_guest = 0;
}

/* Installs the handlers, once per process. */
void vm_install_handlers(void);

/* What a trap code means, for people. */
const char* vm_trap_text(int code);

/* Whether out-of-bounds accesses are caught by guard pages (1) or by explicit
   checks (0). A property of the flavour that is linked. */
extern const int vm_guard_pages;

/* Bytes of address space of one linear memory that may grow to `max_pages`. */
size_t vm_reservation_bytes(uint32_t max_pages);

/* Makes a memory the one that translated code of the calling thread works on;
   its data may be null as long as no code runs. Before each entry into a guest:
   threads have other guests, and the register is nobody's. */
void vm_use_memory(const wasm_rt_memory_t* memory);

/* Reserves address space without memory; null when there is none left. */
uint8_t* vm_reserve(size_t bytes);

/* The place after the module's own entries in a table that
   `wasm_rt_allocate_funcref_table` made; host functions go there. */
enum { VM_HOST_TABLE_ENTRIES = 16 };

#ifdef __cplusplus
}
#endif
