#[[
Finds libedit, which has no CMake config. Defines

  libedit_FOUND, libedit_VERSION
  libedit::libedit               imported target
]]

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(_libedit QUIET libedit)
endif()
find_path(libedit_INCLUDE_DIR histedit.h HINTS ${_libedit_INCLUDE_DIRS})
find_library(libedit_LIBRARY edit HINTS ${_libedit_LIBRARY_DIRS})
mark_as_advanced(libedit_INCLUDE_DIR libedit_LIBRARY)
set(libedit_VERSION "${_libedit_VERSION}")

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(libedit
  REQUIRED_VARS libedit_LIBRARY libedit_INCLUDE_DIR
  VERSION_VAR libedit_VERSION)

if(libedit_FOUND AND NOT TARGET libedit::libedit)
  add_library(libedit::libedit UNKNOWN IMPORTED)
  set_target_properties(libedit::libedit PROPERTIES
    IMPORTED_LOCATION "${libedit_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${libedit_INCLUDE_DIR}")
endif()
