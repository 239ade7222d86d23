// The connections of one kind that a client has. Inside pg only.
//
// They open as they are needed (pipelined ones all at once), and again after a loss, in the background, with
// full jitter. While none is up and an attempt has failed, the pool is away: everything is refused at once,
// and one connection keeps trying.
#pragma once

#include "pg/connection.hpp"

namespace astrotalk::pg {

enum class pooling { pipelined, exclusive };

class pool {
  public:
    pool(boost::asio::io_context& on, const connection_settings& with, pooling how, int size,
         std::size_t queue_limit, statements& known);
    ~pool();

    // Takes the operation on, or says no at once. It resumes answered or lost, never from within this call.
    bool submit(operation& o);
    // Ends a lease.
    void release(connection& kept);

    bool up() const { return up_ > 0; }
    bool busy() const;
    // New operations are refused.
    void stop() { stopped_ = true; }
    // Gives up on what has waited longer than `patience`, on connections and in the queue.
    void watch(steady::time_point now, steady::duration patience);
    statements& known() { return known_; }

    // Told by the connections.
    void connected(connection& made);
    void failed(const std::string& reason);
    void lost(connection& gone);
    void free(connection& idle);

  private:
    std::shared_ptr<connection> make();
    void give(connection& to, operation& o);
    connection* least_loaded();
    void grow();
    void refuse_waiting();
    void resume_lost(operation& o);

    boost::asio::io_context& context_;
    const connection_settings& settings_;
    const pooling how_;
    const std::size_t queue_limit_;
    statements& known_;
    std::vector<std::shared_ptr<connection>> connections_;
    std::vector<connection*> idle_;  // exclusive: the last used first, so that the others may rest
    std::deque<operation*> waiting_;
    std::size_t up_ = 0;
    int failures_ = 0;
    bool away_ = false, stopped_ = false;
};

// A random duration up to `base` doubled `attempt` times, at most `cap` (full jitter).
std::chrono::milliseconds backoff(int attempt, std::chrono::milliseconds base, std::chrono::milliseconds cap);

}  // namespace astrotalk::pg
