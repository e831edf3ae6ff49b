# Warnings, floating-point rules and sanitizers that every room is built with.
add_library(guanxi_options INTERFACE)
target_compile_options(guanxi_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wswitch-enum
  -ffp-contract=off -fno-omit-frame-pointer
  $<$<CONFIG:Debug>:-Werror>)
if(GUANXI_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(guanxi_options INTERFACE -fpch-preprocess)
endif()
# GCC 12 warns of its own std::string at -O2 and above (its bug 105329); the debug build keeps all.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(guanxi_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:-Wno-stringop-overflow
    -Wno-stringop-overread -Wno-array-bounds -Wno-maybe-uninitialized -Wno-restrict>)
endif()
if(GUANXI_NATIVE)
  target_compile_options(guanxi_options INTERFACE -march=native)
endif()
if(GUANXI_SANITIZE)
  target_compile_options(guanxi_options INTERFACE -fsanitize=${GUANXI_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(guanxi_options INTERFACE -fsanitize=${GUANXI_SANITIZE})
endif()
find_program(MOLD mold)
if(MOLD)
  target_link_options(guanxi_options INTERFACE -fuse-ld=mold)
endif()
