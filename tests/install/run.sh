#!/bin/sh
# run.sh FORM SOURCE BUILD CMAKE COMPILER GENERATOR: builds and runs consumer.cpp the way FORM says. Downloads nothing.
set -eu
form=$1 source=$2 build=$3 cmake=$4 compiler=$5 generator=$6
dir=$build/tests/install/$form.d
rm -rf "$dir"
mkdir -p "$dir"

install_here() { "$cmake" --install "$build" --prefix "$dir/prefix" >"$dir/install.log"; }
build_and_run() { # CMAKE_ARGS...
    "$cmake" -S "$source/tests/install/$form" -B "$dir/build" -G "$generator" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Debug "$@"
    "$cmake" --build "$dir/build"
    "$dir/build/consumer_troupe"
    "$dir/build/consumer_single"
}

case $form in
find_package)
    install_here
    mv "$dir/prefix" "$dir/moved" # the package is relocatable
    build_and_run -DCMAKE_PREFIX_PATH="$dir/moved"
    ;;
subproject | fetch_content) build_and_run -DTROUPE_SOURCE="$source" ;;
pkg_config)
    command -v pkg-config >/dev/null || { echo "no pkg-config here"; exit 77; }
    install_here
    PKG_CONFIG_PATH=$dir/prefix/share/pkgconfig
    export PKG_CONFIG_PATH
    # shellcheck disable=SC2046  # words
    "$compiler" -std=c++20 $(pkg-config --cflags troupe) "$source/tests/install/consumer.cpp" -o "$dir/consumer" $(pkg-config --libs troupe)
    "$dir/consumer"
    ;;
drop_in) # two files in a folder, one compiler call
    cp "$source/single_include/troupe/troupe.hpp" "$source/tests/install/consumer.cpp" "$dir"
    sed -i 's,<troupe/troupe.hpp>,"troupe.hpp",' "$dir/consumer.cpp"
    cd "$dir"
    "$compiler" -std=c++20 -O2 -pthread consumer.cpp -o consumer
    ./consumer
    ;;
esac
