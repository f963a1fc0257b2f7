# Sets VMSYSTEM_PACKAGES to a folder with the npm packages that are compiled in,
# in its node_modules, as the committed lockfile says; and VMSYSTEM_NODE to the
# program that joins them. Fetches them by npm once for each lockfile, into a
# folder that the presets share.

find_program(VMSYSTEM_NODE NAMES node nodejs)
mark_as_advanced(VMSYSTEM_NODE)
if(NOT VMSYSTEM_NODE)
  message(FATAL_ERROR
    "node is missing: it joins the npm packages of engine/globals/packages")
endif()

function(_vmsystem_install_packages folder)
  find_program(VMSYSTEM_NPM npm)
  mark_as_advanced(VMSYSTEM_NPM)
  if(NOT VMSYSTEM_NPM)
    message(FATAL_ERROR
      "npm is needed once, to fetch packages into ${folder}. Install npm, or "
      "set VMSYSTEM_PACKAGES to a folder in which `npm ci --ignore-scripts` ran "
      "with engine/globals/packages/package-lock.json.")
  endif()
  message(STATUS "Fetching npm packages into ${folder}")
  file(COPY
    "${CMAKE_CURRENT_SOURCE_DIR}/globals/packages/package.json"
    "${CMAKE_CURRENT_SOURCE_DIR}/globals/packages/package-lock.json"
    DESTINATION "${folder}")
  execute_process(
    COMMAND "${VMSYSTEM_NPM}" ci --ignore-scripts --no-audit --no-fund
    WORKING_DIRECTORY "${folder}"
    RESULT_VARIABLE result
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR
      "npm could not fetch the packages (npm ci in ${folder}):\n${output}")
  endif()
endfunction()

set(VMSYSTEM_PACKAGES "" CACHE PATH
  "Folder with the npm packages, instead of fetching them")
if(NOT VMSYSTEM_PACKAGES)
  set(_lockfile
    "${CMAKE_CURRENT_SOURCE_DIR}/globals/packages/package-lock.json")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${_lockfile}")
  file(SHA256 "${_lockfile}" _lockfile_hash)
  string(SUBSTRING "${_lockfile_hash}" 0 16 _lockfile_hash)
  set(VMSYSTEM_PACKAGES "${VMSYSTEM_ENGINE_CACHE}/packages-${_lockfile_hash}")
  # Presets may be configured at the same moment.
  file(MAKE_DIRECTORY "${VMSYSTEM_PACKAGES}")
  file(LOCK "${VMSYSTEM_PACKAGES}" DIRECTORY GUARD PROCESS TIMEOUT 300)
  if(NOT EXISTS "${VMSYSTEM_PACKAGES}/node_modules/.package-lock.json")
    _vmsystem_install_packages("${VMSYSTEM_PACKAGES}")
  endif()
  file(LOCK "${VMSYSTEM_PACKAGES}" DIRECTORY RELEASE)
endif()
