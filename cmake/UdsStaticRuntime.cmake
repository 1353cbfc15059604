# The C++ libraries inside the programs: a dynamic linker that looks up thousands of C++ names takes most of the time
# that udsctl runs. Only libc stays dynamic: user names must go through the name services of the host (NSS).
#
# Who packages uds for a distribution that wants shared libraries only, sets UDS_STATIC_RUNTIME=OFF. Sanitizers need
# the shared libstdc++; where there is no static one, the option is off. On, it needs a static Boost.Program_options too.
include_guard(GLOBAL)
include(CheckLinkerFlag)
include(CMakeDependentOption)

check_linker_flag(CXX -static-libstdc++ UDS_HAS_STATIC_LIBSTDCXX)
cmake_dependent_option(UDS_STATIC_RUNTIME
  "Link libstdc++ into udsctl, and Boost.Program_options and spdlog into udsd: they start faster"
  ON "UDS_HAS_STATIC_LIBSTDCXX;NOT UDS_SANITIZE" OFF)

# uds_static_runtime(TARGET): for a program whose libraries need no shared libstdc++ themselves; two copies of it in one
# process would not know of each other.
function(uds_static_runtime target)
  if(UDS_STATIC_RUNTIME)
    # What nobody calls in the static library is left out again.
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc -Wl,--gc-sections -Wl,--as-needed)
  endif()
endfunction()
