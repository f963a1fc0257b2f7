# Defines `vmsystem_options`: what every own target compiles with. Own
# libraries link it PUBLIC: the include folder is needed by whoever includes our
# headers. Warnings and checks stay ours all the same: they apply only to
# targets made below this folder, never to those of a parent project or of one
# that uses the installed package.

include(GNUInstallDirs)

# Makes our headers "vmsystem/<folder>/<file>.hpp".
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}"
  "${PROJECT_BINARY_DIR}/include/vmsystem" SYMBOLIC)

# Targets made from here on (in this directory's scope) carry the property.
define_property(TARGET PROPERTY VMSYSTEM_OWN
  BRIEF_DOCS "Whether the target is code of vm-system itself"
  INITIALIZE_FROM_VARIABLE VMSYSTEM_OWN)
set(VMSYSTEM_OWN ON)

add_library(vmsystem_options INTERFACE)
target_compile_features(vmsystem_options INTERFACE cxx_std_17)
target_include_directories(vmsystem_options INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
  "$<INSTALL_INTERFACE:$<INSTALL_PREFIX>/${CMAKE_INSTALL_INCLUDEDIR}>")
# The archives hold it, so whoever links them compiles with it.
if(VMSYSTEM_FIRST_TYPE_ID)
  target_compile_definitions(vmsystem_options
    INTERFACE "VMSYSTEM_FIRST_TYPE_ID=${VMSYSTEM_FIRST_TYPE_ID}")
endif()

set(_own "$<BOOL:$<TARGET_PROPERTY:VMSYSTEM_OWN>>")

# An unregistered message type is a compile error instead of a run-time one.
target_compile_definitions(vmsystem_options INTERFACE
  "$<BUILD_INTERFACE:$<${_own}:CAF_ENABLE_TYPE_ID_CHECKS>>")

set(_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(VMSYSTEM_WERROR)
  list(APPEND _warnings -Werror)
endif()
target_compile_options(vmsystem_options INTERFACE
  "$<BUILD_INTERFACE:$<${_own}:${_warnings}>>")

if(VMSYSTEM_SANITIZE STREQUAL "address")
  set(_sanitize -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(VMSYSTEM_SANITIZE STREQUAL "thread")
  set(_sanitize -fsanitize=thread)
elseif(NOT VMSYSTEM_SANITIZE STREQUAL "")
  message(FATAL_ERROR "VMSYSTEM_SANITIZE is \"${VMSYSTEM_SANITIZE}\"; "
    "it can be empty, address or thread")
endif()
if(VMSYSTEM_SANITIZE)
  target_compile_options(vmsystem_options INTERFACE
    ${_sanitize} -fno-omit-frame-pointer)
  target_link_options(vmsystem_options INTERFACE ${_sanitize})
endif()
if(VMSYSTEM_SANITIZE STREQUAL "thread")
  # Every program, since CAF's library itself is not instrumented.
  set(_program "$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>")
  target_sources(vmsystem_options INTERFACE
    "$<BUILD_INTERFACE:$<${_program}:${PROJECT_SOURCE_DIR}/cmake/sanitizers/tsan_caf.cpp>>")
  target_link_libraries(vmsystem_options INTERFACE
    "$<BUILD_INTERFACE:$<${_program}:CAF::core;${CMAKE_DL_LIBS}>>")
endif()

if(VMSYSTEM_COVERAGE)
  target_compile_options(vmsystem_options INTERFACE --coverage)
  target_link_options(vmsystem_options INTERFACE --coverage)
endif()
