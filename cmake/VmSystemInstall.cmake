#[[
`cmake --install`: the libraries with their headers, a CMake package, pkg-config
files, and the program where it is built.

  --component library    what an embedding program needs, with examples
  --component program    bin/vm-system, its manual, and what runs it as a service

The package has components that build on each other: engine (with the models; no
CAF), runtime, gateway. Each is an export set, so that a program that wants the
engine alone needs nothing of what the others link.
]]

include(CMakePackageConfigHelpers)

set(_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/vmsystem")
set(_header_dir "${CMAKE_INSTALL_INCLUDEDIR}/vmsystem")
set(_generated_dir "${PROJECT_BINARY_DIR}/package")

get_target_property(_engine vmsystem::engine ALIASED_TARGET)
set_target_properties(${_engine} PROPERTIES EXCLUDE_FROM_ALL OFF)

# -- libraries -----------------------------------------------------------------

set(_engine_targets vmsystem_options vmsystem_models ${_engine})
set(_runtime_targets
  vmsystem_errors vmsystem_persistence vmsystem_pipeline vmsystem_runtime)
set(_gateway_targets vmsystem_http vmsystem_gateway)

foreach(_component IN ITEMS engine runtime gateway)
  foreach(_target IN LISTS _${_component}_targets)
    string(REPLACE "vmsystem_" "" _name "${_target}")
    if(_target STREQUAL _engine)
      set(_name engine) # Whatever its flavour.
    endif()
    set_target_properties(${_target} PROPERTIES EXPORT_NAME ${_name})
  endforeach()
  install(TARGETS ${_${_component}_targets}
    EXPORT vmsystem-${_component}
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library)
  install(EXPORT vmsystem-${_component}
    FILE vmsystem-${_component}-targets.cmake
    NAMESPACE vmsystem::
    DESTINATION "${_package_dir}"
    COMPONENT library)
endforeach()

# -- headers -------------------------------------------------------------------

foreach(_folder IN ITEMS models persistence pipeline actors)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${_folder}"
    DESTINATION "${_header_dir}" COMPONENT library
    FILES_MATCHING PATTERN "*.hpp"
    PATTERN "faulty_store.hpp" EXCLUDE)
endforeach()
# The others look into the translated engine, whose header stays ours.
foreach(_header IN ITEMS
    host_function_table image instance library run thread)
  install(FILES "${PROJECT_SOURCE_DIR}/engine/${_header}.hpp"
    DESTINATION "${_header_dir}/engine" COMPONENT library)
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/engine/modules/module_settings.hpp"
  DESTINATION "${_header_dir}/engine/modules" COMPONENT library)

# -- package -------------------------------------------------------------------

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/package/vmsystem-config.cmake.in"
  "${_generated_dir}/vmsystem-config.cmake"
  INSTALL_DESTINATION "${_package_dir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  "${_generated_dir}/vmsystem-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${_generated_dir}/vmsystem-config.cmake"
  "${_generated_dir}/vmsystem-config-version.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/VmSystemRapidJSON.cmake"
  DESTINATION "${_package_dir}" COMPONENT library)

