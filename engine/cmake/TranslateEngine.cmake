# Translates WASM to C in OUTPUT with WASM2C, and changes three things.
#
# All instances share one function table: an entry of the table names the
# instance that a call through it runs in, and the instance of the caller is
# always the right one, since a table never holds another module's functions.
#
# Linear memory is read and written as ACCESS, a header, says, unless it leaves
# that to the module.
#
# Small integers in JSON are read as JSON_INTEGER, a header, says.
#
#   cmake -D WASM2C=... -D WASM=... -D ACCESS=memory_access.h
#     -D JSON_INTEGER=json_integer.h -D OUTPUT=qw.c -P TranslateEngine.cmake

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
string(REPLACE "${_last}" "${_last}#endif\n#include \"${JSON_INTEGER}\"\n"
  code "${code}")

# The only number that is read without an address for its end, and put into a
# token. Local 1 is its begin, local 4 its end, j1 what becomes of it.
set(_read "    w2c_i3 = 0u;
    w2c_d2_0 = w2c_strtod(instance, w2c_i2, w2c_i3);
")
set(_made "    w2c_j1 = w2c_i3 ? w2c_j1 : w2c_j2;
    i64_store(&instance->w2c_memory, (u64)(w2c_i0) + 48, w2c_j1);
    w2c_B12:;
")
foreach(place IN ITEMS _read _made)
  string(REPLACE "${${place}}" "" without "${code}")
  string(LENGTH "${code}" before)
  string(LENGTH "${without}" after)
  string(LENGTH "${${place}}" once)
  math(EXPR count "(${before} - ${after}) / ${once}")
  if(NOT count EQUAL 1)
    message(FATAL_ERROR
      "wasm2c translates the reader of JSON in an unexpected form: ${place} is "
      "there ${count} times, not once. Use wasm2c of wabt 1.0.32 "
      "(set VMSYSTEM_WASM2C).")
  endif()
endforeach()
string(REPLACE "${_read}"
  "    if (!vm_read_small_integer(&instance->w2c_memory, w2c_l1, w2c_l4, &w2c_j1)) {
${_read}" code "${code}")
string(REPLACE "${_made}"
  "    w2c_j1 = w2c_i3 ? w2c_j1 : w2c_j2;
    }
    i64_store(&instance->w2c_memory, (u64)(w2c_i0) + 48, w2c_j1);
    w2c_B12:;
" code "${code}")
file(WRITE "${OUTPUT}" "${code}")
