add_executable(gateway_driver "${CMAKE_CURRENT_LIST_DIR}/gateway_driver.cpp")
target_link_libraries(gateway_driver PRIVATE vmsystem_gateway)
