# Sets VMSYSTEM_QUICKJS_WASM to a quickjs.wasm whose content is the one that this
# source was written for. Fetches it by npm once, into a folder that the presets
# share; a configuration that finds it there touches no network.

set(VMSYSTEM_QUICKJS_SHA256
  d4c9375f2b1ca4dc95f72c8aa2982a7a9951ac8011490d79c6582df732b4bbd9)

if(PROJECT_IS_TOP_LEVEL)
  set(_cache "${PROJECT_SOURCE_DIR}/build/_engine")
else()
  set(_cache "${PROJECT_BINARY_DIR}/_engine")
endif()
set(VMSYSTEM_ENGINE_CACHE "${_cache}" CACHE PATH
  "Folder into which npm installs the JavaScript engine")
set(VMSYSTEM_ENGINE_WASM "" CACHE FILEPATH
  "quickjs.wasm to use instead of fetching it by npm")

function(_vmsystem_check_wasm file way_out)
  if(NOT EXISTS "${file}")
    message(FATAL_ERROR "The JavaScript engine is missing: ${file}\n${way_out}")
  endif()
  file(SHA256 "${file}" found)
  if(NOT found STREQUAL VMSYSTEM_QUICKJS_SHA256)
    message(FATAL_ERROR
      "The JavaScript engine is not the one that this source was written for: "
      "${file}\n  found    sha256 ${found}\n"
      "  expected sha256 ${VMSYSTEM_QUICKJS_SHA256}\n${way_out}")
  endif()
endfunction()

function(_vmsystem_install_wasm folder)
  find_program(VMSYSTEM_NPM npm)
  mark_as_advanced(VMSYSTEM_NPM)
  if(NOT VMSYSTEM_NPM)
    message(FATAL_ERROR
      "npm is needed once, to fetch the JavaScript engine into ${folder}. "
      "Install npm, or set VMSYSTEM_ENGINE_WASM to the quickjs.wasm of the npm "
      "package quickjs-wasi 3.6.2.")
  endif()
  message(STATUS "Fetching the JavaScript engine into ${folder}")
  file(COPY
    "${CMAKE_CURRENT_SOURCE_DIR}/wasm/package.json"
    "${CMAKE_CURRENT_SOURCE_DIR}/wasm/package-lock.json"
    DESTINATION "${folder}")
  execute_process(
    COMMAND "${VMSYSTEM_NPM}" ci --ignore-scripts --no-audit --no-fund
    WORKING_DIRECTORY "${folder}"
    RESULT_VARIABLE result
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR
      "npm could not fetch the JavaScript engine (npm ci in ${folder}):\n"
      "${output}\nWithout a network, set VMSYSTEM_ENGINE_WASM to the "
      "quickjs.wasm of the npm package quickjs-wasi 3.6.2.")
  endif()
endfunction()

if(VMSYSTEM_ENGINE_WASM)
  set(VMSYSTEM_QUICKJS_WASM "${VMSYSTEM_ENGINE_WASM}")
  _vmsystem_check_wasm("${VMSYSTEM_QUICKJS_WASM}"
    "Set VMSYSTEM_ENGINE_WASM to the quickjs.wasm of the npm package \
quickjs-wasi 3.6.2, or leave it empty.")
else()
  set(VMSYSTEM_QUICKJS_WASM
    "${VMSYSTEM_ENGINE_CACHE}/node_modules/quickjs-wasi/quickjs.wasm")
  # Presets may be configured at the same moment.
  file(MAKE_DIRECTORY "${VMSYSTEM_ENGINE_CACHE}")
  file(LOCK "${VMSYSTEM_ENGINE_CACHE}" DIRECTORY GUARD PROCESS TIMEOUT 300)
  if(NOT EXISTS "${VMSYSTEM_QUICKJS_WASM}")
    _vmsystem_install_wasm("${VMSYSTEM_ENGINE_CACHE}")
  endif()
  _vmsystem_check_wasm("${VMSYSTEM_QUICKJS_WASM}"
    "Remove the folder ${VMSYSTEM_ENGINE_CACHE} and configure again to fetch it \
anew.")
  file(LOCK "${VMSYSTEM_ENGINE_CACHE}" DIRECTORY RELEASE)
endif()
