// SPDX-License-Identifier: BSL-1.0
#pragma once

// All of troupe that needs only the standard library and the operating system.

#include "troupe/system/system.hpp"
