#pragma once

/* How translated code reads and writes its linear memory where an access needs
   no check, because guard pages catch those outside: relative to the segment
   register GS, which holds the memory's begin while a guest runs. Nothing else
   on x86-64 Linux uses it. Each access is one instruction, and no register is
   spent on the begin, which otherwise is read from the instance again and
   again: any store might have changed it.

   Included by the translated module, whose own accesses stay in use where
   VM_SEGMENT_MEMORY is 0. It has to be compiled with
   -fno-delete-null-pointer-checks: 0 is an address like others. */

#include <stdint.h>
#include <wasm-rt.h>

#if WASM_RT_MEMCHECK_SIGNAL_HANDLER && defined(__x86_64__) \
  && defined(__linux__) && defined(__GNUC__)
#  define VM_SEGMENT_MEMORY 1
#else
#  define VM_SEGMENT_MEMORY 0
#endif

#if VM_SEGMENT_MEMORY

/* What an access touches, for the compiler's knowledge of dependencies. */
#  define VM_TOUCHED(type, address) \
    (*(type __attribute__((aligned(1), may_alias))*)(uintptr_t)(address))

#  define VM_DEFINE_LOAD(name, touched, result_type, instruction, output) \
    static inline __attribute__((always_inline)) result_type name(        \
      const wasm_rt_memory_t* memory, uint64_t address) {                 \
      result_type result;                                                 \
      (void)memory;                                                       \
      __asm__(instruction                                                 \
              : output(result)                                            \
              : "m"(VM_TOUCHED(touched, address)));                       \
      return result;                                                      \
    }

#  define VM_DEFINE_STORE(name, touched, value_type, instruction, input)    \
    static inline __attribute__((always_inline)) void name(                 \
      const wasm_rt_memory_t* memory, uint64_t address, value_type value) { \
      (void)memory;                                                         \
      __asm__(instruction                                                   \
              : "=m"(VM_TOUCHED(touched, address))                          \
              : input((touched)value));                                     \
    }

VM_DEFINE_LOAD(i32_load, uint32_t, uint32_t, "movl %%gs:%1, %0", "=r")
VM_DEFINE_LOAD(i64_load, uint64_t, uint64_t, "movq %%gs:%1, %0", "=r")
VM_DEFINE_LOAD(f32_load, float, float, "movss %%gs:%1, %0", "=x")
VM_DEFINE_LOAD(f64_load, double, double, "movsd %%gs:%1, %0", "=x")
VM_DEFINE_LOAD(i32_load8_s, uint8_t, uint32_t, "movsbl %%gs:%1, %0", "=r")
VM_DEFINE_LOAD(i64_load8_s, uint8_t, uint64_t, "movsbq %%gs:%1, %0", "=r")
VM_DEFINE_LOAD(i32_load8_u, uint8_t, uint32_t, "movzbl %%gs:%1, %0", "=r")
VM_DEFINE_LOAD(i64_load8_u, uint8_t, uint64_t, "movzbl %%gs:%1, %k0", "=r")
VM_DEFINE_LOAD(i32_load16_s, uint16_t, uint32_t, "movswl %%gs:%1, %0", "=r")
VM_DEFINE_LOAD(i64_load16_s, uint16_t, uint64_t, "movswq %%gs:%1, %0", "=r")
VM_DEFINE_LOAD(i32_load16_u, uint16_t, uint32_t, "movzwl %%gs:%1, %0", "=r")
VM_DEFINE_LOAD(i64_load16_u, uint16_t, uint64_t, "movzwl %%gs:%1, %k0", "=r")
VM_DEFINE_LOAD(i64_load32_s, uint32_t, uint64_t, "movslq %%gs:%1, %0", "=r")
VM_DEFINE_LOAD(i64_load32_u, uint32_t, uint64_t, "movl %%gs:%1, %k0", "=r")

VM_DEFINE_STORE(i32_store, uint32_t, uint32_t, "movl %1, %%gs:%0", "ri")
VM_DEFINE_STORE(i64_store, uint64_t, uint64_t, "movq %1, %%gs:%0", "re")
VM_DEFINE_STORE(f32_store, float, float, "movss %1, %%gs:%0", "x")
VM_DEFINE_STORE(f64_store, double, double, "movsd %1, %%gs:%0", "x")
VM_DEFINE_STORE(i32_store8, uint8_t, uint32_t, "movb %1, %%gs:%0", "qi")
VM_DEFINE_STORE(i64_store8, uint8_t, uint64_t, "movb %1, %%gs:%0", "qi")
VM_DEFINE_STORE(i32_store16, uint16_t, uint32_t, "movw %1, %%gs:%0", "ri")
VM_DEFINE_STORE(i64_store16, uint16_t, uint64_t, "movw %1, %%gs:%0", "ri")
VM_DEFINE_STORE(i64_store32, uint32_t, uint64_t, "movl %1, %%gs:%0", "ri")

#  undef VM_DEFINE_LOAD
#  undef VM_DEFINE_STORE
#  undef VM_TOUCHED

#endif
