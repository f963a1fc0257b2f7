#include "runtime.h"

#include "memory_access.h"
#include "page_count.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#if VM_SEGMENT_MEMORY
#  include <asm/prctl.h>
#  include <sys/auxv.h>
#  include <sys/syscall.h>
#  include <unistd.h>
#endif

__thread struct vm_thread vm_this_thread;

const int vm_guard_pages = WASM_RT_MEMCHECK_SIGNAL_HANDLER;

/* -- traps ---------------------------------------------------------------- */

void vm_trap(int code) {
  struct vm_trap_frame* frame = vm_this_thread.top;
  if (frame == NULL) {
    fprintf(stderr, "vm-system: trap outside of a trap frame: %s\n",
            vm_trap_text(code));
    abort();
  }
  vm_this_thread.in_guest = 0;
  vm_this_thread.top = frame->previous;
  siglongjmp(frame->target, code);
}

void wasm_rt_trap(wasm_rt_trap_t code) {
  vm_trap((int)code);
}

const char* vm_trap_text(int code) {
  switch (code) {
    case WASM_RT_TRAP_OOB:
      return "access outside of the engine's memory";
    case WASM_RT_TRAP_INT_OVERFLOW:
      return "integer overflow in the engine";
    case WASM_RT_TRAP_DIV_BY_ZERO:
      return "division by zero in the engine";
    case WASM_RT_TRAP_INVALID_CONVERSION:
      return "invalid conversion in the engine";
    case WASM_RT_TRAP_UNREACHABLE:
      return "the engine aborted";
    case WASM_RT_TRAP_CALL_INDIRECT:
      return "call of an invalid function in the engine";
    case WASM_RT_TRAP_EXHAUSTION:
      return "native stack exhausted";
    case VM_TRAP_KILLED:
      return "killed by the watchdog";
    default:
      return "unknown trap";
  }
}

const char* wasm_rt_strerror(wasm_rt_trap_t trap) {
  return vm_trap_text((int)trap);
}

/* -- function types: registered once, by the module's initialisation ------ */

struct function_type {
  uint32_t parameter_count;
  uint32_t result_count;
  uint8_t types[32];
};

enum { max_function_types = 128 };

static struct function_type function_types[max_function_types];
static uint32_t function_type_count;

uint32_t wasm_rt_register_func_type(uint32_t params, uint32_t results, ...) {
  struct function_type type;
  memset(&type, 0, sizeof type);
  type.parameter_count = params;
  type.result_count = results;
  if (params + results > sizeof type.types)
    abort();
  va_list list;
  va_start(list, results);
  for (uint32_t i = 0; i < params + results; ++i)
    type.types[i] = (uint8_t)va_arg(list, int);
  va_end(list);
  for (uint32_t i = 0; i < function_type_count; ++i)
    if (memcmp(&function_types[i], &type, sizeof type) == 0)
      return i + 1;
  if (function_type_count == max_function_types)
    abort();
  function_types[function_type_count++] = type;
  return function_type_count;
}

/* -- linear memory --------------------------------------------------------- */

enum { page_shift = 16 };

/* With guard pages, an address is a 32-bit index plus a constant offset below
   this, and may lie anywhere in the reservation. */
static const size_t max_static_offset = 32u << 20;

size_t vm_reservation_bytes(uint32_t max_pages) {
  if (vm_guard_pages)
    return ((size_t)1 << 32) + max_static_offset;
  return (size_t)max_pages << page_shift;
}

#if VM_SEGMENT_MEMORY

/* Whether programs may set the register themselves. Older kernels and
   processors leave it to a system call. */
static bool may_set_register(void) {
  const unsigned long fsgsbase = 1ul << 1;
  static _Atomic int known;
  if (known == 0)
    known = (getauxval(AT_HWCAP2) & fsgsbase) != 0 ? 1 : 2;
  return known == 1;
}

static void set_register(const void* data) {
  if (may_set_register())
    __asm__ volatile("wrgsbase %0" : : "r"(data) : "memory");
  else if (syscall(SYS_arch_prctl, ARCH_SET_GS, data) != 0)
    abort();
}

#else

static void set_register(const void* data) {
  (void)data;
}

#endif

void vm_use_memory(const wasm_rt_memory_t* memory) {
  vm_this_thread.memory_begin = (char*)memory->data;
  vm_this_thread.memory_end
    = (char*)memory->data + vm_reservation_bytes(memory->max_pages);
  set_register(memory->data);
}

