// SPDX-License-Identifier: BSL-1.0

// The standard headers that every such library rests on, and nothing else.

#include <atomic>
#include <chrono>
#include <coroutine>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

int main() {}
