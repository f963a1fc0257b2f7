#include "vmsystem/engine/program_start.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vmsystem::engine {

namespace {

#if defined(__x86_64__)
constexpr uint32_t own_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t own_architecture = AUDIT_ARCH_AARCH64;
#else
#  error "the architecture's AUDIT_ARCH_ constant belongs here"
#endif

/// System calls from here on are those of the x32 ABI.
constexpr uint32_t other_abi = 0x40000000;

constexpr std::size_t child_stack_bytes = 64u << 10;

/// Until `execve` the child shares our memory, and must not touch what the
/// library and sanitizers keep there of descriptors, signals and the thread: it
/// makes its system calls itself.
#define VMSYSTEM_IN_CHILD __attribute__((no_sanitize("address", "thread")))

constexpr sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}

constexpr sock_filter jump(uint16_t test, uint32_t value, uint8_t if_true,
                           uint8_t if_false) {
  return BPF_JUMP(static_cast<uint16_t>(BPF_JMP | BPF_K | test), value, if_true,
                  if_false);
}

constexpr sock_filter give(uint32_t result) {
  return BPF_STMT(BPF_RET | BPF_K, result);
}

/// Lets no process leave its group or session.
constexpr std::array<sock_filter, 9> stay_in_group{
  load(offsetof(seccomp_data, arch)),
  jump(BPF_JEQ, own_architecture, 1, 0),
  give(SECCOMP_RET_KILL_PROCESS),
  load(offsetof(seccomp_data, nr)),
  jump(BPF_JGE, other_abi, 2, 0),
  jump(BPF_JEQ, SYS_setsid, 1, 0),
  jump(BPF_JEQ, SYS_setpgid, 0, 1),
  give(SECCOMP_RET_ERRNO | EPERM),
  give(SECCOMP_RET_ALLOW),
};

/// What the child is given, and gives back.
struct child {
  const program_start& how;
  int error = 0;
};

/// A descriptor that is none of the first three.
VMSYSTEM_IN_CHILD int apart(int descriptor) {
  constexpr int first_other = 3;
  return static_cast<int>(syscall(SYS_fcntl, descriptor, F_DUPFD, first_other));
}

VMSYSTEM_IN_CHILD bool put(int descriptor, int place) {
  return syscall(SYS_dup3, descriptor, place, 0) == place;
}

VMSYSTEM_IN_CHILD bool set_descriptors(const program_start& how) {
  const int input = apart(how.input);
  const int output = apart(how.output);
  const int errors = apart(how.errors);
  return input >= 0 && output >= 0 && errors >= 0
         && syscall(SYS_fchdir, how.folder) == 0 && put(input, STDIN_FILENO)
         && put(output, STDOUT_FILENO) && put(errors, STDERR_FILENO)
         && syscall(SYS_close_range, STDERR_FILENO + 1, UINT_MAX, 0) == 0;
}

VMSYSTEM_IN_CHILD bool confine() {
  const sock_fprog filter{static_cast<unsigned short>(stay_in_group.size()),
                          const_cast<sock_filter*>(stay_in_group.data())};
  return syscall(SYS_setpgid, 0, 0) == 0
         && syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
         && syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0,
                    0)
              == 0;
}

// The handlers are reset before a signal can come: ours would run in our
// memory.
VMSYSTEM_IN_CHILD bool set_signals() {
  // The kernel's `sigaction` with nothing in it, and an empty set.
  const std::array<unsigned long, 4> usual{};
  constexpr std::size_t set_bytes = NSIG / CHAR_BIT;
  for (int number = 1; number < NSIG; ++number)
    static_cast<void>(
      syscall(SYS_rt_sigaction, number, usual.data(), nullptr, set_bytes));
  return syscall(SYS_rt_sigprocmask, SIG_SETMASK, usual.data(), nullptr,
                 set_bytes)
         == 0;
}

VMSYSTEM_IN_CHILD int become_program(void* argument) {
  auto& self = *static_cast<child*>(argument);
  const auto& how = self.how;
  if (set_descriptors(how) && confine() && set_signals())
    execve(how.path, how.arguments, how.environment);
  self.error = errno;
  _exit(EXIT_FAILURE);
}

#undef VMSYSTEM_IN_CHILD

} // namespace

// As `posix_spawn` does it: the child runs in our memory, on a stack of its
// own, and this thread waits until it became the program or gave up. A copy of
// this process's mappings, of which sessions have many, would take long.
int start_program(const program_start& how, pid_t& to) {
  const auto stack = std::make_unique<char[]>(child_stack_bytes);
  child started{how};
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  to = clone(become_program, stack.get() + child_stack_bytes,
             CLONE_VM | CLONE_VFORK | SIGCHLD, &started);
  const int error = to < 0 ? errno : started.error;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (to >= 0 && error != 0)
    while (waitpid(to, nullptr, 0) < 0 && errno == EINTR) {}
  return error;
}

} // namespace vmsystem::engine
