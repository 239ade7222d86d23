#include "pg/connection.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/post.hpp>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/verify.hpp"
#include "pg/pool.hpp"

namespace astrotalk::pg {
namespace asio = boost::asio;
namespace {

constexpr std::size_t most_parameters = 64;
constexpr int most_skips =
    1000;  // each round answers at least one of those skipped, so this is never reached in earnest

bool ends_connection(PGresult* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == nullptr) return true;  // made by libpq, not by PostgreSQL: the connection broke
    const std::string_view code = state;
    // Shutting down, crashed, or no longer the primary: another connection may find the one that is.
    return code.starts_with("57P0") || code.starts_with("08") || code == "25006";
}

// Several of a statement that cannot be prepared were under way: the first is told why, the others meet this.
bool is_unprepared(PGresult* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state != nullptr && std::string_view(state) == "26000";
}

}  // namespace

known_statement& statements::find(const statement& s) {
    const auto found = known_.find(s.name);
    if (found != known_.end()) [[likely]]
        return found->second;
    return known_.emplace(s.name, known_statement{s.name, s.sql, known_.size()}).first->second;
}

connection::connection(asio::io_context& on, const connection_settings& with, pool& owner, bool exclusive)
    : context_(on), settings_(with), owner_(owner), exclusive_(exclusive), socket_(on), delay_(on) {}

connection::~connection() { shut(); }

void connection::open(std::chrono::milliseconds delay) {
    opening_ = true;
    delay_.expires_after(delay);
    delay_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
        if (stopped || self->shut_) return;
        self->attempt_ = std::make_shared<connection_attempt>(
            self->context_, self->settings_, [weak = std::weak_ptr(self)](PGconn* made, std::string reason) {
                const auto alive = weak.lock();
                verify(alive != nullptr);
                alive->opening_ = false;
                alive->attempt_.reset();
                if (made != nullptr)
                    alive->connected(made);
                else
                    alive->owner_.failed(reason);
            });
        self->attempt_->start();
    });
}

void connection::connected(PGconn* made) {
    if (!watch(socket_, made)) {
        PQfinish(made);
        return owner_.failed("no file descriptor is left");
    }
    connection_ = made;
    prepared_.assign(prepared_.size(), false);
    clock_offset_ = std::chrono::microseconds(0);
    doomed_ = writing_ = leased = begin_next = false;
    going_ = false;
    up_ = true;
    wait_readable();
    owner_.connected(*this);
}

void connection::shut() {
    shut_ = true;
    up_ = false;
    delay_.cancel();
    if (attempt_) attempt_->cancel();
    attempt_.reset();
    disconnect();
}

void connection::disconnect() {
    if (connection_ == nullptr) return;
    boost::system::error_code ignored;
    socket_.close(ignored);
    PQfinish(std::exchange(connection_, nullptr));
}

void connection::abandon() {
    going_ = true;
    asio::post(context_, [self = shared_from_this(), which = connection_] {
        if (self->shut_ || !self->up_ || self->connection_ != which) return;
        std::vector<operation*> done;
        self->lose(done);
        self->resume(done);
    });
}

bool connection::stuck(steady::time_point now, steady::duration patience) const {
    return up_ && !flight_.empty() && now - progress_ > patience;
}

// Always armed, so that the loss of an idle connection is noticed before a statement meets it.
void connection::wait_readable() {
    socket_.async_wait(stream::wait_read,
                       [self = shared_from_this(), which = connection_](boost::system::error_code stopped) {
                           if (!stopped && self->up_ && self->connection_ == which) self->readable();
                       });
}

void connection::wait_writable() {
    writing_ = true;
    socket_.async_wait(stream::wait_write,
                       [self = shared_from_this(), which = connection_](boost::system::error_code stopped) {
                           if (stopped || !self->up_ || self->connection_ != which) return;
                           self->writing_ = false;
                           self->flush();
                       });
}

