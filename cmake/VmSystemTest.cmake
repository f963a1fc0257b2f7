#[[
vmsystem_test(NAME name SOURCES file... [LIBS target...] [LABELS fast|slow...]
              [TIMEOUT seconds] [ENVIRONMENT VAR=value...] [SERIAL])

Makes the Boost.Test program `name` and a ctest test of the same name. One of
the sources defines BOOST_TEST_MODULE; paths are relative to the caller.

LABELS       `fast` (default) or `slow`; more may follow. The name of the
             folder below tests/ (unit, actor, crash ...) is added.
TIMEOUT      seconds until ctest ends the program; default 60.
ENVIRONMENT  variables of the test's process.
SERIAL       nothing else runs beside it. Slow tests always run so, because
             they measure time.

Boost.Test's own signal handlers are off: they would replace the engine's.
]]
function(vmsystem_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg
    "SERIAL" "NAME;TIMEOUT" "SOURCES;LIBS;LABELS;ENVIRONMENT")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR
      "vmsystem_test: unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_NAME OR NOT arg_SOURCES)
    message(FATAL_ERROR "vmsystem_test needs NAME and SOURCES")
  endif()
  if(NOT arg_LABELS)
    set(arg_LABELS fast)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if("slow" IN_LIST arg_LABELS)
    set(arg_SERIAL TRUE)
  endif()
  file(RELATIVE_PATH area
    "${PROJECT_SOURCE_DIR}/tests" "${CMAKE_CURRENT_LIST_DIR}")
  string(REGEX MATCH "^[a-z]+" area "${area}")
  list(APPEND arg_LABELS ${area})
  list(REMOVE_DUPLICATES arg_LABELS)

  add_executable(${arg_NAME} ${arg_SOURCES})
  target_compile_definitions(${arg_NAME} PRIVATE BOOST_TEST_DYN_LINK)
  target_link_libraries(${arg_NAME} PRIVATE
    vmsystem_options ${arg_LIBS} Boost::unit_test_framework)

  add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} --catch_system_errors=no)
  set_tests_properties(${arg_NAME} PROPERTIES
    LABELS "${arg_LABELS}"
    TIMEOUT ${arg_TIMEOUT}
    RUN_SERIAL ${arg_SERIAL}
    ENVIRONMENT "${arg_ENVIRONMENT}")
endfunction()
