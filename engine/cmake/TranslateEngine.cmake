# Translates WASM to C in OUTPUT with WASM2C, and changes two things.
#
# All instances share one function table: an entry of the table names the
# instance that a call through it runs in, and the instance of the caller is
# always the right one, since a table never holds another module's functions.
#
# Linear memory is read and written as ACCESS, a header, says, unless it leaves
# that to the module.
#
#   cmake -D WASM2C=... -D WASM=... -D ACCESS=memory_access.h -D OUTPUT=qw.c
#     -P TranslateEngine.cmake

execute_process(
  COMMAND "${WASM2C}" --no-debug-names -n qw -o "${OUTPUT}" "${WASM}"
  RESULT_VARIABLE result
  ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "wasm2c could not translate ${WASM}:\n${output}")
endif()

file(READ "${OUTPUT}" code)
set(_entry
  "instance->w2c___indirect_function_table\\.data\\[w2c_[a-z0-9]+\\]\\.module_instance")
string(REGEX MATCHALL "${_entry}" entries "${code}")
list(LENGTH entries count)
if(NOT count EQUAL 254)
  message(FATAL_ERROR
    "wasm2c translates calls through the function table in an unexpected form: "
    "254 of them name an instance in the known way with wabt 1.0.32, here "
    "${count} do. Use wasm2c of wabt 1.0.32 (set VMSYSTEM_WASM2C).")
endif()
string(REGEX REPLACE "${_entry}" "instance" code "${code}")

set(_first "\nDEFINE_LOAD(i32_load, u32, u32, u32)\n")
set(_last "\nDEFINE_STORE(i64_store32, u32, u64)\n")
string(REGEX MATCHALL "\nDEFINE_(LOAD|STORE)\\(" accesses "${code}")
list(LENGTH accesses count)
string(FIND "${code}" "${_first}" begin)
string(FIND "${code}" "${_last}" end)
if(NOT count EQUAL 23 OR begin LESS 0 OR end LESS begin)
  message(FATAL_ERROR
    "wasm2c defines accesses to memory in an unexpected form: wabt 1.0.32 "
    "defines 23, here are ${count}. Use wasm2c of wabt 1.0.32 "
    "(set VMSYSTEM_WASM2C).")
endif()
string(REPLACE "${_first}"
  "\n#include \"${ACCESS}\"\n#if !VM_SEGMENT_MEMORY${_first}" code "${code}")
string(REPLACE "${_last}" "${_last}#endif\n" code "${code}")
file(WRITE "${OUTPUT}" "${code}")
