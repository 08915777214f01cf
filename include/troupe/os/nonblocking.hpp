// SPDX-License-Identifier: BSL-1.0
#pragma once

// Makes a descriptor return at once instead of waiting, and closes it in programs that this one
// starts. By ioctl: <fcntl.h> would bring a function `open` into every program, where it hides the
// messages of that name.

#include "troupe/config/abi.hpp"
#include "troupe/config/features.hpp"

#if TROUPE_HAS_POSIX

#include <sys/ioctl.h>

namespace troupe::inline TROUPE_ABI::detail {

inline void make_nonblocking(int descriptor) noexcept {
    int on = 1;
    ::ioctl(descriptor, FIOCLEX);
    ::ioctl(descriptor, FIONBIO, &on);
}

}  // namespace troupe::inline TROUPE_ABI::detail

#endif
