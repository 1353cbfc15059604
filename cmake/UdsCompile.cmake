# Warnings, hardening and sanitizers for the targets of this project; nothing here reaches a consumer.
include_guard(GLOBAL)

# uds_compile_options(TARGET): the flags every target of ours is built with.
function(uds_compile_options target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
    -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wduplicated-cond -Wlogical-op -Wno-tsan)
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # GCC 12 sees overflows in optimised std::string concatenation that are not there (GCC bugs 105329, 105651), and
      # the wrong operator delete for coroutine frames.
      target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-restrict
        -Wno-stringop-overflow -Wno-stringop-overread -Wno-mismatched-new-delete)
    endif()
  endif()
  if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # It means headers, and takes the sources that a unity build includes for such.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  if(UDS_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  target_compile_options(${target} PRIVATE -fstack-clash-protection -fcf-protection)
  target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT UDS_SANITIZE)
    # A compiler or a distribution may define another level already.
    target_compile_options(${target} PRIVATE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  endif()
  target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now)
  # Where all addresses are known from the start, the detour of a call into a library by the PLT is of no use.
  target_compile_options(${target} PRIVATE -fno-plt)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  if(UDS_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${UDS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${UDS_SANITIZE})
    # Shows what is deprecated in Asio. Not in builds that others link: it changes functions that a program's own Asio
    # has, too (see common/CMakeLists.txt).
    target_compile_definitions(${target} PRIVATE BOOST_ASIO_NO_DEPRECATED)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # Instrumented code makes GCC 12 see uninitialised reads in std::variant that are not there.
      target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
    endif()
  endif()
endfunction()

# uds_precompile(TARGET HEADER...): a precompiled header; Asio and nlohmann/json dominate the build time.
function(uds_precompile target)
  target_precompile_headers(${target} PRIVATE ${ARGN})
endfunction()