uint8_t* vm_reserve(size_t bytes) {
  void* memory = mmap(NULL, bytes, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

static _Atomic int64_t counted_pages;

void vm_count_pages(int64_t change) {
  atomic_fetch_add_explicit(&counted_pages, change, memory_order_relaxed);
}

uint64_t vm_counted_pages(void) {
  return (uint64_t)atomic_load_explicit(&counted_pages, memory_order_relaxed);
}

/* A failure leaves `data` null, which the caller of the module's instantiation
   checks: the module writes to it only in its trap frame. */
void wasm_rt_allocate_memory(wasm_rt_memory_t* memory, uint32_t initial_pages,
                             uint32_t max_pages) {
  uint32_t cap = vm_this_thread.next_max_pages;
  memset(memory, 0, sizeof *memory);
  memory->max_pages = cap < max_pages ? cap : max_pages;
  if (initial_pages > memory->max_pages)
    wasm_rt_trap(WASM_RT_TRAP_OOB);
  size_t bytes = vm_reservation_bytes(memory->max_pages);
  uint8_t* data = vm_reserve(bytes);
  if (data == NULL)
    wasm_rt_trap(WASM_RT_TRAP_OOB);
  if (mprotect(data, (size_t)initial_pages << page_shift,
               PROT_READ | PROT_WRITE)
      != 0) {
    munmap(data, bytes);
    wasm_rt_trap(WASM_RT_TRAP_OOB);
  }
  vm_count_pages(initial_pages);
  memory->data = data;
  memory->pages = initial_pages;
  memory->size = initial_pages << page_shift;
  vm_use_memory(memory);
}

uint32_t wasm_rt_grow_memory(wasm_rt_memory_t* memory, uint32_t delta) {
  uint32_t old = memory->pages;
  uint64_t wanted = (uint64_t)old + delta;
  if (wanted > memory->max_pages)
    return (uint32_t)-1;
  if (delta != 0
      && mprotect(memory->data + ((size_t)old << page_shift),
                  (size_t)delta << page_shift, PROT_READ | PROT_WRITE)
           != 0)
    return (uint32_t)-1;
  vm_count_pages(delta);
  memory->pages = (uint32_t)wanted;
  memory->size = (uint32_t)(wanted << page_shift);
  return old;
}

/* Memory belongs to C++ objects, which unmap it. */
void wasm_rt_free_memory(wasm_rt_memory_t* memory) {
  memory->data = NULL;
}

/* -- tables -----------------------------------------------------------------
 */

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t* table,
                                    uint32_t elements, uint32_t max_elements) {
  table->size = elements;
  table->max_size = max_elements;
  table->data
    = calloc((size_t)elements + VM_HOST_TABLE_ENTRIES, sizeof *table->data);
  if (table->data == NULL)
    abort();
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t* table) {
  free(table->data);
  table->data = NULL;
}

/* -- initialisation ---------------------------------------------------------
 */

void wasm_rt_init(void) {
  vm_install_handlers();
}

bool wasm_rt_is_initialized(void) {
  return true;
}

void wasm_rt_free(void) {}

/* -- signals ----------------------------------------------------------------
 */

static struct sigaction old_segv;
static struct sigaction old_bus;

/* Does what would have happened without us. */
static void pass_on(int number, siginfo_t* info, void* context,
                    const struct sigaction* old) {
  if ((old->sa_flags & SA_SIGINFO) != 0) {
    old->sa_sigaction(number, info, context);
    return;
  }
  if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN) {
    old->sa_handler(number);
    return;
  }
  /* The instruction runs again and ends the process as it would have. */
  signal(number, SIG_DFL);
}

/* Pages near the stack's end that count as its overflow. */
static const size_t stack_margin = 64u << 10;

static void on_fault(int number, siginfo_t* info, void* context) {
  const struct vm_thread* thread = &vm_this_thread;
  const char* address = info->si_addr;
  if (thread->top != NULL && thread->in_guest) {
    if (address >= thread->memory_begin && address < thread->memory_end)
      wasm_rt_trap(WASM_RT_TRAP_OOB);
    if (thread->stack_low != NULL
        && address >= thread->stack_low - thread->stack_guard - stack_margin
        && address < thread->stack_low + stack_margin)
      wasm_rt_trap(WASM_RT_TRAP_EXHAUSTION);
  }
  pass_on(number, info, context, number == SIGBUS ? &old_bus : &old_segv);
}

static void on_kill(int number, siginfo_t* info, void* context) {
  (void)number;
  (void)context;
  struct vm_thread* thread = &vm_this_thread;
  uint32_t run = (uint32_t)info->si_value.sival_int;
  /* A signal may arrive after the run that it was meant for. */
  if (info->si_code != SI_QUEUE || run == 0 || run != thread->run)
    return;
  if (thread->top != NULL && thread->in_guest)
    vm_trap(VM_TRAP_KILLED);
  thread->killed_run = run;
}

#if VM_THREAD_SANITIZER
/* The thread sanitizer holds asynchronous signals back until the thread calls
   into it, which a guest never does. This name of the C library is not its. */
int __sigaction(int number, const struct sigaction* action,
                struct sigaction* old);
#  define set_kill_action __sigaction
#else
#  define set_kill_action sigaction
#endif

static void install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  /* SA_NODEFER: the handlers leave by a jump, which restores no mask. */
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  action.sa_sigaction = on_fault;
  sigaction(SIGSEGV, &action, &old_segv);
  sigaction(SIGBUS, &action, &old_bus);
  action.sa_flags |= SA_RESTART;
  action.sa_sigaction = on_kill;
  set_kill_action(VM_SIGNAL_KILL, &action, NULL);
}

void vm_install_handlers(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
}
