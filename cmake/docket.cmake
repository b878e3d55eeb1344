# Compiler settings that every target shares, and the two helpers that declare a library and a test.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Paths count from the source folder, so that another clone of the same sources finds what this one compiled.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

add_library(docket_options INTERFACE)
target_compile_options(docket_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast>)
# GCC 12 reports these wrongly on inlined std::string and std::vector code.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(docket_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds>)
endif()
if(DOCKET_WERROR)
  target_compile_options(docket_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
if(DOCKET_SANITIZE)
  # The sanitizers' own code makes GCC 12 see uninitialized values inside libstdc++'s std::function.
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(docket_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>)
  endif()
  add_compile_options(-fsanitize=${DOCKET_SANITIZE} -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${DOCKET_SANITIZE})
endif()

# docket_library(core_base SOURCES a.cpp ... DEPS docket libraries or imported targets ... PRIVATE_DEPS ...)
# One static library for one folder of src/: target docket_<name>.
function(docket_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(docket_${name} STATIC ${ARG_SOURCES})
  target_include_directories(docket_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(docket_${name} PUBLIC ${ARG_DEPS} PRIVATE docket_options ${ARG_PRIVATE_DEPS})
endfunction()

# docket_test(page_test SOURCES page_test.cpp DEPS docket_page LABELS unit)
# One GoogleTest program. Its tests run in the source folder, so fixtures are found by relative path.
# GoogleTest's headers are compiled once for all of them.
function(docket_test_headers)
  add_executable(docket_test_headers ${PROJECT_SOURCE_DIR}/tests/headers.cpp)
  target_link_libraries(docket_test_headers PRIVATE docket_options docket_core_base GTest::gtest GTest::gmock)
  target_precompile_headers(docket_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h> <string> <vector> <map>)
  if(DOCKET_SANITIZE)
    target_compile_options(docket_test_headers PRIVATE -O0)
  endif()
endfunction()

function(docket_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE docket_options ${ARG_DEPS} GTest::gtest GTest::gmock GTest::gtest_main)
  if(DOCKET_SANITIZE)
    # The test's own code is compiled far more often than it runs long.
    target_compile_options(${name} PRIVATE -O0)
  endif()
  target_precompile_headers(${name} REUSE_FROM docket_test_headers)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "DOCKET_PROGRAM=$<TARGET_FILE_DIR:${name}>/docket")
endfunction()
