# What the project promises, measured; see main.cpp.
add_executable(vm-system-bench
  "${PROJECT_SOURCE_DIR}/app/system_config.cpp"
  harness/actor_load.cpp
  harness/constant_server.cpp
  harness/context.cpp
  harness/disk_probe.cpp
  harness/figure.cpp
  harness/http_load.cpp
  harness/load.cpp
  harness/memory.cpp
  harness/report.cpp
  harness/rig.cpp
  harness/sample.cpp
  harness/scratch_folder.cpp
  harness/socket.cpp
  main.cpp
  workloads/actor_chain.cpp
  workloads/disk.cpp
  workloads/engine_eval.cpp
  workloads/events.cpp
  workloads/http_health.cpp
  workloads/http_repl.cpp
  workloads/inproc_repl.cpp
  workloads/session_create.cpp
  workloads/session_memory.cpp
  workloads/shared.cpp
  workloads/workloads.cpp)
target_link_libraries(vm-system-bench PRIVATE
  vmsystem_bench_raw_engine
  vmsystem_gateway
  vmsystem_runtime
  CLI11::CLI11
  fmt::fmt)
target_compile_definitions(vm-system-bench PRIVATE
  VMSYSTEM_BENCH_FOLDER="${PROJECT_BINARY_DIR}/bench")
vmsystem_use_caf_pch(vm-system-bench)

# Calls the translated engine itself, whose generated header only the engine's
# own code sees.
add_library(vmsystem_bench_raw_engine STATIC workloads/raw_engine.cpp)
add_dependencies(vmsystem_bench_raw_engine vmsystem_engine_generated)
target_include_directories(vmsystem_bench_raw_engine PRIVATE
  $<TARGET_PROPERTY:vmsystem_engine_host,INCLUDE_DIRECTORIES>)
target_compile_definitions(vmsystem_bench_raw_engine PRIVATE
  WASM_RT_USE_STACK_DEPTH_COUNT=0)
target_link_libraries(vmsystem_bench_raw_engine PRIVATE vmsystem::engine)

if(VMSYSTEM_BUILD_TESTS)
  # That every workload works and that its answers are right; no time counts.
  foreach(workload IN ITEMS
      session-memory disk http-health engine-eval inproc-repl http-repl
      session-create events)
    add_test(NAME bench_${workload}
      COMMAND vm-system-bench --quick --only ${workload})
    set_tests_properties(bench_${workload} PROPERTIES
      LABELS "fast;bench"
      TIMEOUT 120)
  endforeach()
endif()
