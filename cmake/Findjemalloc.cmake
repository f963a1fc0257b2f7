#[[
Finds jemalloc, which has no CMake config. Defines

  jemalloc_FOUND, jemalloc_VERSION
  jemalloc::jemalloc             imported target
]]

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(_jemalloc QUIET jemalloc)
endif()
find_library(jemalloc_LIBRARY jemalloc HINTS ${_jemalloc_LIBRARY_DIRS})
mark_as_advanced(jemalloc_LIBRARY)
set(jemalloc_VERSION "${_jemalloc_VERSION}")

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(jemalloc
  REQUIRED_VARS jemalloc_LIBRARY
  VERSION_VAR jemalloc_VERSION)

if(jemalloc_FOUND AND NOT TARGET jemalloc::jemalloc)
  add_library(jemalloc::jemalloc UNKNOWN IMPORTED)
  set_target_properties(jemalloc::jemalloc PROPERTIES
    IMPORTED_LOCATION "${jemalloc_LIBRARY}")
endif()
