// The coroutine type of the library, named without including Boost.
//
// Task<T> is boost::asio::awaitable<T>: a handler may co_await whatever the embedding program's own
// Asio code offers. Only declared here, so that headers can mention it; whoever writes a coroutine
// includes uds/asio.hpp.
#pragma once

namespace boost::asio {
class any_io_executor;
template <typename T, typename Executor>
class awaitable;
}  // namespace boost::asio

namespace uds {

/// A coroutine that gives a T. Its body runs when it is awaited, which happens once, or given to
/// spawn().
template <class T>
using Task = boost::asio::awaitable<T, boost::asio::any_io_executor>;

}  // namespace uds
