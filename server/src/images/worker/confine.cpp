#include "images/worker/confine.hpp"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstdlib>
#include <initializer_list>

namespace astrotalk::images {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ASTROTALK_SHADOW_MEMORY
#endif
#endif

void must(bool done) {
    if (!done) std::_Exit(3);
}

void limit(int what, rlim_t most) {
    const rlimit both{most, most};
    must(::setrlimit(static_cast<__rlimit_resource>(what), &both) == 0);
}

void allow(scmp_filter_ctx filter, std::initializer_list<int> calls) {
    // A negative number is a call that this architecture does not have.
    for (const int call : calls) must(call < 0 || ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0);
}

void end_on(scmp_filter_ctx filter, std::initializer_list<int> calls) {
    for (const int call : calls)
        must(call < 0 || ::seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, call, 0) == 0);
}

}  // namespace

void confine() {
#ifndef ASTROTALK_SHADOW_MEMORY
    limit(RLIMIT_AS, rlim_t{1} << 30);
#endif
    limit(RLIMIT_CPU, 10);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 16);
    must(::prctl(PR_SET_DUMPABLE, 0) == 0);

    const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ERRNO(EPERM));
    must(filter != nullptr);
    allow(filter, {SCMP_SYS(read),
                   SCMP_SYS(write),
                   SCMP_SYS(close),
                   SCMP_SYS(fstat),
                   SCMP_SYS(lseek),
                   SCMP_SYS(mmap),
                   SCMP_SYS(munmap),
                   SCMP_SYS(mprotect),
                   SCMP_SYS(mremap),
                   SCMP_SYS(madvise),
                   SCMP_SYS(brk),
                   SCMP_SYS(futex),
                   SCMP_SYS(set_robust_list),
                   SCMP_SYS(rseq),
                   SCMP_SYS(exit),
                   SCMP_SYS(exit_group),
                   SCMP_SYS(rt_sigaction),
                   SCMP_SYS(rt_sigprocmask),
                   SCMP_SYS(rt_sigreturn),
                   SCMP_SYS(sigaltstack),
                   SCMP_SYS(sched_yield),
                   SCMP_SYS(sched_getaffinity),
                   SCMP_SYS(getpid),
                   SCMP_SYS(gettid),
                   SCMP_SYS(tgkill),
                   SCMP_SYS(clock_gettime),
                   SCMP_SYS(clock_nanosleep),
                   SCMP_SYS(gettimeofday),
                   SCMP_SYS(getrandom),
                   SCMP_SYS(getrusage),
                   SCMP_SYS(poll),
                   SCMP_SYS(ppoll),
                   SCMP_SYS(restart_syscall),
                   SCMP_SYS(sysinfo)});
#ifdef ASTROTALK_SHADOW_MEMORY
    // The sanitizers ask through a pipe whether memory can be read.
    allow(filter, {SCMP_SYS(pipe), SCMP_SYS(pipe2)});
#endif
    // Threads, but no processes. The newer call hides its flags in memory, where no filter sees them: libc
    // takes the older one when there is no newer.
    must(::seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0);
    must(::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0);
    end_on(filter, {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(socket),
                    SCMP_SYS(connect), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(bpf),
                    SCMP_SYS(io_uring_setup)});
    must(::seccomp_load(filter) == 0);  // sets no_new_privs itself
    ::seccomp_release(filter);
}

}  // namespace astrotalk::images
