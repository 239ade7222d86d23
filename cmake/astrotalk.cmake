# astrotalk_library(NAME dependencies…): the folder's library. Every *.cpp that is not a test belongs to it;
# queries.sql, and what_queries.sql where one file is not enough, become <folder>/queries.hpp.
# Tests beside the code become NAME_test (pure) and NAME_pgtest (needs PostgreSQL); *_bench.cpp become NAME_bench, a
# program that bench/run starts.
# The dependencies are the folder's declared edges: tools/tidy refuses any other #include.

add_library(astrotalk_precompiled OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cpp)
target_precompile_headers(astrotalk_precompiled PRIVATE
    <algorithm> <array> <chrono> <coroutine> <cstdint> <cstring> <functional> <memory> <optional> <span> <string>
    <string_view> <unordered_map> <utility> <variant> <vector> <boost/describe.hpp> <boost/system/result.hpp> <fmt/format.h>)
target_link_libraries(astrotalk_precompiled PRIVATE fmt::fmt Boost::headers)

# A precompiled header holds absolute paths, so its bytes, and with them all that ccache knows, would be worth nothing in
# another checkout. ccache is told to go by the .sum beside it instead: of the text that is precompiled, and how.
# That the header's name is not repeated on the command line serves the same end.
set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -Xclang -include-pch -Xclang <PCH_FILE>)
get_target_property(headers astrotalk_precompiled PRECOMPILE_HEADERS)
list(TRANSFORM headers REPLACE "(.+)" "#include \\1\n")
string(CONCAT headers ${headers})
file(WRITE ${CMAKE_BINARY_DIR}/precompiled.hpp "${headers}")
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -E -P -x c++ precompiled.hpp
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
get_directory_property(how COMPILE_OPTIONS)
string(REPLACE ${CMAKE_SOURCE_DIR} "" how "${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE} ${how}")
string(SHA256 sum "${how} ${text}")
file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/astrotalk_precompiled.dir/cmake_pch.hxx.pch.sum ${sum})

function(astrotalk_library name)
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    set(pure ${sources})
    set(database ${sources})
    set(measured ${sources})
    list(FILTER sources EXCLUDE REGEX "_((pg)?test|bench)\\.cpp$")
    list(FILTER pure INCLUDE REGEX "_test\\.cpp$")
    list(FILTER database INCLUDE REGEX "_pgtest\\.cpp$")
    list(FILTER measured INCLUDE REGEX "_bench\\.cpp$")
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/server/src ${CMAKE_BINARY_DIR}/generated)
    target_link_libraries(${name} PUBLIC ${ARGN} fmt::fmt Boost::headers)
    target_precompile_headers(${name} REUSE_FROM astrotalk_precompiled)
    file(GLOB queries CONFIGURE_DEPENDS queries.sql *_queries.sql)
    if(queries)
        set(header ${CMAKE_BINARY_DIR}/generated/${name}/queries.hpp)
        add_custom_command(OUTPUT ${header} DEPENDS embed_sql ${queries}
            COMMAND embed_sql ${name} ${header} ${queries})
        target_sources(${name} PRIVATE ${header})
    endif()
    if(pure)
        astrotalk_test(${name}_test ${name} ${pure})
    endif()
    if(database)
        astrotalk_test(${name}_pgtest ${name} ${database})
        target_link_libraries(${name}_pgtest PRIVATE pg_testing)
    endif()
    if(measured)
        add_executable(${name}_bench ${measured})
        target_link_libraries(${name}_bench PRIVATE ${name})
        target_precompile_headers(${name}_bench REUSE_FROM astrotalk_precompiled)
    endif()
endfunction()

function(astrotalk_test test library)
    add_executable(${test} ${ARGN})
    target_link_libraries(${test} PRIVATE ${library} GTest::gtest GTest::gtest_main)
    target_precompile_headers(${test} REUSE_FROM astrotalk_precompiled)
    add_test(NAME ${test} COMMAND ${test})
endfunction()
