# What figures are and how they are shown and compared: no actors, no clocks.
add_library(vmsystem_bench_report STATIC
  "${PROJECT_SOURCE_DIR}/app/html.cpp"
  harness/baseline.cpp
  harness/figure.cpp
  harness/format.cpp
  harness/machine.cpp
  harness/page.cpp
  harness/report.cpp
  harness/sample.cpp)
target_link_libraries(vmsystem_bench_report
  PUBLIC vmsystem::models
  PRIVATE fmt::fmt)

# The job that workloads run and that the peers run, too.
set(_job "${PROJECT_BINARY_DIR}/generated/bench_job_text.cpp")
set(_embed "${PROJECT_SOURCE_DIR}/engine/cmake/EmbedText.cmake")
add_custom_command(
  OUTPUT "${_job}"
  COMMAND "${CMAKE_COMMAND}"
    -D "INPUTS=${CMAKE_CURRENT_SOURCE_DIR}/jobs/filter_reduce.js"
    -D "OUTPUT=${_job}"
    -D HEADER=vmsystem/benchmarks/harness/bench_job.hpp
    -D NAMESPACE=vmsystem::bench
    -D FUNCTION=job_sources
    -P "${_embed}"
  DEPENDS jobs/filter_reduce.js "${_embed}"
  COMMENT "Embedding the benchmarks' job"
  VERBATIM)

# What the project promises, measured; see main.cpp.
add_executable(vm-system-bench
  "${PROJECT_SOURCE_DIR}/app/system_config.cpp"
  "${_job}"
  arguments.cpp
  harness/actor_load.cpp
  harness/bench_job.cpp
  harness/constant_server.cpp
  harness/context.cpp
  harness/disk_probe.cpp
  harness/http_load.cpp
  harness/load.cpp
  harness/memory.cpp
  harness/rig.cpp
  harness/scratch_folder.cpp
  harness/socket.cpp
  main.cpp
  workloads/actor_chain.cpp
  workloads/actor_messages.cpp
  workloads/batch.cpp
  workloads/disk.cpp
  workloads/engine_eval.cpp
  workloads/engine_fresh.cpp
  workloads/events.cpp
  workloads/http_health.cpp
  workloads/http_repl.cpp
  workloads/inproc_repl.cpp
  workloads/session_create.cpp
  workloads/session_memory.cpp
  workloads/shared.cpp
  workloads/stages.cpp
  workloads/threads.cpp
  workloads/user_script.cpp
  workloads/workloads.cpp
  workloads/writer.cpp)
target_link_libraries(vm-system-bench PRIVATE
  vmsystem_allocator
  vmsystem_bench_raw_engine
  vmsystem_bench_report
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
      session-memory disk writer-commit engine-eval engine-fresh stages actors
      inproc-repl events batch-fresh batch-session batch-compute
      http-health http-repl session-create)
    add_test(NAME bench_${workload}
      COMMAND vm-system-bench --quick --only ${workload})
    set_tests_properties(bench_${workload} PROPERTIES
      LABELS "fast;bench"
      TIMEOUT 120)
  endforeach()

  # The peers' side without their packages. Whoever built without npm may have
  # no Node.
  find_program(VMSYSTEM_NODE node)
  mark_as_advanced(VMSYSTEM_NODE)
  if(VMSYSTEM_NODE)
    add_test(NAME bench_peers_test
      COMMAND "${VMSYSTEM_NODE}" --test
        "${CMAKE_CURRENT_SOURCE_DIR}/peers/peers.test.mjs")
    set_tests_properties(bench_peers_test PROPERTIES
      LABELS "fast;bench"
      TIMEOUT 60)
  endif()
endif()
