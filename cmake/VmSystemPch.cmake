# Precompiled headers, each compiled once and shared by the targets that ask for
# it. A target can use one of them:
#
#   vmsystem_use_caf_pch(target)    caf/all.hpp and caf/io/all.hpp
#   vmsystem_use_json_pch(target)   simdjson and RapidJSON's writer
#
# They only save time: every source still includes what it uses.

add_library(vmsystem_pch_caf OBJECT EXCLUDE_FROM_ALL cmake/pch/caf.cpp)
target_link_libraries(vmsystem_pch_caf PRIVATE vmsystem_options CAF::io)
target_precompile_headers(vmsystem_pch_caf
  PRIVATE <caf/all.hpp> <caf/io/all.hpp>)

add_library(vmsystem_pch_json OBJECT EXCLUDE_FROM_ALL cmake/pch/json.cpp)
target_link_libraries(vmsystem_pch_json
  PRIVATE vmsystem_options simdjson::simdjson RapidJSON::RapidJSON)
target_precompile_headers(vmsystem_pch_json PRIVATE
  <simdjson.h> <rapidjson/stringbuffer.h> <rapidjson/writer.h>)

function(vmsystem_use_caf_pch target)
  target_precompile_headers(${target} REUSE_FROM vmsystem_pch_caf)
endfunction()

function(vmsystem_use_json_pch target)
  target_precompile_headers(${target} REUSE_FROM vmsystem_pch_json)
endfunction()
