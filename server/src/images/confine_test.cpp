#include "images/worker/confine.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace astrotalk::images {
namespace {

// Each in a process of its own, which ends with 0 when `holds` does.
#define EXPECT_CONFINED(holds) \
    EXPECT_EXIT((confine(), ::_exit((holds) ? 0 : 1)), testing::ExitedWithCode(0), "")
#define EXPECT_ENDED_BY(what) \
    EXPECT_EXIT((confine(), (what), ::_exit(0)), testing::KilledBySignal(SIGSYS), "")

TEST(confine_test, reads_and_writes_what_is_open_and_opens_nothing) {
    EXPECT_CONFINED(::write(2, "", 0) == 0);
    EXPECT_CONFINED(::open("/etc/hostname", O_RDONLY) < 0 && errno == EPERM);
    EXPECT_CONFINED(::open("/tmp/astrotalk-confined", O_WRONLY | O_CREAT, 0600) < 0 && errno == EPERM);
    EXPECT_CONFINED(::unlink("/tmp/astrotalk-confined") < 0 && errno == EPERM);
    EXPECT_CONFINED(::kill(::getppid(), 0) < 0 && errno == EPERM);
}

TEST(confine_test, no_other_program_process_or_network) {
    char* const none[] = {nullptr};
    EXPECT_ENDED_BY(::execve("/bin/true", none, none));
    EXPECT_ENDED_BY(::socket(AF_INET, SOCK_STREAM, 0));
    EXPECT_ENDED_BY(::socket(AF_UNIX, SOCK_STREAM, 0));
    EXPECT_CONFINED(::fork() < 0 && errno == EPERM);
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
TEST(confine_test, no_more_than_a_gigabyte) {
    EXPECT_CONFINED(::mmap(nullptr, std::size_t{1} << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                           -1, 0) == MAP_FAILED);
}
#endif

}  // namespace
}  // namespace astrotalk::images
