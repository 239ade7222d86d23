#include "core/watched_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

namespace astrotalk {

bool watched_files::changed() {
    std::string now;
    for (const auto& path : paths_) {
        struct ::stat at{};
        if (::stat(path.c_str(), &at) == 0)
            now += fmt::format("{}:{}:{}.{};", at.st_ino, at.st_size, at.st_mtim.tv_sec, at.st_mtim.tv_nsec);
    }
    const bool differs = !std::exchange(seen_, true) || now != stamp_;
    stamp_ = std::move(now);
    return differs;
}

}  // namespace astrotalk
