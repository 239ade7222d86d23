// Where an internet address is, as far as a database tells that the operator supplies: any in MaxMind's
// format (https://maxmind.github.io/MaxMind-DB/) with cities or countries, such as GeoLite2 or DB-IP Lite.
//
// `find` may be called from any thread, `reload` by one. Errors: the constructor and `reload` throw
// std::runtime_error for a file that is no such database, with a message for the operator; what is not known
// is empty.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "core/watched_files.hpp"

struct MMDB_s;

namespace astrotalk::geo {

// In English, as the database writes them.
struct location {
    std::string city, country;
};

class atlas {
  public:
    explicit atlas(std::string file);

    // Of an IPv4 or IPv6 address.
    location find(const std::string& address) const;
    // Opens the file anew when it has changed, or when `always`. True when it did; when the file is no good,
    // throws, and what was open stays. The file is replaced by renaming: it is mapped, not read.
    bool reload(bool always);

  private:
    watched_files file_;
    mutable std::mutex mutex_;  // of `current_`
    std::shared_ptr<const MMDB_s> current_;
};

}  // namespace astrotalk::geo
