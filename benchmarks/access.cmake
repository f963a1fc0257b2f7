# Whether the time of a look-up tells how much of a token was right.
add_executable(access_bench "${CMAKE_CURRENT_LIST_DIR}/access_bench.cpp")
target_link_libraries(access_bench PRIVATE vmsystem_http)
