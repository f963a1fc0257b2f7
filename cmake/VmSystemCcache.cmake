# Compiles through ccache where there is one. An explicit
# CMAKE_<LANG>_COMPILER_LAUNCHER, also an empty one, wins.

find_program(VMSYSTEM_CCACHE ccache)
mark_as_advanced(VMSYSTEM_CCACHE)

if(VMSYSTEM_CCACHE)
  # Precompiled headers are cached only with the first two; the base folder and
  # `nohashdir` let clones in different folders share what they compiled.
  set(_launcher
    "${CMAKE_COMMAND}" -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros
    "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}"
    CCACHE_NOHASHDIR=1
    "${VMSYSTEM_CCACHE}")
  foreach(_language IN ITEMS C CXX)
    if(NOT DEFINED CMAKE_${_language}_COMPILER_LAUNCHER)
      set(CMAKE_${_language}_COMPILER_LAUNCHER ${_launcher})
    endif()
  endforeach()
endif()
