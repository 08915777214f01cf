# Install rules: headers, a relocatable package config under share/, a pkg-config file. Architecture-independent.
include(CMakePackageConfigHelpers)

install(DIRECTORY include/troupe TYPE INCLUDE FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY single_include/troupe DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/troupe-single
  FILES_MATCHING PATTERN "*.hpp")
install(TARGETS troupe troupe_single EXPORT troupe_targets)

set(troupe_package_dir ${CMAKE_INSTALL_DATADIR}/cmake/troupe)
install(EXPORT troupe_targets NAMESPACE troupe:: FILE troupe-targets.cmake
  DESTINATION ${troupe_package_dir})
configure_package_config_file(tools/cmake/troupe-config.cmake.in
  ${PROJECT_BINARY_DIR}/troupe-config.cmake INSTALL_DESTINATION ${troupe_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/troupe-config-version.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/troupe-config.cmake
  ${PROJECT_BINARY_DIR}/troupe-config-version.cmake DESTINATION ${troupe_package_dir})

configure_file(tools/cmake/troupe.pc.in ${PROJECT_BINARY_DIR}/troupe.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/troupe.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/troupe)
