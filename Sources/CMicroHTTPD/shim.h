#pragma once
// Only the types and constants of libmicrohttpd: the library itself is loaded when a configuration has a section `http`.
#include <microhttpd.h>