void connection::flush() {
    const int left = PQflush(connection_);
    if (left < 0) return abandon();
    if (left > 0 && !writing_) wait_writable();
}

void connection::enqueue(operation& o) {
    batch_.push_back(&o);
    if (flush_scheduled_) return;
    flush_scheduled_ = true;
    asio::post(context_, [self = shared_from_this()] { self->flush_batch(); });
}

void connection::flush_batch() {
    flush_scheduled_ = false;
    if (!up_ || batch_.empty()) return;
    sending_.swap(batch_);
    bool sent = put_clock(), synced = false;
    for (operation* each : sending_) {
        synced = false;
        sent = put(*each) && sent;
        if (each->skipped > 0) {
            sent = put_sync() && sent;
            synced = true;
        }
    }
    sending_.clear();
    if (!synced) sent = put_sync() && sent;
    if (!sent) return abandon();
    flush();
}

void connection::send(operation& o) {
    bool sent = leased && !begin_next ? true : put_clock();
    if (std::exchange(begin_next, false)) sent = sent && put_control("begin", nullptr);
    sent = put(o) && sent;
    sent = put_sync() && sent;
    if (!sent) return abandon();
    flush();
}

// A session setting in a Sync of its own: were it part of a batch that fails, it would be rolled back with
// it.
bool connection::put_clock() {
    const auto offset = clock::offset();
    if (offset == clock_offset_) [[likely]]
        return true;
    clock_offset_ = offset;
    const auto text = fmt::format("{} microseconds", offset.count());
    return put_control("select set_config('astrotalk.clock_offset', $1, false)", text.c_str()) && put_sync();
}

bool connection::put_control(const char* sql, const char* value) {
    if (flight_.empty()) progress_ = steady::now();
    flight_.push_back({kind::control, false, nullptr});
    return PQsendQueryParams(connection_, sql, value == nullptr ? 0 : 1, nullptr, &value, nullptr, nullptr,
                             1) == 1;
}

bool connection::put_sync() {
    flight_.push_back({kind::sync, false, nullptr});
    return PQpipelineSync(connection_) == 1;
}

// The entry is made even when libpq refuses: then the connection is lost, and whatever has an entry is told.
bool connection::put(operation& o) {
    const auto& parameters = o.with->parameters();
    const std::size_t count = parameters.size();
    verify(count <= most_parameters);
    if (flight_.empty()) progress_ = steady::now();
    bool sent = true;
    if (prepared_.size() <= o.what->index) prepared_.resize(o.what->index + 1, false);
    if (!prepared_[o.what->index]) {
        Oid types[most_parameters];
        for (std::size_t i = 0; i < count; ++i) types[i] = parameters[i].type;
        flight_.push_back({kind::prepare, false, &o});
        sent = PQsendPrepare(connection_, o.what->name, o.what->sql, static_cast<int>(count), types) == 1;
        prepared_[o.what->index] = true;
    }
    const char* values[most_parameters];
    int lengths[most_parameters], formats[most_parameters];
    for (std::size_t i = 0; i < count; ++i) {
        const auto& each = parameters[i];
        values[i] = each.length < 0 ? nullptr : o.with->text() + each.offset;
        lengths[i] = each.length;
        formats[i] = each.format;
    }
    flight_.push_back({kind::query, false, &o});
    return sent && PQsendQueryPrepared(connection_, o.what->name, static_cast<int>(count), values, lengths,
                                       formats, 1) == 1;
}

