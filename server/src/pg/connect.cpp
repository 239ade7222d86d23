#include "pg/connect.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

namespace astrotalk::pg {
namespace asio = boost::asio;
namespace {

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    for (;;) {
        const auto comma = list.find(',', from);
        parts.push_back(list.substr(from, comma - from));
        if (comma == std::string::npos) return parts;
        from = comma + 1;
    }
}

std::string join(const std::vector<std::string>& parts) {
    std::string list;
    for (std::size_t i = 0; i < parts.size(); ++i) (i == 0 ? list : list += ',') += parts[i];
    return list;
}

// A socket's folder, or libpq's own default: nothing to resolve.
bool is_local(const std::string& host) { return host.empty() || host.front() == '/' || host.front() == '@'; }

}  // namespace

connection_settings::connection_settings(const options& how) : timeout(how.connect_timeout) {
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
        PQconninfoParse(how.url.c_str(), &message), &PQconninfoFree);
    if (message != nullptr) PQfreemem(message);
    if (!parsed) throw std::invalid_argument("DATABASE_URL is not a PostgreSQL connection string");
    std::string host, port, server_options;
    for (const auto* each = parsed.get(); each->keyword != nullptr; ++each) {
        if (each->val == nullptr) continue;
        const std::string_view keyword = each->keyword;
        if (keyword == "host")
            host = each->val;
        else if (keyword == "hostaddr")
            hostaddr = each->val;
        else if (keyword == "port")
            port = each->val;
        else if (keyword == "options")
            server_options = std::string(each->val) + " ";
        else
            keywords.emplace_back(each->keyword, each->val);
    }
    server_options += fmt::format("-c statement_timeout={} -c idle_in_transaction_session_timeout=15000",
                                  how.statement_timeout.count());
    // Every statement has its index. A plan made while a table was empty would read all of it when it is
    // full, until the next ANALYZE.
    server_options += " -c client_min_messages=error -c timezone=UTC -c jit=off -c enable_seqscan=off";
    const std::pair<const char*, std::string> defaults[] = {
        {"options", server_options},   {"client_encoding", "UTF8"},  {"application_name", "astrotalk"},
        {"keepalives_idle", "10"},     {"keepalives_interval", "5"}, {"keepalives_count", "3"},
        {"tcp_user_timeout", "10000"}, {"gssencmode", "disable"},
    };
    for (const auto& [keyword, value] : defaults) {
        const auto same = [&](const auto& given) { return given.first == keyword; };
        if (std::none_of(keywords.begin(), keywords.end(), same)) keywords.emplace_back(keyword, value);
    }
    hosts = split(host);
    ports = split(port);
    if (ports.size() == 1) ports.resize(hosts.size(), ports.front());
    if (ports.size() != hosts.size()) throw std::invalid_argument("DATABASE_URL has not one port per host");
}

connection_attempt::connection_attempt(asio::io_context& on, const connection_settings& with, handler done)
    : settings_(with), done_(std::move(done)), resolver_(on), deadline_(on), socket_(on) {}

connection_attempt::~connection_attempt() {
    if (connection_ != nullptr) PQfinish(connection_);
}

void connection_attempt::start() {
    deadline_.expires_after(settings_.timeout);
    deadline_.async_wait([self = shared_from_this()](boost::system::error_code failed) {
        if (!failed) self->fail("no connection in time");
    });
    resolve_next();
}

void connection_attempt::cancel() {
    done_ = nullptr;
    stop_waiting();
}

void connection_attempt::stop_waiting() {
    deadline_.cancel();
    resolver_.cancel();
    boost::system::error_code ignored;
    socket_.close(ignored);
}

