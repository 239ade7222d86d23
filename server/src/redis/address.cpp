#include <boost/url.hpp>
#include <charconv>

#include "redis/redis.hpp"

namespace astrotalk::redis {
namespace {

// All of it, and within the type.
template <class Number>
bool read_number(std::string_view text, Number& into) {
    const char* const end = text.data() + text.size();
    const auto [read, fault] = std::from_chars(text.data(), end, into);
    return fault == std::errc() && read == end;
}

}  // namespace

std::optional<address> address::parse(std::string_view url) {
    const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
    if (!parsed || parsed->has_query() || parsed->has_fragment()) return std::nullopt;
    address at;
    at.tls = parsed->scheme() == "rediss";
    if (!at.tls && parsed->scheme() != "redis") return std::nullopt;
    // An IPv6 address comes without its brackets.
    at.host = parsed->host_address();
    if (at.host.empty()) return std::nullopt;
    const std::string port = parsed->port();
    if (parsed->has_port() && (!read_number(port, at.port) || at.port == 0)) return std::nullopt;
    at.user = parsed->user();
    at.password = secret(parsed->password());
    if (!at.user.empty() && at.password.empty()) return std::nullopt;
    const std::string path = parsed->path();
    if (path.empty() || path == "/") return at;
    if (!read_number(std::string_view(path).substr(1), at.database) || at.database < 0) return std::nullopt;
    return at;
}

}  // namespace astrotalk::redis
