#include "pg/pool.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <random>

#include "core/log.hpp"

namespace astrotalk::pg {
namespace asio = boost::asio;
using namespace std::chrono_literals;

std::chrono::milliseconds backoff(int attempt, std::chrono::milliseconds base,
                                  std::chrono::milliseconds cap) {
    thread_local std::minstd_rand random(std::random_device{}());
    const auto most = std::min(cap.count(), base.count() << std::min(attempt, 20));
    return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(0, most)(random));
}

pool::pool(asio::io_context& on, const connection_settings& with, pooling how, int size,
           std::size_t queue_limit, statements& known)
    : context_(on), settings_(with), how_(how), queue_limit_(queue_limit), known_(known) {
    for (int i = 0; i < size; ++i) connections_.push_back(make());
    grow();
}

std::shared_ptr<connection> pool::make() {
    return std::make_shared<connection>(context_, settings_, *this, how_ == pooling::exclusive);
}

pool::~pool() {
    for (const auto& each : connections_) each->shut();
}

bool pool::submit(operation& o) {
    if (stopped_ || away_) return false;
    if (how_ == pooling::pipelined) {
        if (connection* const chosen = least_loaded()) {
            if (chosen->load() >= queue_limit_) return false;
            chosen->enqueue(o);
            return true;
        }
    }
    while (!idle_.empty()) {
        connection* const chosen = idle_.back();
        idle_.pop_back();
        if (!chosen->up()) continue;
        give(*chosen, o);
        return true;
    }
    if (waiting_.size() >= queue_limit_) return false;
    o.queued = steady::now();
    waiting_.push_back(&o);
    grow();
    return true;
}

void pool::give(connection& to, operation& o) {
    if (o.what != nullptr) return to.send(o);
    to.leased = true;
    o.granted = to.shared_from_this();
    asio::post(context_, [&o] { o.waiting.resume(); });
}

void pool::free(connection& idle) {
    if (waiting_.empty()) {
        idle_.push_back(&idle);
        return;
    }
    operation& next = *waiting_.front();
    waiting_.pop_front();
    give(idle, next);
}

void pool::release(connection& kept) {
    if (!kept.up() || !kept.leased) return;  // lost meanwhile
    kept.leased = kept.begin_next = false;
    free(kept);
}

connection* pool::least_loaded() {
    connection* best = nullptr;
    for (const auto& each : connections_)
        if (each->up() && (best == nullptr || each->load() < best->load())) best = each.get();
    return best;
}

bool pool::busy() const {
    if (!waiting_.empty()) return true;
    const auto under_way = [](const auto& each) { return each->up() && (each->leased || each->load() > 0); };
    return std::any_of(connections_.begin(), connections_.end(), under_way);
}

// Opens what is missing: while away one connection, else as many as there is work for.
void pool::grow() {
    if (stopped_ && waiting_.empty()) return;
    std::size_t opening = 0;
    for (const auto& each : connections_) opening += each->opening() ? 1 : 0;
    std::size_t wanted = 1;
    if (!away_ && how_ == pooling::pipelined) wanted = connections_.size();
    if (!away_ && how_ == pooling::exclusive) wanted = std::max(wanted, up_ - idle_.size() + waiting_.size());
    for (const auto& each : connections_) {
        if (up_ + opening >= wanted) return;
        if (each->up() || each->opening()) continue;
        each->open(failures_ == 0 ? 0ms : backoff(failures_, 25ms, 2000ms));
        ++opening;
    }
}

void pool::connected(connection& made) {
    ++up_;
    failures_ = 0;
    if (std::exchange(away_, false)) log::info("pg.back");
    if (how_ == pooling::exclusive) {
        free(made);
    } else {
        for (operation* each : std::exchange(waiting_, {})) made.enqueue(*each);
    }
    grow();
}

void pool::failed(const std::string& reason) {
    ++failures_;
    if (up_ == 0) {
        if (!std::exchange(away_, true)) log::warning("pg.away", {{"reason", log::text(reason)}});
        refuse_waiting();
    }
    grow();
}

void pool::lost(connection& gone) {
    --up_;
    std::erase(idle_, &gone);
    // A transaction still holds this one, and must never see it come up again as somebody else's.
    if (gone.leased)
        for (auto& each : connections_)
            if (each.get() == &gone) each = make();
    log::warning("pg.connection_lost", {{"left", up_}});
    // At least one failure is counted, so that a server that accepts and drops is not stormed.
    failures_ = std::max(failures_, 1);
    grow();
}

void pool::refuse_waiting() {
    for (operation* each : std::exchange(waiting_, {})) resume_lost(*each);
}

void pool::resume_lost(operation& o) {
    o.lost = true;
    asio::post(context_, [&o] { o.waiting.resume(); });
}

void pool::watch(steady::time_point now, steady::duration patience) {
    for (const auto& each : connections_)
        if (each->stuck(now, patience)) each->abandon();
    while (!waiting_.empty() && now - waiting_.front()->queued > patience) {
        resume_lost(*waiting_.front());
        waiting_.pop_front();
    }
}

}  // namespace astrotalk::pg
