# Translates WASM to C in OUTPUT with WASM2C, and lets all instances share one
# function table: an entry of the table names the instance that a call through
# it runs in, and the instance of the caller is always the right one, since a
# table never holds another module's functions.
#
#   cmake -D WASM2C=... -D WASM=... -D OUTPUT=qw.c -P TranslateEngine.cmake

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
file(WRITE "${OUTPUT}" "${code}")
