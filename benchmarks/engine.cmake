# What the engine does a second on one core, without anything around it.
add_executable(engine_bench "${CMAKE_CURRENT_LIST_DIR}/engine_bench.cpp")
target_link_libraries(engine_bench
  PRIVATE vmsystem::engine benchmark::benchmark)
