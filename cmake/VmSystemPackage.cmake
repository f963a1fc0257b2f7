# `cpack -G DEB`: two packages of Debian. `make package`.
#
#   vm-system       the component `program`, with the libraries that the binary
#                   needs as its dependencies
#   vm-system-dev   the component `library`, with what its CMake package and its
#                   headers ask for

set(CPACK_DEBIAN_PACKAGE_MAINTAINER
  "The maintainers of vm-system <maintainers@vm-system.invalid>")

# -- what a package of Debian has to have --------------------------------------

find_program(VMSYSTEM_GZIP gzip)
mark_as_advanced(VMSYSTEM_GZIP)
if(NOT VMSYSTEM_GZIP)
  return()
endif()
set(_debian "${PROJECT_SOURCE_DIR}/packaging/debian")
set(_notes "${PROJECT_BINARY_DIR}/package/debian")
configure_file("${_debian}/changelog.in" "${_notes}/changelog" @ONLY)
execute_process(
  COMMAND "${VMSYSTEM_GZIP}" -9nf "${_notes}/changelog"
  COMMAND_ERROR_IS_FATAL ANY)
foreach(_package IN ITEMS vm-system vm-system-dev)
  install(FILES "${_debian}/copyright" "${_notes}/changelog.gz"
    DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/${_package}"
    COMPONENT debian-${_package})
  install(FILES "${_debian}/${_package}.lintian-overrides"
    DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/lintian/overrides"
    RENAME ${_package} COMPONENT debian-${_package})
endforeach()
# Archives have what debuggers want, 100 MB; CPACK_STRIP_FILES leaves them alone.
# This component comes behind `library`.
install(CODE "
  file(GLOB archives
    \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/libvmsystem_*.a\")
  execute_process(
    COMMAND \"${CMAKE_STRIP}\" --strip-debug --enable-deterministic-archives
      \${archives}
    COMMAND_ERROR_IS_FATAL ANY)"
  COMPONENT debian-vm-system-dev)

# -- the packages --------------------------------------------------------------

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME vm-system)
# Each package has a first line of its own.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_PACKAGE_CONTACT "${CPACK_DEBIAN_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_COMPONENTS_ALL
  program debian-vm-system library debian-vm-system-dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
# Files in /etc are named by their whole path.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# Groups of components, by which the variables below are named.
set(CPACK_DEBIAN_MAIN_PACKAGE_NAME vm-system)
set(CPACK_DEBIAN_MAIN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_MAIN_PACKAGE_SECTION javascript)
set(CPACK_DEBIAN_MAIN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_MAIN_PACKAGE_DEPENDS
  "adduser, init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_MAIN_PACKAGE_SUGGESTS npm)
set(CPACK_DEBIAN_MAIN_DESCRIPTION
  "Runs JavaScript in isolated sessions and keeps durable records
A daemon with an HTTP API, and a program for the command line, that run
JavaScript in isolated runtimes within limits, and keep a durable record and
the events of everything that ran.
.
The daemon comes as a service that is not started by itself.")
set(CPACK_DEBIAN_MAIN_PACKAGE_CONTROL_EXTRA
  "${_debian}/conffiles" "${_debian}/postinst" "${_debian}/prerm"
  "${_debian}/postrm")

# The archives are compiled against these versions of CAF and simdjson.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME vm-system-dev)
set(CPACK_DEBIAN_DEVELOPMENT_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
string(JOIN ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "libboost-dev (>= 1.74)"
  "libcaf-dev (>= 0.17)" "libcaf-dev (<< 0.18~)"
  "librocksdb-dev (>= 7.8)"
  "libsimdjson-dev (>= 3.0)"
  "libsqlite3-dev (>= 3.40)"
  "libssl-dev (>= 3.0)"
  "rapidjson-dev (>= 1.1)")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "cmake (>= 3.25), pkgconf")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
  "Runs JavaScript in isolated sessions, for C++ programs
Headers and static libraries with which a C++17 program runs JavaScript in
isolated runtimes: the engine alone, or a runtime with durable records as
typed actors of CAF. With a CMake package, files for pkg-config, and examples.")

include(CPack)
cpack_add_component_group(main)
cpack_add_component_group(development)
foreach(_component IN ITEMS program debian-vm-system)
  cpack_add_component(${_component} GROUP main)
endforeach()
foreach(_component IN ITEMS library debian-vm-system-dev)
  cpack_add_component(${_component} GROUP development)
endforeach()
