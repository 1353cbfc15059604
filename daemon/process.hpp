// What udsd sets up once for the whole process, before anything else is opened.
#pragma once

#include <cstddef>

namespace udsd {

/// Opens /dev/null where descriptor 0, 1 or 2 is closed, so that no socket gets the number that
/// messages are written to.
void fill_standard_descriptors();
/// A write to a closed pipe or socket is then an error of that write, and no end of the process.
void ignore_sigpipe();
/// Children that have ended are not waited for: they leave nothing behind.
void leave_children();
/// Lets the allocator keep what large messages needed for the next ones. Given back to the kernel
/// and asked for again page by page, it costs more than all else that is done with such a message.
/// Does nothing where the environment says how the allocator is to be (mallopt(3)).
void keep_freed_memory();
/// Raises the soft limit of open descriptors to the hard one and returns it.
std::size_t raise_descriptor_limit();

}  // namespace udsd
