# A room is a static library in the one-way order that src/CMakeLists.txt lists. It may depend only
# on rooms listed above it, so a cycle between rooms cannot be declared.
#
#   guanxi_room(NAME DEPENDS lower-rooms... LINK external targets... SOURCES *.cpp TESTS *_test.cpp)
function(guanxi_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LINK;SOURCES;TESTS" ${ARGN})
  foreach(lower IN LISTS ROOM_DEPENDS)
    if(NOT TARGET guanxi_${lower})
      message(FATAL_ERROR "${name} may only depend on rooms listed above it, not on ${lower}.")
    endif()
  endforeach()
  list(TRANSFORM ROOM_DEPENDS PREPEND guanxi_ OUTPUT_VARIABLE lower_targets)
  if(ROOM_SOURCES)
    add_library(guanxi_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(guanxi_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(guanxi_${name} PUBLIC guanxi_options ${lower_targets} ${ROOM_LINK})
    if(GUANXI_PCH)
      target_precompile_headers(guanxi_${name} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.hpp)
    endif()
  else()
    add_library(guanxi_${name} INTERFACE)
    target_include_directories(guanxi_${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(guanxi_${name} INTERFACE guanxi_options ${lower_targets} ${ROOM_LINK})
  endif()
  add_library(guanxi::${name} ALIAS guanxi_${name})
  if(ROOM_TESTS AND GUANXI_TESTS)
    add_executable(${name}_test ${ROOM_TESTS})
    target_link_libraries(${name}_test PRIVATE guanxi_${name} guanxi_test_options)
    add_test(NAME unit.${name} COMMAND ${name}_test --gtest_brief=1)
    set_tests_properties(unit.${name} PROPERTIES LABELS unit)
  endif()
endfunction()

# A test program that crosses rooms: guanxi_test(NAME LABEL property SOURCES ... DEPENDS rooms...)
function(guanxi_test name)
  cmake_parse_arguments(T "" "LABEL" "DEPENDS;LINK;SOURCES" ${ARGN})
  list(TRANSFORM T_DEPENDS PREPEND guanxi_ OUTPUT_VARIABLE rooms)
  add_executable(${name} ${T_SOURCES})
  target_link_libraries(${name} PRIVATE ${rooms} ${T_LINK} guanxi_test_options)
  add_test(NAME ${T_LABEL}.${name} COMMAND ${name} --gtest_brief=1 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${T_LABEL}.${name} PROPERTIES LABELS ${T_LABEL})
endfunction()

# A C++ file, named by the variable `output`, whose function FUNCTION gives the texts of FILES:
# what is shipped is compiled in, so that the program needs no folder beside it.
function(guanxi_embed output)
  cmake_parse_arguments(EMBED "" "FUNCTION" "FILES" ${ARGN})
  set(file ${CMAKE_CURRENT_BINARY_DIR}/${EMBED_FUNCTION}_text.cpp)
  set(script ${PROJECT_SOURCE_DIR}/cmake/embed_texts.cmake)
  add_custom_command(
    OUTPUT ${file}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${file} -DFUNCTION=${EMBED_FUNCTION}
            "-DFILES=${EMBED_FILES}" -P ${script}
    DEPENDS ${EMBED_FILES} ${script}
    VERBATIM)
  set(${output} ${file} PARENT_SCOPE)
endfunction()
