# How many change sets a second become durable, beside what the disk can do.
add_executable(writer_bench "${CMAKE_CURRENT_LIST_DIR}/writer_bench.cpp")
target_link_libraries(writer_bench
  PRIVATE vmsystem_persistence benchmark::benchmark)