# The prefix is known when a file is installed: --prefix may change it.
#
#   vmsystem_install_text(file DESTINATION folder COMPONENT component)
#
# Installs a text file. In it, <install prefix>, <bindir> and <sysconfdir> become
# what they are then; /usr has its settings in /etc. So do <sysconfdir> and
# <zsh completions>, which in /usr are those of packages, in the folder. <walls>
# becomes what the services of systemd have in common.
function(vmsystem_install_text file)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DESTINATION;COMPONENT" "")
  cmake_path(GET file FILENAME name)
  string(REGEX REPLACE "\\.in$" "" name "${name}")
  install(CODE "
    set(prefix \"\${CMAKE_INSTALL_PREFIX}\")
    set(settings \"\${prefix}/etc\")
    set(zsh site-functions)
    if(prefix STREQUAL \"/usr\")
      set(settings /etc)
      set(zsh vendor-completions)
    endif()
    file(READ \"${file}\" text)
    string(REPLACE \"<install prefix>\" \"\${prefix}\" text \"\${text}\")
    file(READ \"${PROJECT_SOURCE_DIR}/packaging/systemd/walls.conf\" walls)
    string(REPLACE \"<walls>\\n\" \"\${walls}\" text \"\${text}\")
    string(REPLACE \"<bindir>\" \"\${prefix}/${CMAKE_INSTALL_BINDIR}\"
      text \"\${text}\")
    string(REPLACE \"<sysconfdir>\" \"\${settings}\" text \"\${text}\")
    set(folder \"${arg_DESTINATION}\")
    string(REPLACE \"<sysconfdir>\" \"\${settings}\" folder \"\${folder}\")
    string(REPLACE \"<zsh completions>\" \"\${zsh}\" folder \"\${folder}\")
    if(NOT IS_ABSOLUTE \"\${folder}\")
      set(folder \"\${prefix}/\${folder}\")
    endif()
    message(STATUS \"Installing: \$ENV{DESTDIR}\${folder}/${name}\")
    file(WRITE \"\$ENV{DESTDIR}\${folder}/${name}\" \"\${text}\")"
    COMPONENT ${arg_COMPONENT})
endfunction()

# vmsystem-engine.pc is the engine alone, vmsystem.pc everything.
set(_pc_definitions "")
if(VMSYSTEM_FIRST_TYPE_ID)
  set(_pc_definitions "-DVMSYSTEM_FIRST_TYPE_ID=${VMSYSTEM_FIRST_TYPE_ID}")
endif()
foreach(_pc IN ITEMS vmsystem vmsystem-engine)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/package/${_pc}.pc.in"
    "${_generated_dir}/${_pc}.pc" @ONLY)
  vmsystem_install_text("${_generated_dir}/${_pc}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT library)
endforeach()

# -- program and notices -------------------------------------------------------

if(VMSYSTEM_BUILD_PROGRAM)
  install(TARGETS vm-system
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT program)
  # Manual pages are kept compressed, where they can be.
  set(_documents "${PROJECT_BINARY_DIR}/package/documents")
  find_program(VMSYSTEM_GZIP gzip)
  mark_as_advanced(VMSYSTEM_GZIP)
  install(DIRECTORY "${_documents}/man1"
    DESTINATION "${CMAKE_INSTALL_MANDIR}" COMPONENT program)
  if(VMSYSTEM_GZIP)
    install(CODE "
      file(GLOB pages
        \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_MANDIR}/man1/vm-system*.1\")
      execute_process(COMMAND \"${VMSYSTEM_GZIP}\" -9nf \${pages}
        COMMAND_ERROR_IS_FATAL ANY)"
      COMPONENT program)
  endif()
  install(FILES "${_documents}/vm-system"
    DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions"
    COMPONENT program)
  install(FILES "${_documents}/vm-system.fish"
    DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/fish/vendor_completions.d"
    COMPONENT program)
  vmsystem_install_text("${_documents}/_vm-system"
    DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/zsh/<zsh completions>"
    COMPONENT program)
  set(_packaging "${PROJECT_SOURCE_DIR}/packaging")
  foreach(_unit IN ITEMS
      vm-system.service.in vm-system@.service.in vm-system.socket)
    vmsystem_install_text("${_packaging}/systemd/${_unit}"
      DESTINATION lib/systemd/system COMPONENT program)
  endforeach()
  vmsystem_install_text("${_packaging}/default/vm-system"
    DESTINATION "<sysconfdir>/default" COMPONENT program)
endif()
set(_library_documents "${CMAKE_INSTALL_DOCDIR}-dev")
set(_program_documents "${CMAKE_INSTALL_DOCDIR}")
foreach(_component IN ITEMS library program)
  install(FILES LICENSE THIRD_PARTY.md
    DESTINATION "${_${_component}_documents}" COMPONENT ${_component})
  install(DIRECTORY licenses
    DESTINATION "${_${_component}_documents}" COMPONENT ${_component})
endforeach()
install(DIRECTORY examples
  DESTINATION "${_library_documents}" COMPONENT library
  PATTERN scripts EXCLUDE)
install(FILES docs/embedding.md
  DESTINATION "${_library_documents}" COMPONENT library)
