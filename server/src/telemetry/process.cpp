#include "telemetry/process.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string_view>

namespace astrotalk::telemetry {
namespace {

void append(std::string& out, std::string_view name, std::string_view type, std::string_view help,
            double value) {
    fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n{} {}\n", name, help, name, type,
                   name, value);
}

double open_descriptors() {
    DIR* const directory = opendir("/proc/self/fd");
    if (!directory) return -1;
    double count = -3;  // ".", ".." and the directory itself
    while (readdir(directory)) ++count;
    closedir(directory);
    return count;
}

double boot_time() {
    std::ifstream stat("/proc/stat");
    std::string word;
    double seconds = -1;
    while (stat >> word)
        if (word == "btime" && stat >> seconds) return seconds;
    return -1;
}

// The fields after the command name, which may itself hold spaces and brackets (proc(5)). The first is
// field 3.
std::istringstream fields_after_name() {
    std::ifstream stat("/proc/self/stat");
    std::string line;
    std::getline(stat, line);
    const auto end = line.rfind(')');
    return std::istringstream(end == std::string::npos ? std::string() : line.substr(end + 1));
}

}  // namespace

void append_process_metrics(std::string& out) {
    auto fields = fields_after_name();
    std::string skipped;
    double user = 0, system = 0, threads = 0, start = 0, virtual_bytes = 0, resident_pages = 0;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    fields >> user >> system;
    for (int field = 16; field < 20; ++field) fields >> skipped;
    fields >> threads >> skipped >> start >> virtual_bytes >> resident_pages;
    if (fields) {
        static const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
        static const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
        static const double booted = boot_time();
        append(out, "process_cpu_seconds_total", "counter", "User and system CPU time.",
               (user + system) / ticks);
        append(out, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_pages * page);
        append(out, "process_virtual_memory_bytes", "gauge", "Virtual memory.", virtual_bytes);
        append(out, "process_threads", "gauge", "Threads.", threads);
        if (booted > 0)
            append(out, "process_start_time_seconds", "gauge", "Start time since the epoch.",
                   booted + start / ticks);
    }
    if (const double open = open_descriptors(); open >= 0)
        append(out, "process_open_fds", "gauge", "Open file descriptors.", open);
    if (rlimit limit{}; getrlimit(RLIMIT_NOFILE, &limit) == 0)
        append(out, "process_max_fds", "gauge", "Limit of open file descriptors.",
               static_cast<double>(limit.rlim_cur));
}

}  // namespace astrotalk::telemetry
