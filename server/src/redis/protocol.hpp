// Redis's protocol (RESP), by hiredis. Pure. Inside redis only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/redis.hpp"

struct redisReader;

namespace astrotalk::redis {

void append_command(std::string& out, const std::vector<std::string>& command);

class reply_reader {
  public:
    reply_reader();

    void feed(std::string_view received);
    // The next whole reply, or nothing yet. Throws std::runtime_error when what came is not the protocol.
    std::optional<reply> next();

  private:
    struct freed {
        void operator()(redisReader* reader) const;
    };
    std::unique_ptr<redisReader, freed> reader_;
};

}  // namespace astrotalk::redis
