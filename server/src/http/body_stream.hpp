// A body that is sent as it comes about, such as server-sent events.
//
// There is no queue: `write` resumes when the connection has taken everything, so who writes is as slow as
// who reads, and one who does not read for `server_options::write_time` is gone. A stream ends when its
// writer returns; it should soon after `open` says no: the client went, or the server is stopping.
//
// Thread safety: none; it belongs to the connection's loop. Lifetime: until the writer returns.
#pragma once

#include <string>

#include "core/loop.hpp"

namespace astrotalk::http {

class body_stream {
  public:
    virtual ~body_stream() = default;
    // False when the stream has ended: this piece, and any other, may not have arrived.
    virtual task<bool> write(std::string piece) = 0;
    virtual bool open() const = 0;

    // What a writer waits on between pieces. Set by whoever has news for it, and when the stream ends.
    event& changed() { return changed_; }

  private:
    event changed_;
};

}  // namespace astrotalk::http
