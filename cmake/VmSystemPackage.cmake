# `cpack -G DEB`: the component `program` as a package of Debian, with the
# libraries that the binary needs as its dependencies. `make package`.

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
install(FILES "${_debian}/copyright" "${_notes}/changelog.gz"
  DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/vm-system" COMPONENT debian)
install(FILES "${_debian}/lintian-overrides"
  DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/lintian/overrides"
  RENAME vm-system COMPONENT debian)

# -- the package ---------------------------------------------------------------

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME vm-system)
set(CPACK_PACKAGE_CONTACT "${CPACK_DEBIAN_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_COMPONENTS_ALL program debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
# Files in /etc are named by their whole path.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION javascript)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS npm)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "A daemon with an HTTP API, and a program for the command line, that run
JavaScript in isolated runtimes within limits, and keep a durable record and
the events of everything that ran.
.
The daemon comes as a service that is not started by itself.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${_debian}/conffiles" "${_debian}/postinst" "${_debian}/prerm"
  "${_debian}/postrm")
include(CPack)
