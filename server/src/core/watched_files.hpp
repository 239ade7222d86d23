// Whether files on disk are others than those that were read last. Not thread-safe.
#pragma once

#include <string>
#include <vector>

namespace astrotalk {

class watched_files {
  public:
    explicit watched_files(std::vector<std::string> paths) : paths_(std::move(paths)) {}

    const std::string& path(std::size_t i) const { return paths_[i]; }
    // True the first time, and whenever one of them was written or replaced since the last call.
    bool changed();

  private:
    std::vector<std::string> paths_;
    std::string stamp_;
    bool seen_ = false;
};

}  // namespace astrotalk