// Goes over the hosts one by one; each gives one entry per address, as libpq tries them in order.
void connection_attempt::resolve_next() {
    for (; resolved_ < settings_.hosts.size(); ++resolved_) {
        const std::string& host = settings_.hosts[resolved_];
        const std::string& port = settings_.ports[resolved_];
        if (is_local(host) || !settings_.hostaddr.empty()) {
            hosts_.push_back(host);
            addresses_.emplace_back();
            ports_.push_back(port);
            continue;
        }
        resolver_.async_resolve(host, "",
                                [self = shared_from_this()](boost::system::error_code failed, auto found) {
                                    if (!self->done_ || self->finished_) return;
                                    if (failed && self->settings_.hosts.size() == 1)
                                        return self->fail(failed.message());
                                    for (const auto& each : found) {
                                        const auto address = each.endpoint().address().to_string();
                                        auto& known = self->addresses_;
                                        if (std::find(known.begin(), known.end(), address) != known.end())
                                            continue;
                                        self->hosts_.push_back(self->settings_.hosts[self->resolved_]);
                                        known.push_back(address);
                                        self->ports_.push_back(self->settings_.ports[self->resolved_]);
                                    }
                                    ++self->resolved_;
                                    self->resolve_next();
                                });
        return;
    }
    begin();
}

void connection_attempt::begin() {
    std::vector<std::pair<std::string, std::string>> all = settings_.keywords;
    if (hosts_.empty()) return fail("no host has an address");
    if (hosts_.size() > 1 || !hosts_.front().empty()) all.emplace_back("host", join(hosts_));
    const auto addresses = settings_.hostaddr.empty() ? join(addresses_) : settings_.hostaddr;
    if (addresses.find_first_not_of(',') != std::string::npos) all.emplace_back("hostaddr", addresses);
    const auto ports = join(ports_);
    if (ports.find_first_not_of(',') != std::string::npos) all.emplace_back("port", ports);
    std::vector<const char*> keywords, values;
    for (const auto& [keyword, value] : all) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    connection_ = PQconnectStartParams(keywords.data(), values.data(), 0);
    if (connection_ == nullptr) return fail("out of memory");
    PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
    if (PQstatus(connection_) == CONNECTION_BAD) return fail(PQerrorMessage(connection_));
    wait_for(stream::wait_write);
}

// By `dup`, not F_DUPFD_CLOEXEC, which the thread sanitizer does not see: it then takes the number for the
// descriptor that another thread closed. Nothing here forks.
bool watch(stream& waiter, const PGconn* of) {
    boost::system::error_code failed;
    waiter.close(failed);
    const int duplicate = ::dup(PQsocket(of));
    if (duplicate < 0) return false;
    ::fcntl(duplicate, F_SETFD, FD_CLOEXEC);
    waiter.assign(duplicate, failed);
    if (failed) ::close(duplicate);
    return !failed;
}

void connection_attempt::wait_for(asio::posix::descriptor_base::wait_type what) {
    if (!watch(socket_, connection_)) return fail("no file descriptor is left");
    socket_.async_wait(what, [self = shared_from_this()](boost::system::error_code stopped) {
        if (!stopped && !self->finished_ && self->done_) self->poll();
    });
}

void connection_attempt::poll() {
    switch (PQconnectPoll(connection_)) {
        case PGRES_POLLING_READING: return wait_for(stream::wait_read);
        case PGRES_POLLING_WRITING: return wait_for(stream::wait_write);
        case PGRES_POLLING_OK:
            if (PQsetnonblocking(connection_, 1) != 0 || PQenterPipelineMode(connection_) != 1) break;
            return finish(true, {});
        default: break;
    }
    fail(PQerrorMessage(connection_));
}

void connection_attempt::fail(std::string reason) {
    while (!reason.empty() && reason.back() == '\n') reason.pop_back();
    finish(false, std::move(reason));
}

void connection_attempt::finish(bool made, std::string reason) {
    if (!done_ || finished_) return;
    finished_ = true;
    stop_waiting();
    asio::post(resolver_.get_executor(), [self = shared_from_this(), made, reason = std::move(reason)] {
        if (auto done = std::exchange(self->done_, nullptr))
            done(made ? std::exchange(self->connection_, nullptr) : nullptr, reason);
    });
}

}  // namespace astrotalk::pg