void connection::readable() {
    const auto self = shared_from_this();
    std::vector<operation*> done;
    done.swap(done_);  // keeps its memory from one turn to the next
    progress_ = steady::now();
    bool alive = PQconsumeInput(connection_) == 1;
    drain(done);
    // Bytes that OpenSSL has already taken from the socket wake nobody.
    while (alive && PQsslInUse(connection_) != 0) {
        auto* tls = static_cast<SSL*>(PQsslStruct(connection_, "OpenSSL"));
        if (tls == nullptr || SSL_pending(tls) == 0) break;
        alive = PQconsumeInput(connection_) == 1;
        drain(done);
    }
    if (!alive || doomed_ || PQstatus(connection_) == CONNECTION_BAD) {
        lose(done);
    } else {
        wait_readable();
        if (exclusive_ && flight_.empty() && !leased) owner_.free(*this);
    }
    resume(done);
    done.clear();
    if (done_.empty()) done_.swap(done);
}

void connection::resume(std::vector<operation*>& done) {
    for (operation* each : done) each->waiting.resume();
}

// Takes every answer that has arrived whole. libpq separates answers by null.
void connection::drain(std::vector<operation*>& done) {
    while (!flight_.empty() && PQisBusy(connection_) == 0) {
        PGresult* result = PQgetResult(connection_);
        entry& front = flight_.front();
        if (result == nullptr) {
            if (!front.answered) return;
            if (front.what == kind::sync)
                front.answered = false;  // that was why the commit failed; the Sync itself is to come
            else
                flight_.pop_front();
        } else if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            flight_.pop_front();
            if (uncommitted_ != nullptr) done.push_back(std::exchange(uncommitted_, nullptr));
        } else if (front.answered) {
            PQclear(result);
            doomed_ = true;  // more than one answer to one statement: we have lost count
            return;
        } else {
            front.answered = true;
            take(front, result, done);
        }
    }
}

void connection::take(entry& front, PGresult* result, std::vector<operation*>& done) {
    const auto status = PQresultStatus(result);
    const bool skipped = status == PGRES_PIPELINE_ABORTED;
    const bool well = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    operation* const op = front.op;
    if (!well && !skipped && ends_connection(result)) doomed_ = true;
    if (front.what == kind::query && !skipped) {
        if (!well && !exclusive_ && op->skipped < most_skips && is_unprepared(result)) {
            prepared_[op->what->index] = false;
            ++op->skipped;
            enqueue(*op);
            return PQclear(result);
        }
        op->answer = result;
        // A write is done when its transaction is: PostgreSQL may hand out the rows and then not commit,
        // because a deferred constraint fails or the session is ended just then.
        if (exclusive_)
            uncommitted_ = op;
        else
            done.push_back(op);
        return;
    }
    if (front.what == kind::sync && uncommitted_ != nullptr && !skipped && !well) {
        PQclear(std::exchange(uncommitted_->answer, result));
        return;
    }
    if (front.what == kind::prepare && !well) {
        prepared_[op->what->index] = false;
        if (!skipped) {
            op->answer = result;  // the query is going to be skipped, and this is why
            return;
        }
    } else if (front.what == kind::query) {
        if (op->answer != nullptr) {
            done.push_back(op);
        } else if (exclusive_) {
            op->lost = true;  // BEGIN itself failed, and nothing ran
            doomed_ = true;
            done.push_back(op);
        } else {
            ++op->skipped;
            enqueue(*op);
        }
    } else if (front.what == kind::control && !well) {
        log::warning("pg.control_failed", {{"error", log::text(PQresultErrorMessage(result))}});
        doomed_ = true;
    }
    PQclear(result);
}

void connection::lose(std::vector<operation*>& done) {
    up_ = false;
    disconnect();
    const auto forget = [&](operation* op) {
        if (op->answer != nullptr) PQclear(std::exchange(op->answer, nullptr));
        op->lost = true;
        done.push_back(op);
    };
    for (const auto& each : flight_)
        if (each.what == kind::query && !each.answered) forget(each.op);
    if (uncommitted_ != nullptr) forget(std::exchange(uncommitted_, nullptr));
    for (operation* each : batch_) forget(each);
    flight_.clear();
    batch_.clear();
    owner_.lost(*this);
}

}  // namespace astrotalk::pg
