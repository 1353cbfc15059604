// The tier without Boost: messages, the blocking client, the socket builder, the server.
//
// A program that writes handlers as coroutines, or uses the coroutine client, includes
// uds/asio.hpp, and links the CMake target uds::asio instead of uds::uds.
#pragma once

#include "uds/client.hpp"
#include "uds/message.hpp"
#include "uds/router.hpp"
#include "uds/server.hpp"
#include "uds/socket_builder.hpp"
#include "uds/version.hpp"

/// @namespace uds
/// libuds: servers and clients of the uds protocol, and safe listening sockets. What may fail
/// returns a Result; what is a mistake in the program throws. An object belongs to one thread,
/// unless a function of it says otherwise.
