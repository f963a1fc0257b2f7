#include "vmsystem/app/process.hpp"

#include <csignal>
#include <thread>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace vmsystem {

namespace {

constexpr std::size_t thread_stack_bytes = 16u << 20;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

int wait_for(const sigset_t& set) {
  int number = 0;
  while (sigwait(&set, &number) != 0) {}
  return number;
}

} // namespace

void set_up_process() {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) == 0) {
    if (pthread_attr_setstacksize(&attributes, thread_stack_bytes) == 0)
      pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
  }
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void block_stop_signals() {
  const auto set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int wait_for_stop_signal() {
  return wait_for(stop_signals());
}

void block_hangup_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int wait_for_stop_signal(const std::function<void()>& on_hangup) {
  auto set = stop_signals();
  sigaddset(&set, SIGHUP);
  for (;;) {
    const int number = wait_for(set);
    if (number != SIGHUP)
      return number;
    on_hangup();
  }
}

void exit_on_stop_signal() {
  std::thread{[] { _exit(128 + wait_for_stop_signal()); }}.detach();
}

const std::atomic<bool>& watch_for_stop() {
  static std::atomic<bool> stopped{false};
  std::thread{[] {
    wait_for_stop_signal();
    stopped = true;
    exit_on_stop_signal();
  }}.detach();
  return stopped;
}

} // namespace vmsystem
